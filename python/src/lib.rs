//! The Python face of ferrotran.

use pyo3::prelude::*;

/// The compiled half of the Python package `ferrotran`.
#[pymodule]
mod _ferrotran {}
