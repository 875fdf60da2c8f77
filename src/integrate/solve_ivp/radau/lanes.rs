use std::ptr;

use super::{
    DIFFERENCES, REALS, Radau, TALLIES, attempt_of, counts_of, internal, numbers_of, place, value,
};
use crate::ffi;
use crate::integrate::solve_ivp::rhs::LANES;
use crate::integrate::solve_ivp::stepper::{Attempt, Counts, Rhs, Start, Stepper, Stopped};

const STEPS: usize = ffi::FT_RADAU5_STEPS as usize * LANES;
const OUTCOME: usize = ffi::FT_RADAU5_OUTCOME as usize * LANES;
const T: usize = ffi::FT_RADAU5_T as usize * LANES;
const T_OLD: usize = ffi::FT_RADAU5_T_OLD as usize * LANES;
const T_END: usize = ffi::FT_RADAU5_T_END as usize * LANES;

/// [`Radau`](super::Radau) for 8 members side by side, each with the bits that it has alone.
#[derive(Debug)]
pub(in crate::integrate::solve_ivp) struct RadauLanes {
    n: usize,
    rtol: f64,
    atol: Vec<f64>,
    jacobian: Option<Rhs>,
    /// Parameters, (npar, lanes).
    p: Vec<f64>,
    /// (`REALS`, lanes).
    lane: Vec<f64>,
    /// (`TALLIES`, lanes).
    tally: Vec<isize>,
    /// States, (n, lanes).
    y: Vec<f64>,
    /// Divided differences of the last steps, (3, n, lanes).
    dense: Vec<f64>,
    pivot: Vec<isize>,
    work: Vec<f64>,
    /// Lanes whose numbers are nobody's: they compute along with the others, so they borrow some.
    vacant: [bool; LANES],
}

impl RadauLanes {
    /// The largest system that pays: what 8 of these keep still fits the cache.
    pub(in crate::integrate::solve_ivp) const LARGEST: usize = 16;

    /// Makes room for systems of `n` components with `npar` parameters. All lanes are empty.
    /// `jacobian` puts out full matrices.
    ///
    /// # Panics
    /// Unless there are `n` absolute tolerances.
    pub(in crate::integrate::solve_ivp) fn new(
        n: usize,
        npar: usize,
        rtol: f64,
        atol: &[f64],
        jacobian: Option<Rhs>,
    ) -> Self {
        assert_eq!(atol.len(), n, "absolute tolerances");
        let (rtol, atol) = internal(rtol, atol);
        // SAFETY: the function does sums only.
        let work = unsafe { ffi::ft_radau5_x8_work_f64(n as isize) };
        let mut tally = vec![0; TALLIES * LANES];
        tally[STEPS..][..LANES].fill(-1);
        Self {
            n,
            rtol,
            atol,
            jacobian,
            p: vec![0.0; npar * LANES],
            lane: vec![0.0; REALS * LANES],
            tally,
            y: vec![0.0; n * LANES],
            dense: vec![0.0; DIFFERENCES * n * LANES],
            pivot: vec![0; 2 * n * LANES],
            work: vec![0.0; work as usize],
            vacant: [true; LANES],
        }
    }

    /// Gives vacant lanes the time, state and parameters of a busy one: what is computed there is
    /// thrown away, but must be harmless.
    fn park(&mut self) {
        let Some(model) = (0..LANES).find(|lane| self.tally[STEPS + lane] >= 0) else {
            return;
        };
        for lane in 0..LANES {
            if self.vacant[lane] {
                self.vacant[lane] = false;
                self.lane[T + lane] = self.lane[T + model];
                for all in [&mut self.p, &mut self.y] {
                    for row in all.chunks_exact_mut(LANES) {
                        row[lane] = row[model];
                    }
                }
            }
        }
    }
}

impl Stepper for RadauLanes {
    fn lanes(&self) -> usize {
        LANES
    }

    fn load(&mut self, lane: usize, start: &Start<'_>) {
        for (row, y) in self.y.chunks_exact_mut(LANES).zip(start.y) {
            row[lane] = *y;
        }
        for (row, p) in self.p.chunks_exact_mut(LANES).zip(start.p) {
            row[lane] = *p;
        }
        for row in self.tally.chunks_exact_mut(LANES) {
            row[lane] = 0;
        }
        for (row, number) in self.lane.chunks_exact_mut(LANES).zip(numbers_of(start)) {
            row[lane] = number;
        }
        self.vacant[lane] = false;
    }

    fn clear(&mut self, lane: usize) {
        self.tally[STEPS + lane] = -1;
        self.vacant[lane] = true;
    }

    fn attempt(&mut self, rhs: &Rhs, outcome: &mut [Attempt]) -> Result<(), Stopped> {
        if self.vacant.contains(&true) {
            self.park();
        }
        let (jac, jac_ctx) = match self.jacobian {
            Some(jacobian) => (Some(jacobian.f), jacobian.ctx),
            None => (None, ptr::null_mut()),
        };
        let mut status = 0;
        // SAFETY: the arrays have the sizes of `new`; the makers of `rhs` and `jacobian` promise
        // that they can be called for `LANES` members and put out what the kernel expects.
        unsafe {
            ffi::ft_radau5_x8_f64(
                Some(rhs.f),
                rhs.ctx,
                jac,
                jac_ctx,
                self.n as isize,
                (self.p.len() / LANES) as isize,
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
        for (lane, outcome) in outcome[..LANES].iter_mut().enumerate() {
            *outcome = attempt_of(self.tally[OUTCOME + lane]);
            let there = self.lane[T + lane] == self.lane[T_END + lane];
            if matches!(outcome, Attempt::Failed(_)) || there {
                self.tally[STEPS + lane] = -1;
            }
        }
        Ok(())
    }

    fn t_old(&self, lane: usize) -> f64 {
        self.lane[T_OLD + lane]
    }

    fn t(&self, lane: usize) -> f64 {
        self.lane[T + lane]
    }

    fn state(&self, lane: usize, y: &mut [f64]) {
        for (y, row) in y.iter_mut().zip(self.y.chunks_exact(LANES)) {
            *y = row[lane];
        }
    }

    fn prepare(&mut self, _rhs: &Rhs, _wanted: &[bool]) -> Result<(), Stopped> {
        Ok(())
    }

    fn interpolate(&self, lane: usize, t: f64, y: &mut [f64]) {
        let s = place(self.t_old(lane), self.t(lane), t);
        let difference = |part: usize, i: usize| self.dense[(part * self.n + i) * LANES + lane];
        for (i, y) in y.iter_mut().enumerate() {
            *y = value(self.y[i * LANES + lane], s, |part| difference(part, i));
        }
    }

    fn coefficient_count(&self) -> usize {
        (1 + DIFFERENCES) * self.n
    }

    fn coefficients(&self, lane: usize, out: &mut [f64]) {
        let rows = [&self.y, &self.dense].map(|all| all.chunks_exact(LANES));
        for (out, row) in out.iter_mut().zip(rows.into_iter().flatten()) {
            *out = row[lane];
        }
    }

    fn evaluate(coefficients: &[f64], t_old: f64, t_new: f64, t: f64, y: &mut [f64]) {
        Radau::evaluate(coefficients, t_old, t_new, t, y);
    }

    fn counts(&self, lane: usize) -> Counts {
        counts_of(|place| self.tally[place * LANES + lane])
    }
}
