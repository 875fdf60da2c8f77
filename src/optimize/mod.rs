//! Least squares and curve fitting.
//!
//! [`least_squares`] minimises the sum of the squares of residuals. [`curve_fit`] fits a model, such
//! as those of [`Model`], to data; [`par_curve_fit_batch`] does so for many sets of data at once.

mod curve_fit;
mod least_squares;

pub use curve_fit::{
    CompiledModel, CurveFit, CurveFitBatch, CurveFitOptions, CurveFitOutput, FitModel, FitStatus,
    JacobianModel, Model, ModelFn, NanPolicy, Progress, Sigma, TryModel, ValueModel, curve_fit,
    curve_fit_batch, curve_fit_batch_into, par_curve_fit_batch, par_curve_fit_batch_into,
};
pub use least_squares::{
    LeastSquares, LeastSquaresBatch, LeastSquaresOptions, LeastSquaresStatus,
    LeastSquaresWorkspace, least_squares, least_squares_jac, par_least_squares,
    par_least_squares_jac, try_least_squares, try_least_squares_jac,
};

#[cfg(doctest)]
#[doc = include_str!("../../docs/curve_fit.md")]
struct CurveFitPage;

#[cfg(doctest)]
#[doc = include_str!("../../docs/least_squares.md")]
struct LeastSquaresPage;
