//! Fits of models to data, one or a batch.

mod batch;
mod data;
mod engine;
mod gather;
mod guess;
mod lanes;
mod model;
mod outcome;
mod progress;
mod traits;

pub use batch::{
    curve_fit_batch, curve_fit_batch_into, par_curve_fit_batch, par_curve_fit_batch_into,
};
pub use data::Sigma;
pub use model::Model;
pub use outcome::{CurveFit, CurveFitBatch, CurveFitOutput, FitStatus};
pub(super) use progress::Meter;
pub use progress::Progress;
pub use traits::{CompiledModel, FitModel, JacobianModel, ModelFn, TryModel, ValueModel};

use ndarray::{Array, Array1, ArrayRef, ArrayRef1, Axis, Dimension};

use crate::optimize::LeastSquaresOptions;
use crate::optimize::least_squares::{Bounds, Problem};
use crate::{Error, Result};
use data::{Data, points};
use engine::{Engine, Fits, Found};

/// What happens to points that are NaN in `x`, `y` or `sigma`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NanPolicy {
    /// The fit is refused: an error, or the status `NonFiniteData` in a batch.
    #[default]
    Refuse,
    /// They are left out.
    Omit,
}

/// Uncertainties, treatment of NaN, tolerances and bounds of a fit.
///
/// ```
/// use ferrotran::optimize::{CurveFitOptions, Sigma};
///
/// let sigma = ndarray::array![0.1, 0.1, 0.2];
/// let options = CurveFitOptions {
///     sigma: Sigma::points(&sigma),
///     absolute_sigma: true,
///     ..Default::default()
/// };
/// assert_eq!(options.solver.gtol, 0.0);
/// ```
#[derive(Clone)]
pub struct CurveFitOptions<'a> {
    /// The uncertainty of `y`.
    pub sigma: Sigma<'a>,
    /// Whether `sigma` is in the units of `y`. If not, only its ratios count, and the covariance
    /// is scaled so that the reduced chi-square is 1.
    pub absolute_sigma: bool,
    /// What happens to NaN.
    pub nan_policy: NanPolicy,
    /// Tolerances, bounds, number of evaluations; no weights.
    pub solver: LeastSquaresOptions,
    /// Told how far a batch is; not for a single fit.
    pub progress: Option<Progress<'a>>,
}

impl Default for CurveFitOptions<'_> {
    /// SciPy's: no `sigma`, `ftol` and `xtol` 1.49e-8 (the root of the machine epsilon), `gtol`
    /// 0, no bounds.
    fn default() -> Self {
        Self {
            sigma: Sigma::Equal,
            absolute_sigma: false,
            nan_policy: NanPolicy::Refuse,
            solver: LeastSquaresOptions {
                ftol: 1.49012e-8,
                xtol: 1.49012e-8,
                gtol: 0.0,
                ..Default::default()
            },
            progress: None,
        }
    }
}

impl CurveFitOptions<'_> {
    /// What the solver is to do.
    fn problem<'a, M: FitModel>(
        &'a self,
        model: &M,
        data: &Data<'_>,
        bounds: &'a Bounds,
    ) -> Result<Problem<'a>> {
        let compiled = model.compiled().map(|c| c.has_jacobian);
        let differences = !compiled.unwrap_or(model.has_jacobian());
        if let Some(&found) = self.solver.weights.first() {
            let (argument, expected) = ("weights", "none: `sigma` weighs the points of a fit");
            return Err(Error::Value {
                argument,
                expected,
                found,
            });
        }
        let problem = self.solver.problem(data.m, data.n, bounds, differences)?;
        Ok(Problem {
            together: true,
            ..problem
        })
    }
}

/// Fits a model to `m` points by nonlinear least squares.
///
/// `x` has shape (m,), or (k, m) for a model of k predictors; `y` has length m. The search starts
/// at `p0`, or, for a built-in [`Model`] without one, at [`Model::guess`]. The method is
/// Levenberg-Marquardt (Moré 1978, doi:10.1007/BFb0067700), with forward differences for a model
/// that gives no derivatives.
///
/// The search may end without success: [`CurveFit::status`] says so. A NaN of the model at a trial
/// point makes the step shorter.
///
/// ```
/// use ferrotran::optimize::{CurveFitOptions, Model, curve_fit};
/// use ndarray::Array1;
///
/// let x = Array1::linspace(0.0, 4.0, 50);
/// let y = x.mapv(|x: f64| 2.5 * (-1.3 * x).exp() + 0.5);
/// let fit = curve_fit(Model::Exponential, &x, &y, None, &CurveFitOptions::default())?;
/// assert!(fit.status.converged());
/// assert!((fit.popt[1] - 1.3).abs() < 1e-9);
///
/// let p0 = ndarray::array![1.0, 1.0];
/// let model = |x: f64, p: &[f64]| p[0] / (1.0 + p[1] * x);
/// let fit = curve_fit(model, &x, &y, Some(&p0), &CurveFitOptions::default())?;
/// assert!(fit.standard_errors()[0] > 0.01); // the model does not fit
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// The error of the model; [`Error::Length`] and [`Error::Shape`] when shapes disagree;
/// [`Error::Value`] for fewer points than parameters, data that are not finite, a `sigma` that is
/// not positive, or options that contradict one another; [`Error::Stopped`] when a compiled model
/// asks for it.
pub fn curve_fit<M: FitModel, D: Dimension>(
    model: M,
    x: &ArrayRef<f64, D>,
    y: &ArrayRef1<f64>,
    p0: Option<&ArrayRef1<f64>>,
    options: &CurveFitOptions<'_>,
) -> Result<CurveFit, M::Error> {
    let row = Axis(0);
    let p0 = p0.map(|p| p.view().insert_axis(row));
    let y = y.view().insert_axis(row);
    let data = Data::new(&model, points(x, false)?, y, p0, &options.sigma)?;
    if data.batch != 1 {
        let (expected, found) = (1, data.batch);
        return Err(Error::Length {
            argument: "sigma",
            expected,
            found,
        }
        .into());
    }
    let bounds = options.solver.bounds(data.n)?;
    let fits = Fits {
        model: &model,
        data: &data,
        bounds: &bounds,
        problem: options.problem(&model, &data, &bounds)?,
        policy: options.nan_policy,
    };
    let mut engine = Engine::default();
    let mut found = Found::refused(FitStatus::NotRun);
    engine.run(&fits, 0..1, || false, |_, _, this| found = *this)?;
    let bad = |argument, expected, found| {
        Err(Error::Value {
            argument,
            expected,
            found,
        }
        .into())
    };
    match found.status {
        FitStatus::NonFiniteData => return bad("x or y", "finite numbers", f64::NAN),
        FitStatus::BadSigma => return bad("sigma", "positive, or positive definite", f64::NAN),
        FitStatus::BadStart => return bad("p0", "finite and within the bounds", f64::NAN),
        FitStatus::TooFewPoints => {
            return bad("points", "as many as parameters", found.points as f64);
        }
        FitStatus::Stopped => return Err(Error::Stopped.into()),
        FitStatus::Solved(_) | FitStatus::NotRun => {}
    }
    engine.finish(&found, options.absolute_sigma);
    let residuals = engine.residuals(&fits, &found);
    let pcov = Array::from_shape_vec((data.n, data.n), engine.cov);
    Ok(CurveFit {
        popt: Array1::from(engine.p),
        pcov: pcov.expect("the solver leaves n x n numbers"),
        residuals: Array1::from(residuals),
        cost: found.cost,
        nfev: found.nfev,
        njev: found.njev,
        status: found.status,
    })
}
