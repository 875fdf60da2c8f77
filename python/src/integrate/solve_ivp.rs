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
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::compiled::CFunction;
use crate::failure::Failure;
use native::{Compiled, Fun, Native};

/// Adds the functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(one::_ivp_one, module)?)?;
    module.add_function(wrap_pyfunction!(many::_ivp_many, module)?)?;
    module.add_function(wrap_pyfunction!(_is_compiled_jac, module)?)?;
    module.add_class::<dense::Interpolants>()
}

/// What can be integrated.
enum Function<'py> {
    /// A Python callable.
    Python(Bound<'py, PyAny>),
    /// A compiled function or a built-in system.
    Compiled(Compiled),
}

impl<'py> Function<'py> {
    /// Finds out what `fun` is, with a Jacobian in C if it has one.
    fn new(fun: &Bound<'py, PyAny>, jac: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let jac = jac.map(|jac| CFunction::find(jac, "jac")).transpose()?;
        let jac = jac.flatten().map(|jac| Native::new(&jac, "jac"));
        let jac = jac.transpose()?;
        let module = fun.py().import("ferrotran.integrate.systems")?;
        let fun = if fun.is_instance(&module.getattr("System")?)? {
            Fun::System(match fun.getattr("name")?.extract()? {
                "lorenz" => System::Lorenz,
                "van_der_pol" => System::VanDerPol,
                "robertson" => System::Robertson,
                "three_body" => System::ThreeBody,
                name => return Err(PyValueError::new_err(format!("no system is named {name}"))),
            })
        } else if let Some(function) = CFunction::find(fun, "fun")? {
            Fun::Native(Native::new(&function, "fun")?)
        } else if jac.is_some() {
            return Err(PyValueError::new_err(
                "`jac` is a compiled function, but `fun` is a Python callable",
            ));
        } else {
            return Ok(Self::Python(fun.clone()));
        };
        Ok(Self::Compiled(Compiled { fun, jac }))
    }
}

/// Tells whether an argument is a compiled function.
#[pyfunction]
fn _is_compiled_jac(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    match CFunction::find(object, "jac") {
        Ok(found) => Ok(found.is_some()),
        Err(error) if object.is_callable() => Err(error),
        Err(_) => Ok(false),
    }
}

/// The error for a compiled function that asked to stop.
fn refused((argument, code): (&'static str, i32)) -> PyErr {
    Failure::Refused {
        argument,
        work: "integration",
        code,
    }
    .into()
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
