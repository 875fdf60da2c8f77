//! `ferrotran.stencil`: updates of grids from their neighbours.

mod heat2d;

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let public = Public::new(module, "ferrotran.stencil");
    heat2d::add_to(&public, module)
}
