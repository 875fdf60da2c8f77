//! Adaptive quadrature: QAGS, QAGI and QAGP.

mod compiled;
mod outcome;
mod par;
mod workspace;

pub use compiled::{Compiled, quad_compiled};
pub use outcome::{Quad, QuadStatus};
pub use par::{par_quad, par_quad_nodes};
pub use workspace::{Intervals, QuadWorkspace};

use crate::{Error, Result};

/// Tolerances, effort and break points of a quadrature.
///
/// ```
/// use ferrotran::integrate::QuadOptions;
///
/// let options = QuadOptions { epsabs: 0.0, epsrel: 1e-10, ..Default::default() };
/// assert_eq!(options.limit, 50);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuadOptions {
    /// Absolute error that is good enough.
    pub epsabs: f64,
    /// Relative error that is good enough; at least 50 machine epsilons where `epsabs` is not
    /// positive.
    pub epsrel: f64,
    /// Most subintervals the range is split into.
    pub limit: usize,
    /// Points inside a finite range where the integrand is singular or jumps, in any order.
    pub points: Vec<f64>,
}

impl Default for QuadOptions {
    /// SciPy's: both tolerances 1.49e-8 (the root of the machine epsilon), 50 subintervals, no
    /// break points.
    fn default() -> Self {
        Self {
            epsabs: 1.49e-8,
            epsrel: 1.49e-8,
            limit: 50,
            points: Vec::new(),
        }
    }
}

/// Integrates `f` from `a` to `b` with the default options.
///
/// Either limit may be infinite, and `b` may be below `a`. The method bisects the interval with
/// the largest error estimate of a 21-point Gauss-Kronrod rule (15 points on an infinite range)
/// and extrapolates by Wynn's epsilon algorithm, so singularities at the limits do no harm:
/// Piessens, de Doncker-Kapenga, Überhuber and Kahaner, *QUADPACK*, Springer 1983.
///
/// The result may miss the tolerance; [`Quad::status`] says so, [`Quad::converged`] turns that
/// into an error. A NaN of the integrand gives NaN at once. `f` may itself call `quad`; when it
/// panics, the kernel is stopped and the panic goes on.
///
/// ```
/// use ferrotran::integrate::quad;
///
/// let gauss = quad(|x| (-x * x).exp(), f64::NEG_INFINITY, f64::INFINITY)?.converged()?;
/// assert!((gauss.value - std::f64::consts::PI.sqrt()).abs() <= gauss.abs_error);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// None of its own with the default options; [`quad_with`] has some.
pub fn quad<F>(f: F, a: f64, b: f64) -> Result<Quad>
where
    F: FnMut(f64) -> f64,
{
    quad_with(f, a, b, &QuadOptions::default())
}

/// Integrates `f` from `a` to `b` like [`quad`], with options.
///
/// ```
/// use ferrotran::integrate::{QuadOptions, quad_with};
///
/// let options = QuadOptions { points: vec![1.0 / 3.0], ..Default::default() };
/// let result = quad_with(|x| (x - 1.0 / 3.0).abs().sqrt(), 0.0, 1.0, &options)?;
/// assert!(result.abs_error < 1e-8);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when `epsabs` or `epsrel` is NaN or both are too small, when `limit` is not
/// above the number of break points or too large for the memory, or when `points` has a member
/// outside the range or the range is infinite.
pub fn quad_with<F>(mut f: F, a: f64, b: f64, options: &QuadOptions) -> Result<Quad>
where
    F: FnMut(f64) -> f64,
{
    quad_nodes(|x, y| fill(x, y, &mut f), a, b, options)
}

/// Integrates a vectorised `f` from `a` to `b`: it gets many nodes and puts its values into the
/// second slice.
///
/// All nodes of an interval come at once, those of both halves after a bisection: 21 or 42, on
/// an infinite range 15 or 30, on the whole line 30 or 60. A loop over a slice that the
/// compiler vectorises saves most of the time of a cheap integrand. Their order is unspecified.
/// A value that `f` leaves out counts as NaN.
///
/// ```
/// use ferrotran::integrate::{QuadOptions, quad_nodes};
///
/// let square = |x: &[f64], y: &mut [f64]| {
///     for (x, y) in x.iter().zip(y) {
///         *y = x * x;
///     }
/// };
/// let result = quad_nodes(square, 0.0, 3.0, &QuadOptions::default())?;
/// assert_eq!(result.evaluations, 21);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// As [`quad_with`].
pub fn quad_nodes<F>(mut f: F, a: f64, b: f64, options: &QuadOptions) -> Result<Quad>
where
    F: FnMut(&[f64], &mut [f64]),
{
    let whole = |x: &[f64], y: &mut [f64]| {
        f(x, y);
        Ok(())
    };
    try_quad_nodes(whole, a, b, options)
}

/// Integrates `f` from `a` to `b` like [`quad_with`], until `f` returns an error.
///
/// ```
/// use ferrotran::integrate::{QuadOptions, try_quad};
///
/// let root = |x: f64| -> Result<f64, Box<dyn std::error::Error>> {
///     if x < 0.5 { Err(format!("no root at {x}").into()) } else { Ok((x - 0.5).sqrt()) }
/// };
/// let error = try_quad(root, 0.0, 1.0, &QuadOptions::default()).unwrap_err();
/// assert!(error.to_string().starts_with("no root at 0."));
/// ```
///
/// # Errors
/// The error of `f`, or one of [`quad_with`] made into `E`.
pub fn try_quad<F, E>(mut f: F, a: f64, b: f64, options: &QuadOptions) -> Result<Quad, E>
where
    F: FnMut(f64) -> Result<f64, E>,
    E: From<Error>,
{
    let each = |x: &[f64], y: &mut [f64]| {
        for (x, y) in x.iter().zip(y) {
            *y = f(*x)?;
        }
        Ok(())
    };
    try_quad_nodes(each, a, b, options)
}

/// Integrates a vectorised `f` like [`quad_nodes`], until it returns an error.
///
/// # Errors
/// The error of `f`, or one of [`quad_with`] made into `E`.
pub fn try_quad_nodes<F, E>(f: F, a: f64, b: f64, options: &QuadOptions) -> Result<Quad, E>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    E: From<Error>,
{
    QuadWorkspace::new().try_quad_nodes(f, a, b, options)
}

/// Puts the values of a scalar `f` at the nodes `x` into `y`.
fn fill(x: &[f64], y: &mut [f64], mut f: impl FnMut(f64) -> f64) {
    for (x, y) in x.iter().zip(y) {
        *y = f(*x);
    }
}
