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

/// The docstring of an elementwise function: what it is, what it returns, and the sections from
/// *See Also* on.
macro_rules! docstring {
    ($what:literal, $returns:literal, $rest:literal) => {
        crate::ufunc::docstring!(
            $what,
            "

Parameters
----------
x : array_like
    Real argument; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    ",
            $returns,
            "

",
            $rest
        )
    };
}

use {docstring, slices};
