//! `ferrotran.integrate`: numerical integration.

mod quad;

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let public = Public::new(module, "ferrotran.integrate");
    quad::add_to(&public, module)
}
