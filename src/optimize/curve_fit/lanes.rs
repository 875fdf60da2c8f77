//! Fits of a built-in model side by side, one in each SIMD lane.
//!
//! What happens in a lane has the same bits whatever the others hold, and which fits go into
//! lanes depends on the fit alone: so a fit has the same bits alone and in any batch.

use std::ptr;

use super::data::Weighting;
use super::engine::{Fits, Found};
use super::gather::Gathered;
use super::traits::NormalFn;
use super::{FitModel, FitStatus, NanPolicy};
use crate::ffi;
use crate::optimize::LeastSquaresStatus;
use crate::optimize::least_squares::Problem;

const LANES: usize = ffi::FT_FIT_LANES as usize;
const SUMS: usize = ffi::FT_FIT_SUMS as usize;
const EMPTY: isize = ffi::FT_FIT_EMPTY as isize;
const FRESH: isize = ffi::FT_FIT_FRESH as isize;
/// Most points of a fit in a lane. Longer ones fill registers alone.
const LONGEST: usize = 256;

/// One number of each lane.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy)]
struct Across([f64; LANES]);

/// Memory of fits side by side.
#[derive(Debug)]
pub(super) struct Lanes {
    normal: NormalFn,
    /// Most points.
    m: usize,
    n: usize,
    /// Whether `x` has the points of all fits.
    same_x: bool,
    x: Vec<Across>,
    y: Vec<Across>,
    /// Whether all weights are 1.
    equal: bool,
    /// 1 where there is none, 0 where a fit has no more points.
    weight: Vec<Across>,
    points: [usize; LANES],
    point: Vec<Across>,
    best_p: Vec<Across>,
    sums: Vec<Across>,
    best: Vec<Across>,
    scaling: Vec<Across>,
    own: Vec<Across>,
    cov: Vec<f64>,
    phase: [isize; LANES],
    nfev: [isize; LANES],
    status: [i32; LANES],
    /// The fit in each lane, until it is taken out.
    number: [Option<usize>; LANES],
}

impl Lanes {
    /// Makes room, if fits like these are done side by side.
    pub(super) fn new<M: FitModel>(fits: &Fits<'_, '_, M>) -> Option<Self> {
        let normal = fits.model.compiled()?.normal?;
        let (m, n) = (fits.data.m, fits.data.n);
        let omit = fits.policy == NanPolicy::Omit;
        if n > ffi::FT_FIT_MOST as usize || !fits.bounds.lower.is_empty() || m > LONGEST && !omit {
            return None;
        }
        let m = m.min(LONGEST);
        if matches!(fits.data.weighting, Weighting::Covariance(..)) {
            return None;
        }
        // Not zero: an empty lane computes, too, and divides by its numbers.
        let room = |length| vec![Across([1.0; LANES]); length];
        let mut lanes = Self {
            normal,
            m,
            n,
            same_x: fits.data.finite_x && !omit,
            x: room(m),
            y: room(m),
            equal: matches!(fits.data.weighting, Weighting::Equal) && !omit,
            weight: room(m),
            points: [0; LANES],
            point: room(n),
            best_p: room(n),
            sums: room(SUMS),
            best: room(SUMS),
            scaling: room(n),
            own: room(ffi::FT_FIT_OWN as usize),
            cov: vec![0.0; n * n * LANES],
            phase: [EMPTY; LANES],
            nfev: [0; LANES],
            status: [ffi::FT_OK; LANES],
            number: [None; LANES],
        };
        if lanes.same_x {
            let all = lanes.x.iter_mut().zip(fits.data.x(0));
            all.for_each(|(x, of_all)| x.0.fill(*of_all));
        }
        Some(lanes)
    }

    /// A lane without a fit.
    pub(super) fn free(&self) -> Option<usize> {
        self.number.iter().position(Option::is_none)
    }

    /// Whether any lane has a fit.
    pub(super) fn busy(&self) -> bool {
        self.number.iter().any(Option::is_some)
    }

    /// Whether there is room for these points.
    pub(super) fn takes(&self, points: &Gathered<'_>) -> bool {
        points.y.len() <= self.m
    }

    /// Puts fit `k` with its starting point into a lane.
    pub(super) fn load(&mut self, lane: usize, k: usize, points: &Gathered<'_>, p0: &[f64]) {
        let put = |lanes: &mut [Across], numbers: &[f64], fill: f64| {
            for (i, across) in lanes.iter_mut().enumerate() {
                across.0[lane] = *numbers.get(i).unwrap_or(&fill);
            }
        };
        let given = points.y.len();
        if !self.same_x {
            put(&mut self.x, points.x, points.x[0]);
        }
        put(&mut self.y, points.y, 0.0);
        let weights = if self.equal {
            &mut [][..]
        } else {
            &mut self.weight
        };
        for (i, across) in weights.iter_mut().enumerate() {
            let one = if i < given && points.weight.is_empty() {
                1.0
            } else {
                0.0
            };
            across.0[lane] = *points.weight.get(i).unwrap_or(&one);
        }
        put(&mut self.point, p0, 0.0);
        put(&mut self.best_p, p0, 0.0);
        self.points[lane] = given;
        self.phase[lane] = FRESH;
        self.nfev[lane] = 0;
        self.number[lane] = Some(k);
    }

    /// Tries one step of each fit.
    pub(super) fn round(&mut self, problem: &Problem<'_>) {
        let at = |numbers: &[Across]| numbers.as_ptr().cast::<f64>();
        let x_scale = match problem.x_scale.is_empty() {
            true => ptr::null(),
            false => problem.x_scale.as_ptr(),
        };
        let (m, n) = (self.m as isize, self.n as isize);
        let sums = self.sums.as_mut_ptr().cast();
        // SAFETY: `x`, `y` and `weight` hold m numbers for each lane, `point` n, `sums` as many as
        // the largest n takes.
        unsafe {
            let (x, y, weight) = (at(&self.x), at(&self.y), at(&self.weight));
            (self.normal)(m, x, y, weight, at(&self.point), sums);
        }
        // SAFETY: `best` is like `sums`; `point`, `best_p` and `scaling` hold n numbers for each
        // lane, `own` FT_FIT_OWN, `cov` n x n; `x_scale` has n numbers, if any (`Problem`).
        unsafe {
            ffi::ft_least_squares_lanes_f64(
                n,
                x_scale,
                problem.ftol,
                problem.xtol,
                problem.gtol,
                problem.factor,
                problem.max_nfev.min(isize::MAX as usize) as isize,
                sums,
                self.best.as_mut_ptr().cast(),
                self.point.as_mut_ptr().cast(),
                self.best_p.as_mut_ptr().cast(),
                self.scaling.as_mut_ptr().cast(),
                self.own.as_mut_ptr().cast(),
                self.phase.as_mut_ptr(),
                self.nfev.as_mut_ptr(),
                self.cov.as_mut_ptr(),
                self.status.as_mut_ptr(),
            );
        }
    }

    /// Takes a fit out that has ended, with its number; its parameters go into `p`, the inverse
    /// of J^T J into `cov`. No `Found`: it is to be done by QR.
    pub(super) fn unload(
        &mut self,
        p: &mut Vec<f64>,
        cov: &mut Vec<f64>,
    ) -> Option<(usize, Option<Found>)> {
        let ended = |&lane: &usize| self.phase[lane] == EMPTY && self.number[lane].is_some();
        let lane = (0..LANES).find(ended)?;
        let k = self.number[lane].take()?;
        if self.status[lane] == ffi::FT_ILL_CONDITIONED {
            return Some((k, None));
        }
        p.clear();
        p.extend(self.best_p.iter().map(|across| across.0[lane]));
        cov.clear();
        cov.extend_from_slice(&self.cov[lane * self.n * self.n..][..self.n * self.n]);
        let last = (self.n + 1) * (self.n + 2) / 2 - 1;
        let found = Found {
            status: FitStatus::Solved(LeastSquaresStatus::from_kernel(self.status[lane])),
            cost: 0.5 * self.best[last].0[lane],
            nfev: self.nfev[lane] as usize,
            njev: self.nfev[lane] as usize,
            points: self.points[lane],
            singular: false,
            residuals: false,
        };
        Some((k, Some(found)))
    }

    /// Takes out all fits, none of which has ended.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = usize> + use<> {
        self.phase = [EMPTY; LANES];
        std::mem::take(&mut self.number).into_iter().flatten()
    }
}
