//! Why work that calls functions of the user's did not return.

use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// Why a search or an integration did not return.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Python code raised.
    Python(PyErr),
    /// An argument is refused.
    Argument(ferrotran::Error),
    /// A compiled function returned `code` instead of 0.
    Refused {
        /// The argument that it was given as.
        argument: &'static str,
        /// What it stopped.
        work: &'static str,
        /// What it returned.
        code: i32,
    },
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
            Failure::Refused {
                argument,
                work,
                code,
            } => PyRuntimeError::new_err(format!(
                "`{argument}` stopped the {work}: it returned {code}, expected 0"
            )),
            Failure::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}
