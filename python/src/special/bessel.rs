//! `ferrotran.special.j0`, `j1`, `y0` and `y1`.

use pyo3::prelude::*;

use super::slices;
use crate::public::Public;
use crate::ufunc::Unary;

/// The docstring of a function: its summary, its argument, its result, its relatives, its largest
/// error in ulp, its example.
macro_rules! doc {
    ($summary:literal, $x:literal, $y:literal, $see:literal, $error:literal, $example:literal) => {
        match std::ffi::CStr::from_bytes_with_nul(
            concat!(
                $summary,
                "

Parameters
----------
x : array_like
    ",
                $x,
                "; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    ",
                $y,
                "

See Also
--------
",
                $see,
                "

Notes
-----
The relative error is small next to the zeros and for huge arguments too. Largest error measured:
",
                $error,
                " ulp (float64), 0.51 ulp (float32).

References
----------
J. Harrison, *Fast and accurate Bessel function computation*, 19th IEEE Symposium on Computer
Arithmetic (2009), doi:10.1109/ARITH.2009.32.

Examples
--------
>>> from ferrotran import special
",
                $example,
                "
\0"
            )
            .as_bytes(),
        ) {
            Ok(doc) => doc,
            Err(_) => panic!("a docstring ends with its only NUL"),
        }
    };
}

static J0: Unary = Unary {
    name: c"j0",
    doc: doc!(
        "Bessel function of the first kind of order 0.",
        "Real argument",
        "J of order 0 of every element of `x`: even, 1 at 0, 0 at both infinities.",
        "j1, y0, y1",
        "2.9",
        ">>> special.j0([0.0, 1.0, 100.0])
array([1.        , 0.76519769, 0.01998585])"
    ),
    f64: slices!(j0_into),
    f32: slices!(j0_into),
    pole: |_| false,
    zero: f64::is_infinite,
    cost: 4.0,
};

static J1: Unary = Unary {
    name: c"j1",
    doc: doc!(
        "Bessel function of the first kind of order 1.",
        "Real argument",
        "J of order 1 of every element of `x`: odd, 0 at 0 and at both infinities.",
        "j0, y0, y1",
        "3.1",
        ">>> special.j1([0.0, 1.0, 100.0])
array([ 0.        ,  0.44005059, -0.07714535])"
    ),
    f64: slices!(j1_into),
    f32: slices!(j1_into),
    pole: |_| false,
    zero: |x| x == 0.0 || x.is_infinite(),
    cost: 4.0,
};

static Y0: Unary = Unary {
    name: c"y0",
    doc: doc!(
        "Bessel function of the second kind of order 0.",
        "Real argument, not negative",
        "Y of order 0 of every element of `x`: -inf at 0 (with the *divide* flag), NaN below (with the
    *invalid* flag), 0 at inf.",
        "y1, j0, j1",
        "2.7",
        ">>> special.y0([0.5, 1.0, 100.0])
array([-0.44451873,  0.08825696, -0.07724431])"
    ),
    f64: slices!(y0_into),
    f32: slices!(y0_into),
    pole: |x| x == 0.0,
    zero: f64::is_infinite,
    cost: 4.0,
};

static Y1: Unary = Unary {
    name: c"y1",
    doc: doc!(
        "Bessel function of the second kind of order 1.",
        "Real argument, not negative",
        "Y of order 1 of every element of `x`: -inf at 0 (with the *divide* flag), NaN below (with the
    *invalid* flag), 0 at inf. Overflows below 3.6e-309.",
        "y0, j0, j1",
        "3.3",
        ">>> special.y1([0.5, 1.0, 100.0])
array([-1.47147239, -0.78121282, -0.02037231])"
    ),
    f64: slices!(y1_into),
    f32: slices!(y1_into),
    pole: |x| x == 0.0,
    zero: f64::is_infinite,
    cost: 4.0,
};

/// Adds the functions.
pub(super) fn add_to(public: &Public<'_, '_>) -> PyResult<()> {
    [&J0, &J1, &Y0, &Y1]
        .into_iter()
        .try_for_each(|spec| public.unary(spec))
}
