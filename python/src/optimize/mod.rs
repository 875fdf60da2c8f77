//! `ferrotran.optimize`: least squares and curve fitting. The arguments are read in Python.

mod curve_fit;
mod least_squares;
mod search;

use pyo3::prelude::*;

/// Adds what `ferrotran.optimize` calls.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    curve_fit::add_to(module)?;
    least_squares::add_to(module)
}
