use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyFloat;

use super::native::Native;
use super::{Failure, members};
use crate::call;
use crate::compiled::CFunction;

/// What can be integrated.
pub(super) enum Integrand<'py> {
    /// A Python callable and its further arguments.
    Callable(Callable<'py>),
    /// A compiled function.
    Native(Native),
}

/// A Python callable and its further arguments.
pub(super) struct Callable<'py> {
    func: Bound<'py, PyAny>,
    args: Vec<Bound<'py, PyAny>>,
}

impl<'py> Integrand<'py> {
    /// Finds out what `func` is.
    pub(super) fn new(func: &Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(match CFunction::find(func, "func")? {
            None => Self::Callable(Callable {
                func: func.clone(),
                args: Vec::new(),
            }),
            Some(function) => Self::Native(Native::new(&function)?),
        })
    }
}

impl<'py> Callable<'py> {
    /// Sets the arguments that follow x.
    pub(super) fn with(mut self, args: Option<&Bound<'py, PyAny>>) -> Self {
        self.args = members(args);
        self
    }

    /// Sets the arguments that follow x to numbers.
    pub(super) fn set(&mut self, args: impl Iterator<Item = f64>) {
        let py = self.func.py();
        self.args.clear();
        self.args
            .extend(args.map(|arg| PyFloat::new(py, arg).into_any()));
    }

    /// Puts the values at `x` into `y`; of a complex value the part that is named.
    pub(super) fn evaluate(
        &self,
        x: &[f64],
        y: &mut [f64],
        part: Option<&str>,
    ) -> Result<(), Failure> {
        let py = self.func.py();
        for (x, y) in x.iter().zip(y) {
            let node = PyFloat::new(py, *x);
            let mut value = call::call(&self.func, &node, &self.args)?;
            if let Some(part) = part {
                value = value.getattr(part)?;
            }
            *y = call::float(&value).map_err(|error| self.not_a_number(&value, error))?;
        }
        Ok(())
    }

    /// The error for a value that is no number.
    fn not_a_number(&self, value: &Bound<'py, PyAny>, error: PyErr) -> PyErr {
        let py = self.func.py();
        if !error.is_instance_of::<PyTypeError>(py) {
            return error;
        }
        let kind = value.get_type();
        let kind = kind
            .name()
            .map_or_else(|_| "?".to_owned(), |name| name.to_string());
        let hint = if kind.starts_with("complex") {
            "; see `complex_func`"
        } else {
            ""
        };
        let new = PyTypeError::new_err(format!("`func` returned {kind}, expected a float{hint}"));
        new.set_cause(py, Some(error));
        new
    }
}
