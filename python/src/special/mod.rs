//! `ferrotran.special`: special functions as ufuncs.

mod bessel;
mod erf;
mod gamma;

use pyo3::prelude::*;

use crate::public::Public;

/// Adds the module's functions.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let public = Public::new(module, "ferrotran.special");
    bessel::add_to(&public)?;
    erf::add_to(&public)?;
    gamma::add_to(&public)?;
    Ok(())
}

/// The kernel of a ufunc out of an array function of `ferrotran::special`.
macro_rules! slices {
    ($into:ident) => {
        |x, y| {
            let (x, mut y) = (ndarray::aview1(x), ndarray::aview_mut1(y));
            ferrotran::special::$into(&x, &mut y).expect("NumPy gives both the same length");
        }
    };
}

use slices;
