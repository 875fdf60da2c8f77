//! `ferrotran.special.erf` and its relatives.

use pyo3::prelude::*;

use super::{docstring, slices};
use crate::public::Public;
use crate::ufunc::Unary;

static ERF: Unary = Unary {
    name: c"erf",
    doc: docstring!(
        "Error function.

The integral of ``2/sqrt(pi) exp(-t**2)`` from 0 to `x`, odd, from -1 to 1.",
        "erf of every element of `x`.",
        "See Also
--------
erfc, erfcx

Notes
-----
Largest error measured: 1.1 ulp (float64), 0.5001 ulp (float32).

References
----------
M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions*, 7.1.19.

Examples
--------
>>> from ferrotran import special
>>> special.erf([0.0, 0.5, -3.0])
array([ 0.        ,  0.52049988, -0.99997791])"
    ),
    f64: slices!(erf_into),
    f32: slices!(erf_into),
    pole: |_| false,
    zero: |x| x == 0.0,
    cost: 1.5,
};

static ERFC: Unary = Unary {
    name: c"erfc",
    doc: docstring!(
        "Complementary error function ``1 - erf(x)``.

There is no cancellation for large `x`: the result decreases to the smallest subnormal number.",
        "erfc of every element of `x`.",
        "See Also
--------
erf, erfcx

Notes
-----
Subnormal above 26.54 and zero above 27.23; both raise the *underflow* flag. Largest error
measured: 1.5 ulp (float64), 0.5001 ulp (float32), also where the result is subnormal.

References
----------
W. J. Cody, *Rational Chebyshev approximations for the error function*, Math. Comp. 23 (1969),
doi:10.1090/S0025-5718-1969-0247736-4.

Examples
--------
>>> from ferrotran import special
>>> special.erfc([0.0, 0.5, 10.0])
array([1.00000000e+00, 4.79500122e-01, 2.08848758e-45])"
    ),
    f64: slices!(erfc_into),
    f32: slices!(erfc_into),
    pole: |_| false,
    zero: |x| x == f64::INFINITY,
    cost: 2.5,
};

static ERFCX: Unary = Unary {
    name: c"erfcx",
    doc: docstring!(
        "Scaled complementary error function ``exp(x**2) erfc(x)``.",
        "erfcx of every element of `x`.",
        "See Also
--------
erf, erfc

Notes
-----
Overflows below -26.63. Largest error measured: 1.8 ulp (float64), 0.5001 ulp (float32).

References
----------
W. J. Cody, *Rational Chebyshev approximations for the error function*, Math. Comp. 23 (1969),
doi:10.1090/S0025-5718-1969-0247736-4.

Examples
--------
>>> from ferrotran import special
>>> special.erfcx([0.0, 1.0, 1e10])
array([1.00000000e+00, 4.27583576e-01, 5.64189584e-11])"
    ),
    f64: slices!(erfcx_into),
    f32: slices!(erfcx_into),
    pole: |_| false,
    zero: |x| x == f64::INFINITY,
    cost: 2.5,
};

/// Adds the functions.
pub(super) fn add_to(public: &Public<'_, '_>) -> PyResult<()> {
    [&ERF, &ERFC, &ERFCX]
        .into_iter()
        .try_for_each(|spec| public.unary(spec))
}
