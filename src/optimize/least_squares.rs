//! Nonlinear least squares: Levenberg-Marquardt after Moré, with bounds.

mod closure;
mod options;
mod outcome;
mod par;
mod status;
mod workspace;

pub(super) use options::Bounds;
pub use options::LeastSquaresOptions;
pub use outcome::{LeastSquares, LeastSquaresBatch};
pub use par::{par_least_squares, par_least_squares_jac};
pub use status::LeastSquaresStatus;
pub use workspace::LeastSquaresWorkspace;
pub(super) use workspace::{Problem, Summary};

use ndarray::{ArrayRef1, ArrayViewMut2};

use crate::{Error, Result};

/// Minimises half the sum of the squares of the `m` residuals that `f` puts into its second
/// argument, over its first, from `x0`.
///
/// The method is that of Levenberg and Marquardt in a trust region, after J. J. Moré, *Lecture
/// Notes in Mathematics* 630 (1978) 105, doi:10.1007/BFb0067700, with derivatives by forward
/// differences; [`least_squares_jac`] takes them from a closure. Bounds hold at each evaluation,
/// also those for differences.
///
/// The result may not be a minimum; [`LeastSquares::status`] says so, and
/// [`LeastSquares::converged`] turns that into an error. A residual that is left out is NaN. A
/// point where one is not finite is no better than any other: the step is shortened; only at
/// `x0` does it end the search. When `f` panics, the kernel is stopped and the panic goes on.
///
/// ```
/// use ferrotran::optimize::{LeastSquaresOptions, least_squares};
/// use ndarray::array;
///
/// let rosenbrock = |x: &[f64], r: &mut [f64]| {
///     r[0] = 10.0 * (x[1] - x[0] * x[0]);
///     r[1] = 1.0 - x[0];
/// };
/// let options = LeastSquaresOptions::default();
/// let result = least_squares(rosenbrock, 2, &array![-1.2, 1.0], &options)?.converged()?;
/// assert!((result.x[0] - 1.0).abs() < 1e-8 && result.cost < 1e-15);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when `m` is below the number of parameters, when `x0` is not finite or not
/// within the bounds, when a lower bound is not below its upper bound, or when another option is
/// outside its domain; [`Error::Length`] when bounds or scales are not one per parameter.
pub fn least_squares<F>(
    mut f: F,
    m: usize,
    x0: &ArrayRef1<f64>,
    options: &LeastSquaresOptions,
) -> Result<LeastSquares>
where
    F: FnMut(&[f64], &mut [f64]),
{
    let whole = |x: &[f64], r: &mut [f64]| {
        f(x, r);
        Ok(())
    };
    try_least_squares(whole, m, x0, options)
}

/// Minimises as [`least_squares`] does, with the derivatives that `jac` puts into its second
/// argument: element `[[i, j]]` is that of residual `i` by parameter `j`.
///
/// The columns of that matrix are contiguous. `f` is called at each point that is tried, `jac` at
/// those that are taken.
///
/// ```
/// use ferrotran::optimize::{LeastSquaresOptions, least_squares_jac};
/// use ndarray::{ArrayViewMut2, array};
///
/// let f = |x: &[f64], r: &mut [f64]| {
///     r[0] = 10.0 * (x[1] - x[0] * x[0]);
///     r[1] = 1.0 - x[0];
/// };
/// let jac = |x: &[f64], mut jac: ArrayViewMut2<f64>| {
///     jac.assign(&array![[-20.0 * x[0], 10.0], [-1.0, 0.0]]);
/// };
/// let options = LeastSquaresOptions::default();
/// let result = least_squares_jac(f, jac, 2, &array![-1.2, 1.0], &options)?;
/// assert!((result.x[1] - 1.0).abs() < 1e-8);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// As [`least_squares`].
pub fn least_squares_jac<F, J>(
    mut f: F,
    mut jac: J,
    m: usize,
    x0: &ArrayRef1<f64>,
    options: &LeastSquaresOptions,
) -> Result<LeastSquares>
where
    F: FnMut(&[f64], &mut [f64]),
    J: FnMut(&[f64], ArrayViewMut2<'_, f64>),
{
    let whole = |x: &[f64], r: &mut [f64]| {
        f(x, r);
        Ok(())
    };
    let derivatives = |x: &[f64], a: ArrayViewMut2<'_, f64>| {
        jac(x, a);
        Ok(())
    };
    try_least_squares_jac(whole, derivatives, m, x0, options)
}

/// Minimises as [`least_squares`] does, until `f` returns an error.
///
/// # Errors
/// The error of `f`, or one of [`least_squares`] made into `E`.
pub fn try_least_squares<F, E>(
    f: F,
    m: usize,
    x0: &ArrayRef1<f64>,
    options: &LeastSquaresOptions,
) -> Result<LeastSquares, E>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    E: From<Error>,
{
    LeastSquaresWorkspace::new().try_least_squares(f, m, x0, options)
}

/// Minimises as [`least_squares_jac`] does, until `f` or `jac` returns an error.
///
/// # Errors
/// The error of `f` or `jac`, or one of [`least_squares`] made into `E`.
pub fn try_least_squares_jac<F, J, E>(
    f: F,
    jac: J,
    m: usize,
    x0: &ArrayRef1<f64>,
    options: &LeastSquaresOptions,
) -> Result<LeastSquares, E>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    J: FnMut(&[f64], ArrayViewMut2<'_, f64>) -> Result<(), E>,
    E: From<Error>,
{
    LeastSquaresWorkspace::new().try_least_squares_jac(f, jac, m, x0, options)
}
