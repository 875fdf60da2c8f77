//! The explicit Runge-Kutta methods.

use std::ffi::c_int;
use std::marker::PhantomData;

use super::stepper::{Attempt, Breakdown, Counts, Rhs, Start, Stepper, Stopped};
use crate::ffi;

mod aligned;
#[cfg(test)]
mod coefficients;
mod pair;
#[cfg(test)]
mod tests;

use aligned::Aligned;
use pair::{Arrays, DormandPrince54, DormandPrince853, Pair};

/// Numbers that a kernel keeps of a lane.
const REALS: usize = ffi::FT_NEXT_STEP as usize + 1;
/// Whole numbers that it keeps.
const TALLIES: usize = ffi::FT_WANTED as usize + 1;

const T: usize = ffi::FT_T as usize;
const T_NEW: usize = ffi::FT_T_NEW as usize;
const PHASE: usize = ffi::FT_PHASE as usize;
const MOVED: usize = ffi::FT_MOVED as usize;
const EMPTY: isize = ffi::FT_EMPTY as isize;

/// The method of order 5(4) of Dormand and Prince (1980).
pub(super) type Rk45<const LANES: usize> = Explicit<DormandPrince54, LANES>;

/// The method of order 8(5,3) of Dormand and Prince (1981), Hairer's DOP853.
pub(super) type Dop853<const LANES: usize> = Explicit<DormandPrince853, LANES>;

/// `LANES` members, 1 or 8, integrated side by side by the method `M`.
#[derive(Debug)]
pub(super) struct Explicit<M, const LANES: usize> {
    n: usize,
    npar: usize,
    rtol: f64,
    atol: Vec<f64>,
    /// Parameters, (npar, lanes).
    p: Aligned,
    /// `REALS` x lanes.
    lane: Aligned,
    /// `TALLIES` x lanes.
    tally: Vec<isize>,
    /// States at the start and the end of the step and of a stage, (3, n, lanes).
    y: Aligned,
    /// Derivatives of the stages, (stages, n, lanes).
    k: Aligned,
    /// Coefficients of the dense output, (parts, n, lanes).
    dense: Aligned,
    /// Lanes whose numbers are nobody's: they compute along with the others, so they borrow some.
    vacant: [bool; LANES],
    method: PhantomData<M>,
}

impl<M: Pair, const LANES: usize> Explicit<M, LANES> {
    /// Makes room for systems of `n` equations with `npar` parameters. All lanes are empty.
    ///
    /// # Panics
    /// Unless there are `n` absolute tolerances.
    pub(super) fn new(n: usize, npar: usize, rtol: f64, atol: &[f64]) -> Self {
        const {
            assert!(
                LANES == 1 || LANES == 8,
                "there are kernels for 1 and 8 lanes"
            )
        };
        assert_eq!(atol.len(), n, "absolute tolerances");
        Self {
            n,
            npar,
            rtol,
            atol: atol.to_vec(),
            p: Aligned::new(npar * LANES),
            lane: Aligned::new(REALS * LANES),
            tally: vec![0; TALLIES * LANES],
            y: Aligned::new(3 * n * LANES),
            k: Aligned::new(M::STAGES * n * LANES),
            dense: Aligned::new(M::PARTS * n * LANES),
            vacant: [true; LANES],
            method: PhantomData,
        }
    }

    fn arrays(&mut self) -> Arrays {
        Arrays {
            n: self.n as isize,
            npar: self.npar as isize,
            p: self.p.as_ptr(),
            rtol: self.rtol,
            atol: self.atol.as_ptr(),
            lane: self.lane.as_mut_ptr(),
            tally: self.tally.as_mut_ptr(),
            y: self.y.as_mut_ptr(),
            k: self.k.as_mut_ptr(),
            dense: self.dense.as_mut_ptr(),
        }
    }

    fn tally(&self, what: usize, lane: usize) -> isize {
        self.tally[what * LANES + lane]
    }

    /// Gives vacant lanes the numbers of a busy one: what is computed there is thrown away, but
    /// must be harmless.
    fn park(&mut self) {
        let busy = |lane: &usize| self.tally[PHASE * LANES + lane] != EMPTY;
        let Some(model) = (0..LANES).find(busy) else {
            return;
        };
        for lane in 0..LANES {
            if !self.vacant[lane] {
                continue;
            }
            self.vacant[lane] = false;
            for all in [&mut self.p, &mut self.lane, &mut self.y, &mut self.k] {
                for row in all.chunks_exact_mut(LANES) {
                    row[lane] = row[model];
                }
            }
            self.tally[MOVED * LANES + lane] = self.tally[MOVED * LANES + model];
        }
    }
}

impl<M: Pair, const LANES: usize> Stepper for Explicit<M, LANES> {
    fn lanes(&self) -> usize {
        LANES
    }

    fn load(&mut self, lane: usize, start: &Start<'_>) {
        for (row, y) in self.y.chunks_exact_mut(LANES).zip(&start.y[..self.n]) {
            row[lane] = *y;
        }
        for (row, p) in self.p.chunks_exact_mut(LANES).zip(&start.p[..self.npar]) {
            row[lane] = *p;
        }
        for row in self.tally.chunks_exact_mut(LANES) {
            row[lane] = 0;
        }
        self.tally[PHASE * LANES + lane] = ffi::FT_FRESH as isize;
        let numbers = [
            (ffi::FT_T, start.t),
            (ffi::FT_T_NEW, start.t),
            (ffi::FT_T_OLD, start.t),
            (ffi::FT_T_END, start.t_end),
            (ffi::FT_MAX_STEP, start.max_step),
            (ffi::FT_NEXT_STEP, start.first_step.unwrap_or(0.0)),
        ];
        for (place, number) in numbers {
            self.lane[place as usize * LANES + lane] = number;
        }
        self.vacant[lane] = false;
    }

    fn clear(&mut self, lane: usize) {
        self.tally[PHASE * LANES + lane] = EMPTY;
        self.vacant[lane] = true;
    }

    fn attempt(&mut self, rhs: &Rhs, outcome: &mut [Attempt]) -> Result<(), Stopped> {
        if self.vacant.contains(&true) {
            self.park();
        }
        // SAFETY: the arrays are those of `self`, whose sizes `new` set for this method and
        // number of lanes; the maker of `rhs` promises that it can be called.
        let status = unsafe { M::attempt(LANES, rhs, &self.arrays()) };
        if status != ffi::FT_OK {
            return Err(Stopped);
        }
        for (lane, outcome) in outcome[..LANES].iter_mut().enumerate() {
            *outcome = match self.tally(ffi::FT_OUTCOME as usize, lane) as c_int {
                ffi::FT_ACCEPTED => Attempt::Accepted,
                ffi::FT_REJECTED => Attempt::Rejected,
                ffi::FT_STEP_TOO_SMALL => Attempt::Failed(Breakdown::StepTooSmall),
                ffi::FT_NOT_FINITE => Attempt::Failed(Breakdown::NotFinite),
                _ => Attempt::Idle,
            };
            if matches!(outcome, Attempt::Failed(_)) {
                self.vacant[lane] = true;
            }
        }
        Ok(())
    }

    fn t_old(&self, lane: usize) -> f64 {
        self.lane[ffi::FT_T_OLD as usize * LANES + lane]
    }

    fn t(&self, lane: usize) -> f64 {
        let place = if self.tally(MOVED, lane) == 0 {
            T
        } else {
            T_NEW
        };
        self.lane[place * LANES + lane]
    }

    fn state(&self, lane: usize, y: &mut [f64]) {
        let first = self.tally(MOVED, lane) as usize * self.n;
        let rows = self.y.chunks_exact(LANES).skip(first);
        for (y, row) in y[..self.n].iter_mut().zip(rows) {
            *y = row[lane];
        }
    }

    fn prepare(&mut self, rhs: &Rhs, wanted: &[bool]) -> Result<(), Stopped> {
        for (lane, &wanted) in wanted[..LANES].iter().enumerate() {
            self.tally[ffi::FT_WANTED as usize * LANES + lane] = isize::from(wanted);
        }
        // SAFETY: as in `attempt`.
        let status = unsafe { M::prepare(LANES, rhs, &self.arrays()) };
        if status == ffi::FT_OK {
            Ok(())
        } else {
            Err(Stopped)
        }
    }

    fn interpolate(&self, lane: usize, t: f64, y: &mut [f64]) {
        let s = place(self.t_old(lane), self.t(lane), t);
        let numbers = |part: usize, i: usize| self.dense[(part * self.n + i) * LANES + lane];
        for (i, y) in y[..self.n].iter_mut().enumerate() {
            *y = value::<M>(s, |part| numbers(part, i));
        }
    }

    fn coefficient_count(&self) -> usize {
        M::PARTS * self.n
    }

    fn coefficients(&self, lane: usize, out: &mut [f64]) {
        let rows = self.dense.chunks_exact(LANES);
        for (out, row) in out[..M::PARTS * self.n].iter_mut().zip(rows) {
            *out = row[lane];
        }
    }

    fn evaluate(coefficients: &[f64], t_old: f64, t_new: f64, t: f64, y: &mut [f64]) {
        let (s, n) = (place(t_old, t_new, t), y.len());
        for (i, y) in y.iter_mut().enumerate() {
            *y = value::<M>(s, |part| coefficients[part * n + i]);
        }
    }

    fn counts(&self, lane: usize) -> Counts {
        let count = |what: c_int| self.tally(what as usize, lane) as usize;
        Counts {
            evaluations: count(ffi::FT_EVALUATIONS),
            accepted: count(ffi::FT_ACCEPTED_STEPS),
            rejected: count(ffi::FT_REJECTED_STEPS),
            stiff: count(ffi::FT_STIFF_STEPS),
            ..Counts::default()
        }
    }
}

/// Where `t` is in a step: 0 at its start, 1 at its end.
fn place(t_old: f64, t_new: f64, t: f64) -> f64 {
    (t - t_old) / (t_new - t_old)
}

/// The dense output d1 + s (d2 + (1 - s) (d3 + s (d4 + (1 - s) (d5 + ...)))).
fn value<M: Pair>(s: f64, coefficient: impl Fn(usize) -> f64) -> f64 {
    let inner = coefficient(M::PARTS - 1);
    (0..M::PARTS - 1).rev().fold(inner, |inner, part| {
        let factor = if part % 2 == 0 { s } else { 1.0 - s };
        coefficient(part) + factor * inner
    })
}
