//! One fit of a batch, in memory that is used again.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use super::data::Data;
use super::gather::Gatherer;
use super::{FitModel, FitStatus, ModelFn, NanPolicy};
use crate::callback::Stop;
use crate::ffi;
use crate::optimize::least_squares::{Bounds, LeastSquaresWorkspace, Problem};

/// Memory of a thread.
#[derive(Debug, Default)]
pub(super) struct Engine {
    points: Gatherer,
    /// The parameters.
    pub(super) p: Vec<f64>,
    /// The inverse of J^T J, then their covariance.
    pub(super) cov: Vec<f64>,
    pub(super) solver: LeastSquaresWorkspace,
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
}

impl Found {
    fn refused(status: FitStatus) -> Self {
        Self {
            status,
            cost: f64::NAN,
            nfev: 0,
            njev: 0,
            points: 0,
            singular: true,
        }
    }
}

impl Engine {
    /// Does fit `k` as `problem` says; the parameters and the inverse of J^T J are in `p` and
    /// `cov` then, the residuals in the solver.
    ///
    /// # Errors
    /// What the model returned. A panic in the model goes on.
    pub(super) fn fit<M: FitModel>(
        &mut self,
        model: &M,
        data: &Data<'_>,
        k: usize,
        policy: NanPolicy,
        problem: &Problem<'_>,
        bounds: &Bounds,
    ) -> Result<Found, M::Error> {
        let points = match self.points.gather(data, k, policy) {
            Ok(points) => points,
            Err(status) => return Ok(Found::refused(status)),
        };
        let (x, y) = (points.x, points.y);
        self.p.clear();
        if let Some(p0) = data.p0(k) {
            self.p.extend(p0);
            if bounds.check_start(&self.p).is_err() {
                return Ok(Found::refused(FitStatus::BadStart));
            }
        } else {
            self.p.resize(data.n, 1.0);
            model.guess(x, y, &mut self.p);
            let inside = self.p.iter_mut().zip(&bounds.lower).zip(&bounds.upper);
            inside.for_each(|((p, low), high)| *p = p.clamp(*low, *high));
        }
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
        let optional = |a: &[f64]| {
            if a.is_empty() {
                ptr::null()
            } else {
                a.as_ptr()
            }
        };
        let mut fit = ffi::ft_curve_fit {
            model: Some(f),
            ctx,
            x: x.as_ptr(),
            y: y.as_ptr(),
            weight: optional(points.weight),
            factor: optional(points.factor),
        };
        self.cov.resize(data.n * data.n, 0.0);
        let problem = Problem {
            m: y.len(),
            ..*problem
        };
        // SAFETY: `residual` expects the `ft_curve_fit` that its context points to. For m points,
        // `x` has m numbers for each predictor, `weight` m and `factor` m x m, if any; they live
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
        })
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
