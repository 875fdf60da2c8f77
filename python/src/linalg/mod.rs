//! `ferrotran.linalg`: linear algebra.

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let _public = Public::new(module, "ferrotran.linalg");
    Ok(())
}
