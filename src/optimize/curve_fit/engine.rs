//! The fits of a thread, in memory that is used again.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::{ptr, slice};

use super::data::Data;
use super::gather::{Gathered, Gatherer};
use super::lanes::Lanes;
use super::{FitModel, FitStatus, ModelFn, NanPolicy};
use crate::callback::Stop;
use crate::ffi;
use crate::optimize::least_squares::{Bounds, LeastSquaresWorkspace, Problem};

/// What the fits of a batch share.
pub(super) struct Fits<'a, 'd, M> {
    pub(super) model: &'a M,
    pub(super) data: &'a Data<'d>,
    pub(super) bounds: &'a Bounds,
    pub(super) problem: Problem<'a>,
    pub(super) policy: NanPolicy,
}

/// Memory of a thread.
#[derive(Debug, Default)]
pub(super) struct Engine {
    points: Gatherer,
    lanes: Option<Lanes>,
    /// The parameters.
    pub(super) p: Vec<f64>,
    /// The inverse of J^T J, then their covariance.
    pub(super) cov: Vec<f64>,
    solver: LeastSquaresWorkspace,
}

/// What a fit leaves besides what is in the memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) status: FitStatus,
    pub(super) cost: f64,
    pub(super) nfev: usize,
    pub(super) njev: usize,
    /// Points that count.
    pub(super) points: usize,
    /// Whether the data leave a combination of parameters open.
    pub(super) singular: bool,
    /// Whether the solver has the residuals.
    pub(super) residuals: bool,
}

impl Found {
    /// A fit that was not done.
    pub(super) fn refused(status: FitStatus) -> Self {
        Self {
            status,
            cost: f64::NAN,
            nfev: 0,
            njev: 0,
            points: 0,
            singular: true,
            residuals: false,
        }
    }
}

impl Engine {
    /// Does the fits numbered `range` and tells `take` of each when it is done, in any order:
    /// parameters and the inverse of J^T J are in `p` and `cov` then. When `stopped`, the others
    /// are not run.
    ///
    /// # Errors
    /// What the model returned. A panic in the model goes on.
    pub(super) fn run<M: FitModel>(
        &mut self,
        fits: &Fits<'_, '_, M>,
        mut range: Range<usize>,
        stopped: impl Fn() -> bool,
        mut take: impl FnMut(&mut Self, usize, &Found),
    ) -> Result<(), M::Error> {
        if self.lanes.is_none() {
            self.lanes = Lanes::new(fits);
        }
        let mut lanes = self.lanes.take();
        while let Some(side) = lanes.as_mut() {
            while let (false, Some(lane)) = (range.is_empty(), side.free()) {
                let k = range.start;
                range.start += 1;
                match start(&mut self.points, &mut self.p, fits, k) {
                    Ok(points) if side.takes(&points) => side.load(lane, k, &points, &self.p),
                    Ok(_) => {
                        let found = self.fit(fits, k)?;
                        take(self, k, &found);
                    }
                    Err(status) => take(self, k, &Found::refused(status)),
                }
            }
            if !side.busy() || stopped() {
                for k in side.clear() {
                    take(self, k, &Found::refused(FitStatus::NotRun));
                }
                break;
            }
            side.round(&fits.problem);
            while let Some((k, found)) = side.unload(&mut self.p, &mut self.cov) {
                let found = match found {
                    Some(found) => found,
                    None => self.fit(fits, k)?,
                };
                take(self, k, &found);
            }
        }
        self.lanes = lanes;
        for k in range {
            let found = match stopped() {
                true => Found::refused(FitStatus::NotRun),
                false => self.fit(fits, k)?,
            };
            take(self, k, &found);
        }
        Ok(())
    }

    /// Does fit `k` by QR.
    fn fit<M: FitModel>(&mut self, fits: &Fits<'_, '_, M>, k: usize) -> Result<Found, M::Error> {
        let (model, data) = (fits.model, fits.data);
        let points = match start(&mut self.points, &mut self.p, fits, k) {
            Ok(points) => points,
            Err(status) => return Ok(Found::refused(status)),
        };
        let y = points.y;
        let call = Call {
            model,
            predictors: data.predictors,
            stop: Cell::new(None),
        };
        let (f, ctx) = match model.compiled() {
            Some(compiled) => (compiled.f, compiled.ctx),
            None => (
                trampoline::<M> as ModelFn,
                (&raw const call).cast_mut().cast(),
            ),
        };
        let mut fit = as_kernel_takes_it(f, ctx, &points);
        self.cov.resize(data.n * data.n, 0.0);
        let problem = Problem {
            m: y.len(),
            ..fits.problem
        };
        // SAFETY: `residual` expects the `ft_curve_fit` that its context points to. For m points,
        // its `x` has m numbers for each predictor, `weight` m and `factor` m x m, if any; they live
        // until the solver has returned.
        let summary = unsafe {
            let ctx = (&raw mut fit).cast();
            self.solver
                .run(residual, ctx, &problem, &mut self.p, &mut self.cov)
        };
        if let Some(stop) = call.stop.into_inner() {
            return Err(stop.resume());
        }
        let Some(summary) = summary? else {
            return Ok(Found::refused(FitStatus::Stopped));
        };
        if !summary.cost.is_finite() && !y.iter().all(|y| y.is_finite()) {
            return Ok(Found::refused(FitStatus::NonFiniteData));
        }
        Ok(Found {
            status: FitStatus::Solved(summary.status),
            cost: summary.cost,
            nfev: summary.nfev,
            njev: summary.njev,
            points: y.len(),
            singular: summary.rank < data.n,
            residuals: true,
        })
    }

    /// The weighted residuals of the only fit, done last.
    pub(super) fn residuals<M: FitModel>(
        &mut self,
        fits: &Fits<'_, '_, M>,
        found: &Found,
    ) -> Vec<f64> {
        if found.residuals {
            return self.solver.residuals().to_vec();
        }
        let mut r = vec![f64::NAN; found.points];
        let points = self.points.gather(fits.data, 0, fits.policy);
        if let (Ok(points), Some(model)) = (points, fits.model.compiled()) {
            let mut fit = as_kernel_takes_it(model.f, model.ctx, &points);
            let (m, n) = (r.len() as isize, self.p.len() as isize);
            let (ctx, p, r) = ((&raw mut fit).cast(), self.p.as_ptr(), r.as_mut_ptr());
            // SAFETY: as in `fit`; `r` has m numbers.
            unsafe { residual(ctx, m, n, p, r, ptr::null_mut()) };
        }
        r
    }

    /// Makes `cov` the covariance of the parameters: infinite where the data do not tell.
    pub(super) fn finish(&mut self, found: &Found, absolute: bool) {
        let freedom = found.points - self.p.len();
        let scale = match (absolute, freedom) {
            (true, _) => 1.0,
            (false, 0) => f64::INFINITY,
            (false, _) => 2.0 * found.cost / freedom as f64,
        };
        if found.singular || scale == f64::INFINITY {
            self.cov.fill(f64::INFINITY);
        } else {
            self.cov.iter_mut().for_each(|c| *c *= scale);
        }
    }
}

/// The points of fit `k`; its starting point goes into `p`.
fn start<'a, M: FitModel>(
    points: &'a mut Gatherer,
    p: &mut Vec<f64>,
    fits: &'a Fits<'_, '_, M>,
    k: usize,
) -> Result<Gathered<'a>, FitStatus> {
    let data = fits.data;
    let points = points.gather(data, k, fits.policy)?;
    p.clear();
    if let Some(p0) = data.p0(k) {
        p.extend(p0);
        if fits.bounds.check_start(p).is_err() {
            return Err(FitStatus::BadStart);
        }
    } else {
        p.resize(data.n, 1.0);
        fits.model.guess(points.x, points.y, p);
        let bounds = fits.bounds.lower.iter().zip(&fits.bounds.upper);
        let inside = p.iter_mut().zip(bounds);
        inside.for_each(|(p, (low, high))| *p = p.clamp(*low, *high));
    }
    Ok(points)
}

/// The points behind pointers, which are good as long as `points`.
fn as_kernel_takes_it(f: ModelFn, ctx: *mut c_void, points: &Gathered<'_>) -> ffi::ft_curve_fit {
    let optional = |a: &[f64]| match a.is_empty() {
        true => ptr::null(),
        false => a.as_ptr(),
    };
    ffi::ft_curve_fit {
        model: Some(f),
        ctx,
        x: points.x.as_ptr(),
        y: points.y.as_ptr(),
        weight: optional(points.weight),
        factor: optional(points.factor),
    }
}

/// What a model that is no C function finds behind its context.
struct Call<'a, M: FitModel> {
    model: &'a M,
    predictors: usize,
    stop: Cell<Option<Stop<M::Error>>>,
}

/// The residuals of a fit: the best variant of the kernel.
///
/// # Safety
/// As the header asks.
unsafe extern "C" fn residual(
    ctx: *mut c_void,
    m: isize,
    n: isize,
    p: *const f64,
    r: *mut f64,
    jac: *mut f64,
) -> c_int {
    // SAFETY: the caller keeps the contract of the kernel.
    unsafe { ffi::ft_curve_fit_residual_f64(ctx, m, n, p, r, jac) }
}

/// Calls the model behind `ctx`; an error or a panic is kept there and stops the kernel.
///
/// # Safety
/// `ctx` points to a `Call<M>`; the arrays have the shapes that [`ModelFn`](super::ModelFn) says.
unsafe extern "C" fn trampoline<M: FitModel>(
    ctx: *mut c_void,
    m: isize,
    n: isize,
    x: *const f64,
    p: *const f64,
    y: *mut f64,
    jac: *mut f64,
) -> c_int {
    let (m, n) = (m as usize, n as usize);
    // SAFETY: the caller's promise; the kernel's arrays are separate.
    let (call, x, p, y, jac) = unsafe {
        let call = &*ctx.cast::<Call<'_, M>>();
        let jac = (!jac.is_null()).then(|| slice::from_raw_parts_mut(jac, m * n));
        (
            call,
            slice::from_raw_parts(x, m * call.predictors),
            slice::from_raw_parts(p, n),
            slice::from_raw_parts_mut(y, m),
            jac,
        )
    };
    y.fill(f64::NAN);
    let jac = jac.map(|jac| {
        jac.fill(f64::NAN);
        &mut *jac
    });
    match Stop::catch(|| call.model.evaluate(x, p, y, jac)) {
        Ok(()) => 0,
        Err(stop) => {
            call.stop.set(Some(stop));
            1
        }
    }
}
