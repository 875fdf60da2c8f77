//! Bessel functions of orders 0 and 1.

use super::elementwise::elementwise;

elementwise! {
    /// The Bessel function of the first kind of order 0, for any real `x`.
    ///
    /// Even; `j0(0) = 1`, `j0(±inf) = 0`, NaN gives NaN. Largest error measured: 2.9 ulp in `f64`,
    /// 0.51 ulp in `f32`, next to the zeros and for huge arguments too.
    ///
    /// Modulus and phase: J. Harrison, ARITH-19 (2009),
    /// [doi:10.1109/ARITH.2009.32](https://doi.org/10.1109/ARITH.2009.32).
    ///
    /// ```
    /// assert!((ferrotran::special::j0(2.5) + 0.0483837764681980_f64).abs() < 1e-15);
    /// ```
    j0, j0_array, j0_into, par_j0_array, par_j0_into: J0
}

elementwise! {
    /// The Bessel function of the first kind of order 1, for any real `x`.
    ///
    /// Odd; `j1(±0) = ±0`, `j1(±inf) = ±0`, NaN gives NaN. Largest error measured: 3.1 ulp in
    /// `f64`, 0.51 ulp in `f32`, next to the zeros and for huge arguments too.
    ///
    /// Modulus and phase: J. Harrison, ARITH-19 (2009),
    /// [doi:10.1109/ARITH.2009.32](https://doi.org/10.1109/ARITH.2009.32).
    ///
    /// ```
    /// assert!((ferrotran::special::j1(-2.5) + 0.4970941024642740_f64).abs() < 1e-15);
    /// ```
    j1, j1_array, j1_into, par_j1_array, par_j1_into: J1
}

elementwise! {
    /// The Bessel function of the second kind of order 0, for `x >= 0`.
    ///
    /// `y0(±0) = -inf`, `y0(inf) = 0`, NaN for `x < 0`. Largest error measured: 2.7 ulp in `f64`,
    /// 0.51 ulp in `f32`, next to the zeros and for huge arguments too.
    ///
    /// Modulus and phase: J. Harrison, ARITH-19 (2009),
    /// [doi:10.1109/ARITH.2009.32](https://doi.org/10.1109/ARITH.2009.32).
    ///
    /// ```
    /// assert!((ferrotran::special::y0(2.5) - 0.4980703596152319_f64).abs() < 1e-15);
    /// ```
    y0, y0_array, y0_into, par_y0_array, par_y0_into: Y0
}

elementwise! {
    /// The Bessel function of the second kind of order 1, for `x >= 0`.
    ///
    /// `y1(±0) = -inf`, `y1(inf) = 0`, NaN for `x < 0`; overflows below 3.6e-309. Largest error
    /// measured: 3.3 ulp in `f64`, 0.51 ulp in `f32`, next to the zeros and for huge arguments too.
    ///
    /// Modulus and phase: J. Harrison, ARITH-19 (2009),
    /// [doi:10.1109/ARITH.2009.32](https://doi.org/10.1109/ARITH.2009.32).
    ///
    /// ```
    /// assert!((ferrotran::special::y1(2.5) - 0.1459181379667858_f64).abs() < 1e-15);
    /// ```
    y1, y1_array, y1_into, par_y1_array, par_y1_into: Y1
}
