//! `ferrotran.special.j0`, `j1`, `y0` and `y1`.

use pyo3::prelude::*;

use super::slices;
use crate::public::Public;
use crate::ufunc::Unary;

static J0: Unary = Unary {
    name: c"j0",
    doc: J0_DOC,
    f64: slices!(j0_into),
    f32: slices!(j0_into),
    pole: |_| false,
    zero: f64::is_infinite,
    cost: 4.0,
};

static J1: Unary = Unary {
    name: c"j1",
    doc: J1_DOC,
    f64: slices!(j1_into),
    f32: slices!(j1_into),
    pole: |_| false,
    zero: |x| x == 0.0 || x.is_infinite(),
    cost: 4.0,
};

static Y0: Unary = Unary {
    name: c"y0",
    doc: Y0_DOC,
    f64: slices!(y0_into),
    f32: slices!(y0_into),
    pole: |x| x == 0.0,
    zero: f64::is_infinite,
    cost: 4.0,
};

static Y1: Unary = Unary {
    name: c"y1",
    doc: Y1_DOC,
    f64: slices!(y1_into),
    f32: slices!(y1_into),
    pole: |x| x == 0.0,
    zero: f64::is_infinite,
    cost: 4.0,
};

const J0_DOC: &std::ffi::CStr = c"Bessel function of the first kind of order 0.

Parameters
----------
x : array_like
    Real argument; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    J of order 0 of every element of `x`: even, 1 at 0, 0 at both infinities.

See Also
--------
j1, y0, y1

Notes
-----
The relative error is small next to the zeros and for huge arguments too. Largest error measured:
2.9 ulp (float64), 0.51 ulp (float32).

References
----------
J. Harrison, *Fast and accurate Bessel function computation*, 19th IEEE Symposium on Computer
Arithmetic (2009), doi:10.1109/ARITH.2009.32.

Examples
--------
>>> from ferrotran import special
>>> special.j0([0.0, 1.0, 100.0])
array([1.        , 0.76519769, 0.01998585])
";

const J1_DOC: &std::ffi::CStr = c"Bessel function of the first kind of order 1.

Parameters
----------
x : array_like
    Real argument; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    J of order 1 of every element of `x`: odd, 0 at 0 and at both infinities.

See Also
--------
j0, y0, y1

Notes
-----
The relative error is small next to the zeros and for huge arguments too. Largest error measured:
3.1 ulp (float64), 0.51 ulp (float32).

References
----------
J. Harrison, *Fast and accurate Bessel function computation*, 19th IEEE Symposium on Computer
Arithmetic (2009), doi:10.1109/ARITH.2009.32.

Examples
--------
>>> from ferrotran import special
>>> special.j1([0.0, 1.0, 100.0])
array([ 0.        ,  0.44005059, -0.07714535])
";

const Y0_DOC: &std::ffi::CStr = c"Bessel function of the second kind of order 0.

Parameters
----------
x : array_like
    Real argument, not negative; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    Y of order 0 of every element of `x`: -inf at 0 (with the *divide* flag), NaN below (with the
    *invalid* flag), 0 at inf.

See Also
--------
y1, j0, j1

Notes
-----
The relative error is small next to the zeros and for huge arguments too. Largest error measured:
2.7 ulp (float64), 0.51 ulp (float32).

References
----------
J. Harrison, *Fast and accurate Bessel function computation*, 19th IEEE Symposium on Computer
Arithmetic (2009), doi:10.1109/ARITH.2009.32.

Examples
--------
>>> from ferrotran import special
>>> special.y0([0.5, 1.0, 100.0])
array([-0.44451873,  0.08825696, -0.07724431])
";

const Y1_DOC: &std::ffi::CStr = c"Bessel function of the second kind of order 1.

Parameters
----------
x : array_like
    Real argument, not negative; float32 and float64 are computed in their own precision.
out : ndarray, optional
    Array for the result; it may be `x`.

Returns
-------
y : scalar or ndarray
    Y of order 1 of every element of `x`: -inf at 0 (with the *divide* flag), NaN below (with the
    *invalid* flag), 0 at inf. Overflows below 3.6e-309.

See Also
--------
y0, j0, j1

Notes
-----
The relative error is small next to the zeros and for huge arguments too. Largest error measured:
3.3 ulp (float64), 0.51 ulp (float32).

References
----------
J. Harrison, *Fast and accurate Bessel function computation*, 19th IEEE Symposium on Computer
Arithmetic (2009), doi:10.1109/ARITH.2009.32.

Examples
--------
>>> from ferrotran import special
>>> special.y1([0.5, 1.0, 100.0])
array([-1.47147239, -0.78121282, -0.02037231])
";

/// Adds the functions.
pub(super) fn add_to(public: &Public<'_, '_>) -> PyResult<()> {
    [&J0, &J1, &Y0, &Y1]
        .into_iter()
        .try_for_each(|spec| public.unary(spec))
}
