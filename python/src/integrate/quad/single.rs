use ferrotran::integrate::{Quad, QuadOptions, QuadWorkspace};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyDict, PyTuple};

use super::integrand::{Callable, Integrand};
use super::native::Native;
use super::{Failure, break_points, keep_inside, members, positive, report};
use crate::call::Signals;

/// Integrate a function from `a` to `b`.
///
/// Adaptive Gauss-Kronrod quadrature with extrapolation: QUADPACK's QAGS, QAGI and QAGP. Names,
/// defaults and results are those of `scipy.integrate.quad`.
///
/// Parameters
/// ----------
/// func : callable, LowLevelCallable, cfunc, ctypes function or PyCapsule
///     The integrand. A Python callable is called as ``func(x, *args)`` and returns a float.
///     A compiled one has one of the signatures below; the GIL is free while it runs.
/// a, b : float
///     The limits; either may be infinite, and `b` may be less than `a`.
/// args : tuple, optional
///     Further arguments of `func`; one object that is no tuple counts as one argument. A
///     compiled integrand takes numbers.
/// full_output : int, optional
///     If true, return the dictionary too, and the message instead of a warning.
/// epsabs, epsrel : float, optional
///     Tolerances: the aim is an error of at most ``max(epsabs, epsrel * abs(value))``.
/// limit : int, optional
///     Most subintervals.
/// points : array_like of float, optional
///     Places inside a finite range where the integrand is singular or jumps. Those outside
///     are ignored.
/// weight, wvar, wopts, maxp1, limlst
///     Not supported; there for SciPy's order of arguments.
/// complex_func : bool, optional
///     Whether the Python callable returns complex numbers; its parts are integrated one
///     after the other.
///
/// Returns
/// -------
/// value : float
///     The integral.
/// abserr : float
///     Estimate of its absolute error.
/// infodict : dict
///     Only with `full_output`: ``neval`` evaluations; ``last`` subintervals, whose ends,
///     integrals, errors and order by decreasing error are the first ``last`` members of
///     ``alist``, ``blist``, ``rlist``, ``elist`` and ``iord``. On an infinite range the ends
///     are in the variable t of ``x = bound +- (1 - t) / t``. With `points` also ``pts``,
///     ``level`` and ``ndin``.
/// message : str
///     Only with `full_output`, and only if the tolerance may be missed: the reason.
///
/// Raises
/// ------
/// ValueError
///     If tolerances, `limit`, `points` or the signature of `func` are not acceptable, or if
///     `weight` is given.
/// TypeError
///     If `func` cannot be called or does not return a float.
/// RuntimeError
///     If a compiled integrand returns an error code.
///
/// Warns
/// -----
/// IntegrationWarning
///     If the tolerance may be missed and `full_output` is false.
///
/// See Also
/// --------
/// quad_batch : Many ranges and parameters at once, in parallel.
///
/// Notes
/// -----
/// Signatures of a compiled integrand, SciPy's four and one that gets all nodes at once::
///
///     double f(double x);
///     double f(double x, void *user_data);
///     double f(int n, double *xx);                    /* xx[0] is x, xx[1:] is args */
///     double f(int n, double *xx, void *user_data);
///     int f(void *ctx, ptrdiff_t n, const double *x, double *y);  /* 0 for success */
///
/// ``ctx`` and ``user_data`` are the user data of a LowLevelCallable; where it has none, they
/// point to `args` as an array of double. The last form saves most for cheap integrands.
///
/// A NaN of the integrand ends the search with NaN, without a warning.
///
/// References
/// ----------
/// R. Piessens, E. de Doncker-Kapenga, C. W. Ueberhuber, D. K. Kahaner, *QUADPACK*, Springer
/// 1983, doi:10.1007/978-3-642-61786-7.
///
/// Examples
/// --------
/// >>> import math
/// >>> from ferrotran.integrate import quad
/// >>> value, abserr = quad(lambda x: math.exp(-x * x), 0, math.inf)
/// >>> math.isclose(value, math.sqrt(math.pi) / 2)
/// True
/// >>> round(quad(lambda x, p: x**p, 0, 1, args=(2,))[0], 12)
/// 0.333333333333
#[pyfunction]
#[pyo3(
    signature = (
        func, a, b, args=None, full_output=None, epsabs=1.49e-8, epsrel=1.49e-8, limit=50,
        points=None, weight=None, wvar=None, wopts=None, maxp1=None, limlst=None,
        complex_func=false,
    ),
    text_signature = "(func, a, b, args=(), full_output=0, epsabs=1.49e-08, epsrel=1.49e-08, \
        limit=50, points=None, weight=None, wvar=None, wopts=None, maxp1=50, limlst=50, \
        complex_func=False)"
)]
#[expect(clippy::too_many_arguments, reason = "SciPy's")]
pub(super) fn quad<'py>(
    py: Python<'py>,
    func: &Bound<'py, PyAny>,
    a: f64,
    b: f64,
    args: Option<&Bound<'py, PyAny>>,
    full_output: Option<&Bound<'py, PyAny>>,
    epsabs: f64,
    epsrel: f64,
    limit: isize,
    points: Option<&Bound<'py, PyAny>>,
    weight: Option<&Bound<'py, PyAny>>,
    wvar: Option<&Bound<'py, PyAny>>,
    wopts: Option<&Bound<'py, PyAny>>,
    maxp1: Option<&Bound<'py, PyAny>>,
    limlst: Option<&Bound<'py, PyAny>>,
    complex_func: bool,
) -> PyResult<Bound<'py, PyTuple>> {
    let _ = (wvar, wopts, maxp1, limlst);
    if let Some(weight) = weight {
        return Err(PyValueError::new_err(format!(
            "`weight` is {}, expected None: weighted integrals are not supported",
            weight.repr()?
        )));
    }
    let mut options = QuadOptions {
        epsabs,
        epsrel,
        limit: positive(limit)?,
        points: break_points(points)?,
    };
    keep_inside(&mut options.points, a, b);
    let run = Run {
        a,
        b,
        options,
        broken: points.is_some(),
        full_output: full_output.map_or(Ok(false), |flag| flag.is_truthy())?,
    };
    let found = match Integrand::new(func)? {
        Integrand::Native(native) => run.native(py, native, args, complex_func)?,
        Integrand::Callable(callable) => {
            let callable = callable.with(args);
            if complex_func {
                return run.complex(py, &callable);
            }
            run.callable(py, &callable, None)?
        }
    };
    let (value, abserr) = (found.quad.value, found.quad.abs_error);
    match (found.info, found.message) {
        (None, _) => (value, abserr).into_pyobject(py),
        (Some(info), None) => (value, abserr, info).into_pyobject(py),
        (Some(info), Some(message)) => (value, abserr, info, message).into_pyobject(py),
    }
}

/// The arguments that do not depend on the integrand.
struct Run {
    a: f64,
    b: f64,
    options: QuadOptions,
    /// Whether break points were given, inside the range or not.
    broken: bool,
    full_output: bool,
}

/// What one quadrature gives.
struct Found<'py> {
    quad: Quad,
    info: Option<Bound<'py, PyDict>>,
    message: Option<String>,
}

impl Run {
    /// Integrates a Python callable, of complex values the part that is named.
    fn callable<'py>(
        &self,
        py: Python<'py>,
        callable: &Callable<'py>,
        part: Option<&str>,
    ) -> PyResult<Found<'py>> {
        let mut workspace = QuadWorkspace::new();
        let each = |x: &[f64], y: &mut [f64]| callable.evaluate(x, y, part);
        let quad = workspace.try_quad_nodes::<_, Failure>(each, self.a, self.b, &self.options)?;
        self.report(py, quad, &workspace)
    }

    /// Integrates a compiled function, without the GIL; Ctrl-C is looked for after each of its
    /// calls but the first.
    fn native<'py>(
        &self,
        py: Python<'py>,
        native: Native,
        args: Option<&Bound<'py, PyAny>>,
        complex_func: bool,
    ) -> PyResult<Found<'py>> {
        if complex_func {
            return Err(PyValueError::new_err(
                "`complex_func` is True, but `func` is a compiled function of doubles",
            ));
        }
        let mut xx = vec![0.0];
        for arg in members(args) {
            xx.push(arg.extract().map_err(|_| {
                PyTypeError::new_err(format!(
                    "`args` contains {arg}, expected floats for a compiled `func`"
                ))
            })?);
        }
        if xx.len() > 1 && !native.takes_parameters() {
            return Err(untaken(xx.len() - 1));
        }
        let (outcome, workspace, signals) = py.detach(|| {
            let mut workspace = QuadWorkspace::new();
            let mut signals = None;
            let mut calls = 0;
            let each = |x: &[f64], y: &mut [f64]| {
                calls += 1;
                if calls > 1 && signals.get_or_insert_with(Signals::new).interrupted() {
                    return Err(Failure::Interrupted);
                }
                native.evaluate(x, y, &mut xx)
            };
            let outcome = workspace.try_quad_nodes(each, self.a, self.b, &self.options);
            (outcome, workspace, signals)
        });
        if let Some(signals) = signals {
            signals.result()?;
        }
        self.report(py, outcome?, &workspace)
    }

    /// Integrates the real and the imaginary part of a Python callable.
    fn complex<'py>(
        &self,
        py: Python<'py>,
        callable: &Callable<'py>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let real = self.callable(py, callable, Some("real"))?;
        let imag = self.callable(py, callable, Some("imag"))?;
        let value = PyComplex::from_doubles(py, real.quad.value, imag.quad.value);
        let abserr = PyComplex::from_doubles(py, real.quad.abs_error, imag.quad.abs_error);
        if !self.full_output {
            return (value, abserr).into_pyobject(py);
        }
        let both = PyDict::new(py);
        for (name, found) in [("real", real), ("imag", imag)] {
            match (found.info, found.message) {
                // SciPy's form where nothing is integrated.
                (Some(info), _) if self.a == self.b => both.set_item(name, info)?,
                (Some(info), Some(message)) => both.set_item(name, (info, message))?,
                (info, _) => both.set_item(name, (info,))?,
            }
        }
        (value, abserr, both).into_pyobject(py)
    }

    /// Warns, or collects what `full_output` asks for.
    fn report<'py>(
        &self,
        py: Python<'py>,
        quad: Quad,
        workspace: &QuadWorkspace,
    ) -> PyResult<Found<'py>> {
        let limit = self.options.limit;
        let message = report::message(&quad, limit);
        let mut info = None;
        if self.full_output {
            let range = self.broken.then_some((self.a, self.b));
            info = Some(report::infodict(py, &quad, workspace, limit, range)?);
        } else if let Some(message) = &message {
            report::warn(py, message)?;
        }
        Ok(Found {
            quad,
            info,
            message,
        })
    }
}

/// The error for parameters that cannot reach a compiled integrand.
pub(super) fn untaken(count: usize) -> PyErr {
    PyValueError::new_err(format!(
        "`args` has {count} members, but `func` has no place for them: its signature takes x \
         alone, or its user data is set"
    ))
}
