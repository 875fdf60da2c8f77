//! Which of the three.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The language of a native kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Fortran,
    C,
    Rust,
}

impl<'py> FromPyObject<'_, 'py> for Language {
    type Error = PyErr;

    fn extract(word: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match word.extract::<String>()?.as_str() {
            "fortran" => Ok(Self::Fortran),
            "c" => Ok(Self::C),
            "rust" => Ok(Self::Rust),
            other => Err(PyValueError::new_err(format!(
                "`language` is '{other}', expected 'fortran', 'c' or 'rust'"
            ))),
        }
    }
}

/// A length as the native kernels take it.
pub(crate) fn size(n: usize) -> isize {
    isize::try_from(n).expect("no array is longer than isize::MAX")
}

/// An integer as the native kernels take it.
pub(crate) fn integer(n: usize) -> i64 {
    i64::try_from(n).expect("usize has 64 bits, and no range comes near their end")
}

/// A number from Python within a range.
///
/// # Errors
/// `ValueError` with the name, the range and the number.
pub(crate) fn within(name: &str, value: usize, largest: usize) -> PyResult<()> {
    if value <= largest {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "`{name}` is {value}, expected at most {largest}"
    )))
}

/// Two lengths that must agree.
///
/// # Errors
/// `ValueError` with the name and both lengths.
pub(crate) fn length(name: &str, found: usize, expected: usize) -> PyResult<()> {
    if found == expected {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "`{name}` has {found} elements, expected {expected}"
    )))
}
