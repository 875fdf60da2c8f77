//! One fit of a batch, in memory that is used again.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::slice;

use ndarray::{ArrayView1, ArrayView2};

use super::data::{Data, Weighting, cholesky, row};
use super::{FitModel, FitStatus, NanPolicy};
use crate::callback::Stop;
use crate::ffi;
use crate::optimize::least_squares::{Bounds, LeastSquaresWorkspace, Problem};

/// Memory of a thread.
#[derive(Debug)]
pub(super) struct Engine {
    x: Vec<f64>,
    y: Vec<f64>,
    weight: Vec<f64>,
    factor: Vec<f64>,
    /// The points that are not NaN.
    kept: Vec<usize>,
    /// The parameters, and the inverse of J^T J.
    pub(super) p: Vec<f64>,
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
    pub(super) const fn new() -> Self {
        Self {
            x: Vec::new(),
            y: Vec::new(),
            weight: Vec::new(),
            factor: Vec::new(),
            kept: Vec::new(),
            p: Vec::new(),
            cov: Vec::new(),
            solver: LeastSquaresWorkspace::new(),
        }
    }

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
        let (x, y) = (data.x(k), data.y(k));
        let sigma = match data.weighting {
            Weighting::Points(rows) => Some(row(rows, k)),
            _ => None,
        };
        self.kept.clear();
        let omit = policy == NanPolicy::Omit && self.keep(x, y, sigma);
        let m = if omit { self.kept.len() } else { data.m };
        if m < data.n {
            return Ok(Found::refused(FitStatus::TooFewPoints));
        }
        let kept = omit.then_some(self.kept.as_slice());
        let weighted = sigma.is_some();
        if let Some(sigma) = sigma {
            self.weight.clear();
            match kept {
                Some(kept) => self.weight.extend(kept.iter().map(|&i| 1.0 / sigma[i])),
                None => self.weight.extend(sigma.iter().map(|s| 1.0 / s)),
            }
            let least = self
                .weight
                .iter()
                .fold(f64::INFINITY, |a, &w| if w >= a { a } else { w });
            let most = self.weight.iter().fold(0.0, |a, &w| f64::max(a, w));
            if least.is_nan() {
                return Ok(Found::refused(FitStatus::NonFiniteData));
            }
            if least < 0.0 || most == f64::INFINITY {
                return Ok(Found::refused(FitStatus::BadSigma));
            }
        }
        let factor = match (&data.weighting, kept) {
            (Weighting::Covariance(matrix, _), Some(kept)) => {
                let good = cholesky(*matrix, kept.iter().copied(), &mut self.factor);
                Some(good.then_some(self.factor.as_slice()))
            }
            (Weighting::Covariance(_, factor), None) => Some(factor.as_deref()),
            _ => None,
        };
        if factor == Some(None) {
            return Ok(Found::refused(FitStatus::BadSigma));
        }
        let x = match kept {
            None if x.is_standard_layout() => x.to_slice().unwrap_or_default(),
            None => filled(&mut self.x, x.iter().copied()),
            Some(kept) => {
                let rows = x.rows().into_iter();
                filled(
                    &mut self.x,
                    rows.flat_map(|row| kept.iter().map(move |&i| row[i])),
                )
            }
        };
        let y = match (kept, y.to_slice()) {
            (None, Some(y)) => y,
            (None, None) => filled(&mut self.y, y.iter().copied()),
            (Some(kept), _) => filled(&mut self.y, kept.iter().map(|&i| y[i])),
        };

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
        let (f, ctx) = model
            .native()
            .unwrap_or((trampoline::<M>, (&raw const call).cast_mut().cast()));
        let mut fit = ffi::ft_curve_fit {
            model: Some(f),
            ctx,
            x: x.as_ptr(),
            y: y.as_ptr(),
            weight: if weighted {
                self.weight.as_ptr()
            } else {
                std::ptr::null()
            },
            factor: factor.flatten().map_or(std::ptr::null(), <[f64]>::as_ptr),
        };
        self.cov.resize(data.n * data.n, 0.0);
        let problem = Problem { m, ..*problem };
        // SAFETY: `residual` expects the `ft_curve_fit` that its context points to; `x`, `y` and
        // `weight` have `m` numbers for each predictor, `factor` m x m; they live until the
        // solver has returned.
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
        if !summary.cost.is_finite() && !all_finite(x, y) {
            return Ok(Found::refused(FitStatus::NonFiniteData));
        }
        Ok(Found {
            status: FitStatus::Solved(summary.status),
            cost: summary.cost,
            nfev: summary.nfev,
            njev: summary.njev,
            points: m,
            singular: summary.rank < data.n,
        })
    }

    /// Lists the points that are not NaN; false if all are kept.
    fn keep(
        &mut self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sigma: Option<ArrayView1<'_, f64>>,
    ) -> bool {
        let good = |&i: &usize| {
            let sigma = sigma.is_none_or(|sigma| !sigma[i].is_nan());
            sigma && !y[i].is_nan() && x.column(i).iter().all(|x| !x.is_nan())
        };
        self.kept.extend((0..y.len()).filter(good));
        self.kept.len() < y.len()
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

/// The memory with other content.
fn filled(memory: &mut Vec<f64>, content: impl Iterator<Item = f64>) -> &[f64] {
    memory.clear();
    memory.extend(content);
    memory
}

fn all_finite(x: &[f64], y: &[f64]) -> bool {
    x.iter().chain(y).all(|v| v.is_finite())
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
