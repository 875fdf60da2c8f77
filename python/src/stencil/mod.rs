//! `ferrotran.stencil`: updates of grids from their neighbours.

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let _public = Public::new(module, "ferrotran.stencil");
    Ok(())
}
