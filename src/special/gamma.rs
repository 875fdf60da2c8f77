//! The gamma function and its logarithm.

use super::elementwise::elementwise;

elementwise! {
    /// The gamma function.
    ///
    /// `gamma(0) = inf`, `gamma(-0) = -inf`; NaN at the other poles -1, -2, ..., at `-inf` and of
    /// NaN; overflows above 171.62 and, near zero, below 5.6e-309. Largest error measured: 1.3 ulp
    /// in `f64`, 0.5001 ulp in `f32`, also where it is subnormal.
    ///
    /// Stirling's series in pairs of doubles from 5 on, reduction to `1/gamma` on 1 to 2 below,
    /// reflection for negative arguments: Abramowitz and Stegun 6.1.15, 6.1.17, 6.1.40.
    ///
    /// ```
    /// assert!((ferrotran::special::gamma(0.5_f64).powi(2) - std::f64::consts::PI).abs() < 3e-15);
    /// ```
    gamma, gamma_array, gamma_into, par_gamma_array, par_gamma_into: GAMMA
}

elementwise! {
    /// The logarithm of the absolute value of the gamma function.
    ///
    /// `inf` at the poles 0, -1, -2, ... and at both infinities; NaN gives NaN; overflows above
    /// 2.55e305. Largest error measured: 3.3 ulp in `f64` for every `x > 0`, also next to the
    /// zeros at 1 and 2, and 0.5001 ulp in `f32`. For `x < 0` the error is at most 2 ulp of
    /// `max(1, |gammaln(x)|)`: there the zeros are not at floating-point numbers.
    ///
    /// Stirling's series and the reduction of [`gamma`]; between 1 and 2 the zeros are factors.
    ///
    /// ```
    /// assert_eq!(ferrotran::special::gammaln(2.0), 0.0);
    /// ```
    gammaln, gammaln_array, gammaln_into, par_gammaln_array, par_gammaln_into: GAMMALN
}
