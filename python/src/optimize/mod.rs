//! `ferrotran.optimize`: least squares and curve fitting. The arguments are read in Python.

mod least_squares;
mod search;

use pyo3::prelude::*;

/// Adds what `ferrotran.optimize` calls.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    least_squares::add_to(module)
}
