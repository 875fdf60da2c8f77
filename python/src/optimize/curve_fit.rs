//! `curve_fit`: batches of built-in and compiled models, and their values.

mod model;
mod values;

use ferrotran::Result;
use ferrotran::optimize::{
    CurveFitBatch, CurveFitOptions, FitModel, FitStatus, LeastSquaresOptions, NanPolicy,
    Progress as Report, Sigma, ValueModel, curve_fit_batch, par_curve_fit_batch,
};
use ndarray::{ArrayView2, ArrayViewD};
use numpy::{IntoPyArray, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::search::{Search, ier};
use crate::call::Cancel;
use crate::progress::Progress;
use crate::workers::Workers;
use model::{Native, Stoppable};

/// Points of a built-in model up to which the calling thread does the work: it is over before
/// Ctrl-C or another thread could matter.
const SHORT: usize = 2048;
/// The numbers of `ier` for what SciPy has none; Python's `_fit_engine` has their names.
const STOPPED: i32 = -1;
const BAD_START: i32 = -2;
const NOT_RUN: i32 = -4;
const TOO_FEW: i32 = -5;
const BAD_SIGMA: i32 = -6;

/// Adds the functions.
pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    values::add_to(module)?;
    module.add_function(wrap_pyfunction!(_curve_fit, module)?)
}

/// Fit a built-in or compiled model: `x` is (members or 1, [k,] m), `y` (members or 1, m), `p0`
/// (members or 1, n), `sigma` (members or 1, m), `cov` (m, m). The result: popt, pcov, cost, nfev,
/// ier, and the exception that stopped the batch or None.
#[pyfunction]
#[expect(
    clippy::too_many_arguments,
    reason = "what Python has read, one by one"
)]
fn _curve_fit<'py>(
    py: Python<'py>,
    f: &Bound<'py, PyAny>,
    x: PyReadonlyArrayDyn<'py, f64>,
    y: PyReadonlyArray2<'py, f64>,
    p0: Option<PyReadonlyArray2<'py, f64>>,
    sigma: Option<PyReadonlyArray2<'py, f64>>,
    cov: Option<PyReadonlyArray2<'py, f64>>,
    absolute_sigma: bool,
    omit: bool,
    differences: bool,
    workers: Option<isize>,
    progress: Option<&Bound<'py, PyAny>>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    x_scale: Option<Vec<f64>>,
    ftol: f64,
    xtol: f64,
    gtol: f64,
    diff_step: Option<f64>,
    factor: f64,
    max_nfev: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    let _workers = Workers::set(workers)?;
    let native = Native::new(f, lower.len())?;
    let search = Search {
        lower,
        upper,
        x_scale,
        weights: None,
        ftol,
        xtol,
        gtol,
        diff_step,
        factor,
        max_nfev,
    };
    let mut job = Job {
        native,
        differences,
        x: x.as_array(),
        y: y.as_array(),
        p0: p0.as_ref().map(|p0| p0.as_array()),
        sigma: sigma.as_ref().map(|sigma| sigma.as_array()),
        cov: cov.as_ref().map(|cov| cov.as_array()),
        absolute_sigma,
        omit,
        solver: search.options(),
    };
    let members = job.members();
    let progress = Progress::new(py, progress, members, "fit")?;
    let short = members.saturating_mul(job.y.ncols()) <= SHORT;
    let (found, stopped) = if short && matches!(job.native, Native::BuiltIn(_)) {
        let found = py.detach(|| job.run(&job.options(None), &Cancel::default(), false));
        (found, progress.finish(members).err())
    } else {
        py.detach(|| job.look_for_derivatives());
        progress.run(|counter| {
            let report = |done| counter.set(done);
            job.run(&job.options(Some(&report)), counter.cancel(), true)
        })
    };
    let found = found.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let interrupted = stopped.is_some();
    let tuple = (
        found.popt.into_pyarray(py),
        found.pcov.into_pyarray(py),
        found.cost.into_pyarray(py),
        found.nfev.mapv(|count| count as isize).into_pyarray(py),
        found
            .status
            .mapv(|status| number(status, interrupted) as isize)
            .into_pyarray(py),
        stopped.map(|error| error.into_value(py)),
    );
    Ok(tuple.into_pyobject(py)?.into_any())
}

/// The number that says how a fit ended. A compiled model that was asked to stop looks like one
/// that refused.
fn number(status: FitStatus, interrupted: bool) -> i32 {
    match status {
        FitStatus::Solved(status) => ier(status),
        FitStatus::NonFiniteData | FitStatus::BadStart => BAD_START,
        FitStatus::BadSigma => BAD_SIGMA,
        FitStatus::TooFewPoints => TOO_FEW,
        FitStatus::Stopped if !interrupted => STOPPED,
        _ => NOT_RUN,
    }
}

/// A model and its data, for any thread.
struct Job<'a> {
    native: Native,
    /// Whether derivatives are forward differences.
    differences: bool,
    x: ArrayViewD<'a, f64>,
    y: ArrayView2<'a, f64>,
    p0: Option<ArrayView2<'a, f64>>,
    sigma: Option<ArrayView2<'a, f64>>,
    cov: Option<ArrayView2<'a, f64>>,
    absolute_sigma: bool,
    omit: bool,
    solver: LeastSquaresOptions,
}

impl Job<'_> {
    /// The number of fits.
    fn members(&self) -> usize {
        let rows = |array: &ArrayView2<'_, f64>| array.nrows();
        let counts = [
            self.x.shape()[0],
            self.y.nrows(),
            self.p0.as_ref().map_or(1, rows),
            self.sigma.as_ref().map_or(1, rows),
        ];
        counts.into_iter().max().unwrap_or(1)
    }

    /// The options of the library.
    fn options<'o>(&'o self, progress: Option<Report<'o>>) -> CurveFitOptions<'o> {
        CurveFitOptions {
            sigma: match (&self.sigma, &self.cov) {
                (_, Some(cov)) => Sigma::covariance(cov),
                (Some(sigma), None) => Sigma::points(sigma),
                (None, None) => Sigma::Equal,
            },
            absolute_sigma: self.absolute_sigma,
            nan_policy: match self.omit {
                true => NanPolicy::Omit,
                false => NanPolicy::Refuse,
            },
            solver: self.solver.clone(),
            progress,
        }
    }

    /// Asks a compiled model for derivatives where the first fit starts; without any, they are
    /// forward differences.
    fn look_for_derivatives(&mut self) {
        let (Native::Compiled(model), Some(p0)) = (&self.native, &self.p0) else {
            return;
        };
        if !self.differences {
            let x: Vec<f64> = self
                .x
                .outer_iter()
                .next()
                .iter()
                .flatten()
                .copied()
                .collect();
            let p0 = p0.row(0).to_vec();
            self.differences = !model.has_jacobian(&x, &p0, self.y.ncols());
        }
    }

    /// Does the fits.
    fn run(
        &self,
        options: &CurveFitOptions<'_>,
        cancel: &Cancel,
        parallel: bool,
    ) -> Result<CurveFitBatch> {
        match &self.native {
            Native::BuiltIn(model) if self.differences => {
                let values = |x: &[f64], p: &[f64], y: &mut [f64]| {
                    model.values(x, p, y).expect("as many numbers as points");
                };
                self.fit(ValueModel::new(values), options, parallel)
            }
            Native::BuiltIn(model) => self.fit(*model, options, parallel),
            Native::Compiled(model) => {
                let model = Stoppable::new(*model, cancel);
                self.fit(model.model(!self.differences), options, parallel)
            }
        }
    }

    fn fit<M>(
        &self,
        model: M,
        options: &CurveFitOptions<'_>,
        parallel: bool,
    ) -> Result<CurveFitBatch, M::Error>
    where
        M: FitModel<Error: Send> + Sync,
    {
        let p0 = self.p0.as_deref();
        match parallel {
            true => par_curve_fit_batch(model, &self.x, &self.y, p0, options),
            false => curve_fit_batch(model, &self.x, &self.y, p0, options),
        }
    }
}
