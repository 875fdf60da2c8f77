//! `ferrotran.integrate`: numerical integration, of functions and of differential equations.

mod quad;
mod solve_ivp;

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let public = Public::new(module, "ferrotran.integrate");
    quad::add_to(&public, module)?;
    solve_ivp::add_to(module)
}
