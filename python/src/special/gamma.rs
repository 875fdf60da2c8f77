//! `ferrotran.special.gamma` and `gammaln`.

use pyo3::prelude::*;

use super::{docstring, slices};
use crate::public::Public;
use crate::ufunc::Unary;

static GAMMA: Unary = Unary {
    name: c"gamma",
    doc: docstring!(
        "Gamma function.",
        "The gamma function of every element of `x`: inf at 0, -inf at -0.0 (both with the *divide*
    flag), NaN at -1, -2, ... and at -inf (with the *invalid* flag).",
        "See Also
--------
gammaln

Notes
-----
Overflows above 171.62 and, near zero, below 5.6e-309. Largest error measured: 1.3 ulp
(float64), 0.5001 ulp (float32), for negative arguments and subnormal results too.

References
----------
M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions*, 6.1.15, 6.1.17, 6.1.40.

Examples
--------
>>> from ferrotran import special
>>> special.gamma([0.5, 1.0, 5.0, -1.5])
array([ 1.77245385,  1.        , 24.        ,  2.3632718 ])"
    ),
    f64: slices!(gamma_into),
    f32: slices!(gamma_into),
    pole: |x| x == 0.0,
    zero: |_| false,
    cost: 4.0,
};

static GAMMALN: Unary = Unary {
    name: c"gammaln",
    doc: docstring!(
        "Logarithm of the absolute value of the gamma function.",
        "``log(abs(gamma(x)))`` of every element of `x`: inf at 0, -1, -2, ... (with the *divide*
    flag) and at both infinities.",
        "See Also
--------
gamma

Notes
-----
Overflows above 2.55e305. Largest error measured: 3.3 ulp (float64) for every ``x > 0``, also next
to the zeros at 1 and 2, and 0.5001 ulp (float32). For ``x < 0`` the error is at most 2 ulp of
``max(1, abs(gammaln(x)))``.

References
----------
M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions*, 6.1.17, 6.1.40.

Examples
--------
>>> from ferrotran import special
>>> special.gammaln([0.5, 1.0, 100.0])
array([  0.57236494,   0.        , 359.13420537])"
    ),
    f64: slices!(gammaln_into),
    f32: slices!(gammaln_into),
    pole: |x| x <= 0.0,
    zero: |x| x == 1.0 || x == 2.0,
    cost: 3.0,
};

/// Adds the functions.
pub(super) fn add_to(public: &Public<'_, '_>) -> PyResult<()> {
    [&GAMMA, &GAMMALN]
        .into_iter()
        .try_for_each(|spec| public.unary(spec))
}
