//! The same functions in the plainest Rust: textbook formulas, for comparison only.

use std::f64::consts::PI;

/// Abramowitz and Stegun 7.1.6: all terms have one sign.
pub(crate) fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// Abramowitz and Stegun 7.1.14, a continued fraction, for x >= 2.
pub(crate) fn erfc(x: f64) -> f64 {
    let mut fraction = x;
    for n in (1..200).rev() {
        fraction = x + f64::from(n) / 2.0 / fraction;
    }
    (-x * x).exp() / (PI.sqrt() * fraction)
}

/// Stirling's series, Abramowitz and Stegun 6.1.40, after a shift above 10; for x > 0.
pub(crate) fn gammaln(x: f64) -> f64 {
    let (mut y, mut product) = (x, 1.0);
    while y < 10.0 {
        product *= y;
        y += 1.0;
    }
    let v = 1.0 / (y * y);
    let series = (1.0 / 12.0
        - v * (1.0 / 360.0
            - v * (1.0 / 1260.0 - v * (1.0 / 1680.0 - v * (1.0 / 1188.0 - v / 522.7)))))
        / y;
    (y - 0.5) * y.ln() - y + 0.5 * (2.0 * PI).ln() + series - f64::ln(product)
}
