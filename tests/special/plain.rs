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

/// Bessel's integral by the trapezoidal rule, which converges geometrically; for |x| < 60.
pub(crate) fn jn(order: i32, x: f64) -> f64 {
    let points = 200;
    let sum: f64 = (0..points)
        .map(|k| {
            let angle = 2.0 * PI * f64::from(k) / f64::from(points);
            (f64::from(order) * angle - x * angle.sin()).cos()
        })
        .sum();
    sum / f64::from(points)
}

/// Neumann's series, Abramowitz and Stegun 9.1.89.
pub(crate) fn y0(x: f64) -> f64 {
    let series: f64 = (1..60)
        .map(|k| jn(2 * k, x) / f64::from(if k % 2 == 0 { k } else { -k }))
        .sum();
    2.0 / PI * ((x / 2.0).ln() + EULER) * jn(0, x) - 4.0 / PI * series
}

/// The derivative of [`y0`] with the other sign.
pub(crate) fn y1(x: f64) -> f64 {
    let series: f64 = (1..60)
        .map(|k| (jn(2 * k - 1, x) - jn(2 * k + 1, x)) / f64::from(if k % 2 == 0 { k } else { -k }))
        .sum();
    2.0 / PI * (((x / 2.0).ln() + EULER) * jn(1, x) - jn(0, x) / x + series)
}

const EULER: f64 = 0.577_215_664_901_532_9;
