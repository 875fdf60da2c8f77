//! The compiled half of `solve_ivp`; `python/ferrotran/integrate/_solve_ivp.py` checks the
//! arguments and makes the result.

mod callable;
mod dense;
mod found;
mod many;
mod native;
mod one;
mod settings;
mod side_by_side;

use ferrotran::integrate::{IvpStatus, System};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::compiled::CFunction;
use native::Native;

/// Adds the functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(one::_ivp_one, module)?)?;
    module.add_function(wrap_pyfunction!(many::_ivp_many, module)?)?;
    module.add_class::<dense::Interpolants>()
}

/// What can be integrated.
enum Function<'py> {
    /// A Python callable.
    Python(Bound<'py, PyAny>),
    /// A compiled function.
    Native(Native),
    /// A built-in system.
    System(System),
}

impl<'py> Function<'py> {
    /// Finds out what `fun` is.
    fn new(fun: &Bound<'py, PyAny>) -> PyResult<Self> {
        let module = fun.py().import("ferrotran.integrate.systems")?;
        if fun.is_instance(&module.getattr("System")?)? {
            return Ok(Self::System(match fun.getattr("name")?.extract()? {
                "lorenz" => System::Lorenz,
                "van_der_pol" => System::VanDerPol,
                "robertson" => System::Robertson,
                "three_body" => System::ThreeBody,
                name => return Err(PyValueError::new_err(format!("no system is named {name}"))),
            }));
        }
        Ok(match CFunction::find(fun, "fun")? {
            None => Self::Python(fun.clone()),
            Some(function) => Self::Native(Native::new(&function)?),
        })
    }
}

/// Why an integration did not return.
#[derive(Debug)]
enum Failure {
    /// Python code raised.
    Python(PyErr),
    /// An argument is refused.
    Argument(ferrotran::Error),
    /// Ctrl-C; the exception is elsewhere.
    Interrupted,
}

impl From<ferrotran::Error> for Failure {
    fn from(error: ferrotran::Error) -> Self {
        Self::Argument(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Python(error) => error,
            Failure::Argument(error) => PyValueError::new_err(error.to_string()),
            Failure::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}

/// The error for a compiled right-hand side that asked to stop.
fn refused(code: i32) -> PyErr {
    PyRuntimeError::new_err(format!(
        "`fun` stopped the integration: it returned {code}, expected 0"
    ))
}

/// The status as a number: SciPy's 0, 1 and -1, and further ones below.
fn number(status: IvpStatus) -> isize {
    match status {
        IvpStatus::Finished => 0,
        IvpStatus::Event => 1,
        IvpStatus::NotFinite => -2,
        IvpStatus::Singular => -3,
        IvpStatus::MaxSteps => -4,
        IvpStatus::Stopped => -5,
        IvpStatus::NotRun => -6,
        _ => -1,
    }
}
