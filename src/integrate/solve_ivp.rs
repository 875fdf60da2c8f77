//! Initial value problems of ordinary differential equations.

mod batch;
mod dense;
mod drive;
mod events;
mod explicit;
mod options;
mod outputs;
mod problem;
mod radau;
mod record;
mod rhs;
mod solution;
mod stepper;
mod still;
mod systems;
mod zeroin;

pub use batch::{IvpBatch, IvpMember, IvpProgress, par_solve_ivp_batch, solve_ivp_batch};
pub use dense::DenseSolution;
pub use events::Event;
pub use options::{IvpOptions, Method, Tolerance};
pub use problem::Ivp;
pub use rhs::{
    CompiledRhs, InLanes, LANES, Lanes, LanesFn, Returned, RightHandSide, ScalarFn, WithJacobian,
};
pub use solution::{IvpSolution, IvpStatus, Occurrences};
pub use systems::System;

use ndarray::ArrayRef1;

use crate::{Error, Result};

/// Integrates `dy/dt = f(t, y)` from `t_span.0`, where `y` is `y0`, to `t_span.1`.
///
/// `f(t, y, dydt)` puts the derivatives at the state `y` (n) into `dydt` (n); what it leaves out
/// is NaN. The span may run backward. The methods choose their steps so that the local error
/// meets `rtol` and `atol`; meanings and defaults are those of SciPy's `solve_ivp` (Shampine and
/// Reichelt, *SIAM J. Sci. Comput.* 18 (1997) 1, doi:10.1137/S1064827594276424). [`Ivp`] takes
/// events and the Jacobian as well.
///
/// | method | order | for | source |
/// |---|---|---|---|
/// | [`Method::Rk45`] | 5(4) | loose tolerances | Dormand, Prince 1980, doi:10.1016/0771-050X(80)90013-3 |
/// | [`Method::Dop853`] | 8(5, 3) | tight tolerances | Hairer, Nørsett, Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993, doi:10.1007/978-3-540-78862-1, section II.5 |
/// | [`Method::Radau`] | 5 | stiff problems | Hairer, Wanner, *Solving Ordinary Differential Equations II*, 2nd ed., Springer 1996, doi:10.1007/978-3-642-05221-7, section IV.8 |
///
/// The integration may end before the end of the span; [`IvpSolution::status`] says why. When `f`
/// panics, the integration is stopped and the panic goes on.
///
/// ```
/// use ferrotran::integrate::{IvpOptions, Method, solve_ivp};
/// use ndarray::array;
///
/// let decay = |_t: f64, y: &[f64], dydt: &mut [f64]| dydt[0] = -0.5 * y[0];
/// let options = IvpOptions {
///     method: Method::Dop853,
///     rtol: 1e-10,
///     atol: 1e-12.into(),
///     t_eval: Some(vec![0.0, 1.0, 2.0]),
///     ..Default::default()
/// };
/// let solution = solve_ivp(decay, (0.0, 2.0), &array![4.0], &options)?;
/// assert_eq!(solution.y.dim(), (1, 3));
/// assert!((solution.y[[0, 2]] - 4.0 * (-1f64).exp()).abs() < 1e-9);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when an end of the span or a number in `y0` is not finite, or an option is
/// outside its domain, named by the field; [`Error::Length`] when `atol` has one number for each
/// component of another state.
pub fn solve_ivp<F>(
    f: F,
    t_span: (f64, f64),
    y0: &ArrayRef1<f64>,
    options: &IvpOptions,
) -> Result<IvpSolution>
where
    F: FnMut(f64, &[f64], &mut [f64]),
{
    Ivp::new(f, t_span, y0).solve(options)
}

/// Integrates like [`solve_ivp`], until `f` returns an error.
///
/// ```
/// use ferrotran::integrate::{IvpOptions, try_solve_ivp};
/// use ndarray::array;
///
/// let f = |t: f64, y: &[f64], dydt: &mut [f64]| -> Result<(), Box<dyn std::error::Error>> {
///     dydt[0] = y[0];
///     if t < 1.0 { Ok(()) } else { Err(format!("no data at {t}").into()) }
/// };
/// let error = try_solve_ivp(f, (0.0, 5.0), &array![1.0], &IvpOptions::default()).unwrap_err();
/// assert!(error.to_string().starts_with("no data at "));
/// ```
///
/// # Errors
/// The error of `f`, or one of [`solve_ivp`] made into `E`.
pub fn try_solve_ivp<F, E>(
    f: F,
    t_span: (f64, f64),
    y0: &ArrayRef1<f64>,
    options: &IvpOptions,
) -> Result<IvpSolution, E>
where
    F: FnMut(f64, &[f64], &mut [f64]) -> Result<(), E>,
    E: From<Error>,
{
    Ivp::new(f, t_span, y0).solve(options)
}
