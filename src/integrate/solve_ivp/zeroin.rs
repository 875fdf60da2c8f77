/// A zero of `f` between two points where its values have different signs, to within 4 machine
/// epsilons of the larger point.
///
/// Brent's zeroin: R. P. Brent, *Algorithms for Minimization without Derivatives*,
/// Prentice-Hall 1973, chapter 4. The values at the ends are given, not computed again: those of
/// an interpolant may differ in the last bits and have the wrong sign.
pub(super) fn zeroin<E>(
    mut f: impl FnMut(f64) -> Result<f64, E>,
    (mut a, mut fa): (f64, f64),
    (mut b, mut fb): (f64, f64),
) -> Result<f64, E> {
    let tolerance = 2.0 * f64::EPSILON * a.abs().max(b.abs());
    // The zero lies between b, the best point, and c; a is the previous b.
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut previous = step;
    loop {
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            previous = step;
        }
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let middle = 0.5 * (c - b);
        if middle.abs() <= tolerance || fb == 0.0 {
            return Ok(b);
        }
        let mut next = middle;
        let mut before = middle;
        if previous.abs() >= tolerance && fa.abs() > fb.abs() {
            let (p, q) = interpolate((a, fa), (b, fb), (c, fc), middle);
            let short = 2.0 * p < 3.0 * middle * q - (tolerance * q).abs();
            if short && p < (0.5 * previous * q).abs() {
                (next, before) = (p / q, step);
            }
        }
        (previous, step) = (before, next);
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance {
            step
        } else {
            tolerance.copysign(middle)
        };
        fb = f(b)?;
    }
}

/// The step from `b`, as p / q with p not negative, to the zero of the inverse parabola through
/// three points, or of the secant through `b` and `c` where `a` is `c`.
fn interpolate(
    (a, fa): (f64, f64),
    (b, fb): (f64, f64),
    (c, fc): (f64, f64),
    middle: f64,
) -> (f64, f64) {
    let s = fb / fa;
    let (p, q) = if a == c {
        (2.0 * middle * s, 1.0 - s)
    } else {
        let (q, r) = (fa / fc, fb / fc);
        let p = s * (2.0 * middle * q * (q - r) - (b - a) * (r - 1.0));
        (p, (q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    if p > 0.0 { (p, -q) } else { (-p, q) }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::zeroin;

    /// The zero, and how often `f` was evaluated.
    fn search(f: impl Fn(f64) -> f64, a: f64, b: f64) -> (f64, usize) {
        let mut calls = 0;
        let count = |x: f64| {
            calls += 1;
            Ok::<_, Infallible>(f(x))
        };
        let Ok(zero) = zeroin(count, (a, f(a)), (b, f(b)));
        (zero, calls)
    }

    #[test]
    fn zeros_are_found_from_both_sides() {
        type Case = (fn(f64) -> f64, f64, f64, f64);
        let cases: [Case; 5] = [
            (|x| x * x - 2.0, 0.0, 2.0, 2f64.sqrt()),
            (|x| x.cos() - x, 0.0, 1.0, 0.739_085_133_215_160_6),
            (|x| (x - 1.0).powi(9), 0.3, 1.9, 1.0),
            (|x| x.exp() - 1e-3, -20.0, 1.0, 1e-3f64.ln()),
            (f64::signum, -1e-200, 3e-200, 0.0),
        ];
        for (f, a, b, exact) in cases {
            for (a, b) in [(a, b), (b, a)] {
                let (zero, calls) = search(f, a, b);
                // The bracket ends at 4 epsilons of the larger end; a flat function is zero in
                // floating point before that.
                let flat = if exact == 1.0 { 1e-30 } else { 0.0 };
                let tolerance = 8.0 * f64::EPSILON * a.abs().max(b.abs());
                let near = (zero - exact).abs() <= tolerance || f(zero).abs() <= flat;
                assert!(near, "{zero} instead of {exact}");
                assert!(calls < 150, "{calls} calls");
            }
        }
    }

    #[test]
    fn smooth_functions_take_few_evaluations() {
        assert!(search(|x| x.exp() - 2.0, 0.0, 1.0).1 <= 10);
        assert!(search(f64::sin, 3.0, 4.0).1 <= 8);
    }

    #[test]
    fn values_that_are_not_finite_do_no_harm() {
        for bad in [f64::NAN, f64::INFINITY] {
            let (zero, calls) = search(|x| if x < 0.7 { x - 0.3 } else { bad }, 0.0, 1.0);
            assert!((0.0..=1.0).contains(&zero) && calls < 150);
        }
    }
}
