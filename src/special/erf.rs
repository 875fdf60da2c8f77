//! The error function and its relatives.

use super::elementwise::elementwise;

elementwise! {
    /// The error function, `2/sqrt(pi)` times the integral of `exp(-t^2)` from 0 to `x`.
    ///
    /// Odd, from -1 to 1; `erf(±0) = ±0`, `erf(±inf) = ±1`, NaN gives NaN. Largest error measured:
    /// 1.1 ulp in `f64`, 0.5001 ulp in `f32`.
    ///
    /// Taylor series about the points of a table, Abramowitz and Stegun 7.1.19.
    ///
    /// ```
    /// assert!((ferrotran::special::erf(0.5) - 0.5204998778130465_f64).abs() < 1e-15);
    /// ```
    erf, erf_array, erf_into, par_erf_array, par_erf_into: ERF
}

elementwise! {
    /// The complementary error function `1 - erf(x)`, without cancellation for large `x`.
    ///
    /// `erfc(-inf) = 2`, `erfc(inf) = 0`, NaN gives NaN. Subnormal from 26.54, zero from 27.23.
    /// Largest error measured: 1.5 ulp in `f64`, 0.5001 ulp in `f32`, also where it is subnormal.
    ///
    /// Cody 1969, [doi:10.1090/S0025-5718-1969-0247736-4](https://doi.org/10.1090/S0025-5718-1969-0247736-4).
    ///
    /// ```
    /// assert!((ferrotran::special::erfc(10.0) - 2.088487583762545e-45_f64).abs() < 1e-59);
    /// ```
    erfc, erfc_array, erfc_into, par_erfc_array, par_erfc_into: ERFC
}

elementwise! {
    /// The scaled complementary error function `exp(x^2) erfc(x)`.
    ///
    /// `erfcx(inf) = 0`, `erfcx(-inf) = inf`, NaN gives NaN; overflows below -26.63. Largest error
    /// measured: 1.8 ulp in `f64`, 0.5001 ulp in `f32`.
    ///
    /// Cody 1969, [doi:10.1090/S0025-5718-1969-0247736-4](https://doi.org/10.1090/S0025-5718-1969-0247736-4).
    ///
    /// ```
    /// assert!((ferrotran::special::erfcx(1e10) - 5.641895835477563e-11_f64).abs() < 1e-25);
    /// ```
    erfcx, erfcx_array, erfcx_into, par_erfcx_array, par_erfcx_into: ERFCX
}
