//! RADAU5 for stiff problems.

mod lanes;

use std::ptr;

use super::stepper::{Attempt, Breakdown, Counts, Rhs, Start, Stepper, Stopped};
use crate::ffi;

pub(super) use lanes::RadauLanes;

const REALS: usize = ffi::FT_RADAU5_REALS as usize;
const TALLIES: usize = ffi::FT_RADAU5_TALLIES as usize;
const T: usize = ffi::FT_RADAU5_T as usize;
const T_OLD: usize = ffi::FT_RADAU5_T_OLD as usize;

/// Divided differences of the dense output for each component.
const DIFFERENCES: usize = 3;
/// Relative tolerance above which the method aims at less.
const LOOSE: f64 = 1e-7;
/// The first two Radau points, (4 - sqrt 6)/10 and (4 + sqrt 6)/10.
const C1: f64 = 0.155_051_025_721_682_2;
const C2: f64 = 0.644_948_974_278_317_8;

/// The Radau IIA method of order 5 for one member: Hairer and Wanner's RADAU5.
#[derive(Debug)]
pub(super) struct Radau {
    n: usize,
    rtol: f64,
    atol: Vec<f64>,
    /// Diagonals below the main one and above; those below are -1 for a full Jacobian.
    band: (isize, isize),
    jacobian: Option<Rhs>,
    p: Vec<f64>,
    lane: [f64; REALS],
    tally: [isize; TALLIES],
    y: Vec<f64>,
    /// Divided differences of the last step, (3, n).
    dense: Vec<f64>,
    pivot: Vec<isize>,
    work: Vec<f64>,
    busy: bool,
}

impl Radau {
    /// Makes room for a system of `n` components with `npar` parameters.
    ///
    /// `jacobian` puts out a full (n x n), d f\[i\] / d y\[j\] in row i, or with a `band` of so many
    /// diagonals below and above the main one, (below + above + 1 x n), in row i - j + above and
    /// column j. Without it the kernel takes differences.
    ///
    /// # Panics
    /// Unless there are `n` absolute tolerances.
    pub(super) fn new(
        n: usize,
        npar: usize,
        rtol: f64,
        atol: &[f64],
        band: Option<(usize, usize)>,
        jacobian: Option<Rhs>,
    ) -> Self {
        assert_eq!(atol.len(), n, "absolute tolerances");
        let (lower, upper) = match band {
            Some((lower, upper)) => (lower as isize, upper as isize),
            None => (-1, -1),
        };
        let (rtol, atol) = internal(rtol, atol);
        // SAFETY: the function does sums only.
        let work = unsafe { ffi::ft_radau5_work_f64(n as isize, lower, upper) };
        Self {
            n,
            rtol,
            atol,
            band: (lower, upper),
            jacobian,
            p: vec![0.0; npar],
            lane: [0.0; REALS],
            tally: [0; TALLIES],
            y: vec![0.0; n],
            dense: vec![0.0; DIFFERENCES * n],
            pivot: vec![0; 2 * n],
            work: vec![0.0; work as usize],
            busy: false,
        }
    }
}

/// The tolerances that the kernel gets.
///
/// The error estimate has order 3 and the method order 5, and what is lost along the way depends
/// on the problem; with the tolerances as they are, loose ones are missed up to 70 times (the ring
/// modulator). Above 1e-7 they shrink as rtol^(5/6) does, in the manner of Hairer's RADAU5, which
/// takes 0.1 rtol^(2/3).
fn internal(rtol: f64, atol: &[f64]) -> (f64, Vec<f64>) {
    let factor = (LOOSE / rtol).powf(1.0 / 6.0).min(1.0);
    (
        factor * rtol,
        atol.iter().map(|atol| factor * atol).collect(),
    )
}

impl Stepper for Radau {
    fn lanes(&self) -> usize {
        1
    }

    fn load(&mut self, _lane: usize, start: &Start<'_>) {
        self.y.copy_from_slice(start.y);
        self.p.copy_from_slice(start.p);
        self.lane = numbers_of(start);
        self.tally = [0; TALLIES];
        self.busy = start.t != start.t_end;
    }

    fn clear(&mut self, _lane: usize) {
        self.busy = false;
    }

    fn attempt(&mut self, rhs: &Rhs, outcome: &mut [Attempt]) -> Result<(), Stopped> {
        outcome[0] = Attempt::Idle;
        if !self.busy {
            return Ok(());
        }
        let (jac, jac_ctx) = self.jacobian.map_or((None, ptr::null_mut()), |jacobian| {
            (Some(jacobian.f), jacobian.ctx)
        });
        let mut status = 0;
        // SAFETY: the arrays have the sizes of `new`; the makers of `rhs` and `jacobian` promise
        // that they can be called and put out what the kernel expects.
        unsafe {
            ffi::ft_radau5_f64(
                Some(rhs.f),
                rhs.ctx,
                jac,
                jac_ctx,
                self.n as isize,
                self.band.0,
                self.band.1,
                self.p.len() as isize,
                self.p.as_ptr(),
                self.rtol,
                self.atol.as_ptr(),
                self.lane.as_mut_ptr(),
                self.tally.as_mut_ptr(),
                self.y.as_mut_ptr(),
                self.dense.as_mut_ptr(),
                self.pivot.as_mut_ptr(),
                self.work.as_mut_ptr(),
                &mut status,
            );
        }
        if status != ffi::FT_OK {
            return Err(Stopped);
        }
        outcome[0] = attempt_of(self.tally[ffi::FT_RADAU5_OUTCOME as usize]);
        let there = self.lane[T] == self.lane[ffi::FT_RADAU5_T_END as usize];
        self.busy = !there && !matches!(outcome[0], Attempt::Failed(_));
        Ok(())
    }

    fn t_old(&self, _lane: usize) -> f64 {
        self.lane[T_OLD]
    }

    fn t(&self, _lane: usize) -> f64 {
        self.lane[T]
    }

    fn state(&self, _lane: usize, y: &mut [f64]) {
        y.copy_from_slice(&self.y);
    }

    fn prepare(&mut self, _rhs: &Rhs, _wanted: &[bool]) -> Result<(), Stopped> {
        Ok(())
    }

    fn interpolate(&self, _lane: usize, t: f64, y: &mut [f64]) {
        let s = place(self.lane[T_OLD], self.lane[T], t);
        for (i, y) in y.iter_mut().enumerate() {
            *y = value(self.y[i], s, |part| self.dense[part * self.n + i]);
        }
    }

    fn coefficient_count(&self) -> usize {
        (1 + DIFFERENCES) * self.n
    }

    fn coefficients(&self, _lane: usize, out: &mut [f64]) {
        let (state, differences) = out.split_at_mut(self.n);
        state.copy_from_slice(&self.y);
        differences.copy_from_slice(&self.dense);
    }

    fn evaluate(coefficients: &[f64], t_old: f64, t_new: f64, t: f64, y: &mut [f64]) {
        let (s, n) = (place(t_old, t_new, t), y.len());
        for (i, y) in y.iter_mut().enumerate() {
            *y = value(coefficients[i], s, |part| coefficients[(1 + part) * n + i]);
        }
    }

    fn counts(&self, _lane: usize) -> Counts {
        counts_of(|place| self.tally[place])
    }
}

/// The numbers with which a member enters the kernel.
fn numbers_of(start: &Start<'_>) -> [f64; REALS] {
    let mut numbers = [0.0; REALS];
    for (place, number) in [
        (ffi::FT_RADAU5_T, start.t),
        (ffi::FT_RADAU5_T_OLD, start.t),
        (ffi::FT_RADAU5_T_END, start.t_end),
        (ffi::FT_RADAU5_MAX_STEP, start.max_step),
        (ffi::FT_RADAU5_NEXT_STEP, start.first_step.unwrap_or(0.0)),
    ] {
        numbers[place as usize] = number;
    }
    numbers
}

/// What the kernel says of a try.
fn attempt_of(outcome: isize) -> Attempt {
    match outcome as i32 {
        ffi::FT_RADAU5_IDLE => Attempt::Idle,
        ffi::FT_RADAU5_ACCEPTED => Attempt::Accepted,
        ffi::FT_RADAU5_REJECTED => Attempt::Rejected,
        ffi::FT_RADAU5_NOT_FINITE => Attempt::Failed(Breakdown::NotFinite),
        ffi::FT_RADAU5_SINGULAR => Attempt::Failed(Breakdown::Singular),
        _ => Attempt::Failed(Breakdown::StepTooSmall),
    }
}

/// The work done, from the whole numbers of a member.
fn counts_of(tally: impl Fn(usize) -> isize) -> Counts {
    let count = |place: i32| tally(place as usize) as usize;
    Counts {
        evaluations: count(ffi::FT_RADAU5_EVALUATIONS),
        jacobians: count(ffi::FT_RADAU5_JACOBIANS),
        decompositions: count(ffi::FT_RADAU5_DECOMPOSITIONS),
        accepted: count(ffi::FT_RADAU5_ACCEPTED_STEPS),
        rejected: count(ffi::FT_RADAU5_REJECTED_STEPS),
        stiff: 0,
    }
}

/// Where `t` is in a step: -1 at its start, 0 at its end.
fn place(t_old: f64, t_new: f64, t: f64) -> f64 {
    (t - t_new) / (t_new - t_old)
}

/// The polynomial through the state at the start, the stages and the `state` at the end, in
/// Newton's form.
fn value(state: f64, s: f64, difference: impl Fn(usize) -> f64) -> f64 {
    let inner = difference(1) + (s + (1.0 - C1)) * difference(2);
    state + s * (difference(0) + (s + (1.0 - C2)) * inner)
}
