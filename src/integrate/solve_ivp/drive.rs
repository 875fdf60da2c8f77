//! The loop that all integrations share, of one member or many.

use super::solution::IvpStatus;
use super::stepper::{Attempt, Breakdown, Rhs, Start, Stepper, Stopped};

/// Most lanes of a method.
pub(super) const MAX_LANES: usize = 8;

/// Why the loop ended early.
#[derive(Debug)]
pub(super) enum Halt<E> {
    /// The right-hand side asked to stop; its reason is kept behind its `ctx`.
    Stopped,
    /// `Members` returned an error.
    Error(E),
}

impl<E> From<Stopped> for Halt<E> {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Those who wait for a lane, and what is kept of each.
///
/// Per lane the calls are `next`, then `inspect` and `record` after each accepted step, then
/// `end`.
pub(super) trait Members {
    /// What ends the whole loop.
    type Error;

    /// The member that enters `lane`; `None`: nobody is left.
    fn next(&mut self, lane: usize) -> Option<Start<'_>>;

    /// Looks at the accepted step of `lane`; `true` asks for its interpolant.
    fn inspect<S: Stepper>(&mut self, stepper: &S, lane: usize) -> Result<bool, Self::Error>;

    /// Takes what it wants of the accepted step of `lane`, whose interpolant is ready if it was
    /// asked for; `Some` ends the member.
    fn record<S: Stepper>(
        &mut self,
        stepper: &S,
        lane: usize,
    ) -> Result<Option<IvpStatus>, Self::Error>;

    /// The member leaves `lane`; the counts of its work are still there.
    fn end<S: Stepper>(&mut self, stepper: &S, lane: usize, status: IvpStatus);
}

/// Runs members through the lanes of `stepper` until none is left. Allocates nothing.
pub(super) fn drive<S: Stepper, M: Members>(
    stepper: &mut S,
    rhs: &Rhs,
    members: &mut M,
    max_steps: Option<usize>,
) -> Result<(), Halt<M::Error>> {
    let lanes = stepper.lanes();
    let mut outcome = [Attempt::Idle; MAX_LANES];
    let mut wanted = [false; MAX_LANES];
    let mut tries = [0; MAX_LANES];
    let mut ends = [0.0; MAX_LANES];
    let mut busy = 0;
    for (lane, end) in ends[..lanes].iter_mut().enumerate() {
        if let Some(start) = members.next(lane) {
            *end = start.t_end;
            stepper.load(lane, &start);
            busy += 1;
        }
    }
    while busy > 0 {
        stepper.attempt(rhs, &mut outcome[..lanes])?;
        for lane in 0..lanes {
            wanted[lane] = outcome[lane] == Attempt::Accepted
                && members.inspect(stepper, lane).map_err(Halt::Error)?;
        }
        if wanted[..lanes].contains(&true) {
            stepper.prepare(rhs, &wanted[..lanes])?;
        }
        for lane in 0..lanes {
            let mut status = match outcome[lane] {
                Attempt::Idle => continue,
                Attempt::Rejected => None,
                Attempt::Failed(breakdown) => Some(breakdown.into()),
                Attempt::Accepted => {
                    let ended = members.record(stepper, lane).map_err(Halt::Error)?;
                    let there = stepper.t(lane) == ends[lane];
                    ended.or(there.then_some(IvpStatus::Finished))
                }
            };
            tries[lane] += 1;
            if max_steps.is_some_and(|most| tries[lane] >= most) {
                status = status.or(Some(IvpStatus::MaxSteps));
            }
            let Some(status) = status else { continue };
            members.end(stepper, lane, status);
            stepper.clear(lane);
            busy -= 1;
            if let Some(start) = members.next(lane) {
                (ends[lane], tries[lane]) = (start.t_end, 0);
                stepper.load(lane, &start);
                busy += 1;
            }
        }
    }
    Ok(())
}

impl From<Breakdown> for IvpStatus {
    fn from(breakdown: Breakdown) -> Self {
        match breakdown {
            Breakdown::StepTooSmall => Self::StepTooSmall,
            Breakdown::NotFinite => Self::NotFinite,
            Breakdown::Singular => Self::Singular,
        }
    }
}
