use std::convert::Infallible;
use std::time::{Duration, Instant};

use super::IvpMember;
use super::ensemble::Ensemble;
use super::rows::{Row, Rows};
use crate::integrate::solve_ivp::drive::{MAX_LANES, Members};
use crate::integrate::solve_ivp::outputs::Outputs;
use crate::integrate::solve_ivp::rhs::{RightHandSide, Source};
use crate::integrate::solve_ivp::solution::IvpStatus;
use crate::integrate::solve_ivp::stepper::{Start, Stepper};

/// Time after which a worker asks whether to go on, also where no member ends.
const PATIENCE: Duration = Duration::from_millis(20);
/// Accepted steps after which it looks at the clock.
const GLANCE: usize = 64;

/// One stepper's share of an ensemble.
pub(super) struct Worker<'w, 'a, R: RightHandSide> {
    ensemble: &'w Ensemble<'a, R>,
    /// The right-hand side, and the Jacobian if there is one.
    sources: [Option<&'w dyn Source<Error = R::Error>>; 2],
    /// Members that wait for a lane.
    waiting: Rows<'a>,
    lanes: [Option<Lane<'a>>; MAX_LANES],
    width: usize,
    steps: usize,
    asked: Instant,
    state: Vec<f64>,
}

/// The member in a lane.
struct Lane<'a> {
    row: Row<'a>,
    outputs: Outputs<'a>,
}

impl<'w, 'a, R: RightHandSide> Worker<'w, 'a, R> {
    pub(super) fn new(
        ensemble: &'w Ensemble<'a, R>,
        sources: [Option<&'w dyn Source<Error = R::Error>>; 2],
    ) -> Self {
        let worker = Self {
            ensemble,
            sources,
            waiting: Rows::default(),
            lanes: Default::default(),
            width: ensemble.width(),
            steps: 0,
            asked: Instant::now(),
            state: vec![0.0; ensemble.components()],
        };
        (0..MAX_LANES).for_each(|lane| worker.set_busy(lane, false));
        worker
    }

    fn set_busy(&self, lane: usize, busy: bool) {
        for source in self.sources.iter().flatten() {
            source.set_busy(lane, busy);
        }
    }

    /// Ends the members under way after the right-hand side has stopped the kernel.
    pub(super) fn halt<S: Stepper>(&mut self, stepper: &S) {
        for lane in 0..stepper.lanes() {
            self.end(stepper, lane, IvpStatus::Stopped);
        }
    }

    /// Gives up the members that wait.
    pub(super) fn abandon(self) {
        self.waiting.abandon();
    }
}

impl<R: RightHandSide> Members for Worker<'_, '_, R> {
    type Error = Infallible;

    fn next(&mut self, lane: usize) -> Option<Start<'_>> {
        if lane >= self.width || self.ensemble.watch.stopped() {
            return None;
        }
        let row = self.waiting.pop().or_else(|| {
            self.waiting = self.ensemble.claim();
            self.waiting.pop()
        })?;
        let start = self.ensemble.start(row.index);
        let (times, span) = (self.ensemble.times, (start.t, start.t_end));
        let outputs = Outputs::start(times, span, start.y, |k, y| put(row.y, times.len(), k, y));
        self.lanes[lane] = Some(Lane { row, outputs });
        self.set_busy(lane, true);
        Some(start)
    }

    fn inspect<S: Stepper>(&mut self, stepper: &S, lane: usize) -> Result<bool, Infallible> {
        self.steps += 1;
        if self.steps.is_multiple_of(GLANCE) && self.asked.elapsed() > PATIENCE {
            self.ensemble.watch.poll();
            self.asked = Instant::now();
        }
        let member = self.lanes[lane].as_ref();
        Ok(member.is_some_and(|member| member.outputs.inside(stepper.t(lane))))
    }

    fn record<S: Stepper>(
        &mut self,
        stepper: &S,
        lane: usize,
    ) -> Result<Option<IvpStatus>, Infallible> {
        let count = self.ensemble.times.len();
        let t = stepper.t(lane);
        if let Some(Lane { row, outputs }) = &mut self.lanes[lane] {
            outputs.fill(stepper, lane, t, &mut self.state, |k, y| {
                put(row.y, count, k, y)
            });
        }
        let stopped = self.ensemble.watch.stopped() && t != self.ensemble.end();
        Ok(stopped.then_some(IvpStatus::NotRun))
    }

    fn end<S: Stepper>(&mut self, stepper: &S, lane: usize, status: IvpStatus) {
        let Some(Lane { mut row, outputs }) = self.lanes[lane].take() else {
            return;
        };
        self.set_busy(lane, false);
        if status == IvpStatus::NotRun {
            return row.abandon();
        }
        let counts = stepper.counts(lane);
        *row.member = IvpMember {
            status,
            t: stepper.t(lane),
            nfev: counts.evaluations,
            njev: counts.jacobians,
            nlu: counts.decompositions,
            accepted: counts.accepted,
            rejected: counts.rejected,
            stiff: counts.stiff,
        };
        let count = self.ensemble.times.len();
        if count > 0 {
            for component in row.y.chunks_exact_mut(count) {
                component[outputs.reached()..].fill(f64::NAN);
            }
        }
        self.ensemble.watch.end();
    }
}

/// Puts the state `y` into column `k` of `count`.
fn put(row: &mut [f64], count: usize, k: usize, y: &[f64]) {
    for (component, &y) in row.chunks_exact_mut(count).zip(y) {
        component[k] = y;
    }
}
