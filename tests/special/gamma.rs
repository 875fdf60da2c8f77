//! gamma, gammaln.

use ferrotran::special::{gamma, gamma_array, gammaln, gammaln_array};
use ndarray::aview1;
use proptest::prelude::*;

use crate::{plain, reference};

#[test]
fn errors_stay_below_their_bounds() {
    reference::check(
        "gamma",
        2.0,
        |_| 0.0,
        |x| gamma_array(&aview1(x)).to_vec(),
        |x| gamma_array(&aview1(x)).to_vec(),
    );
    // Right of zero the error is relative, next to the zeros at 1 and 2 too. The zeros left of it
    // are no floating-point numbers: there the error is judged against 1 where |f| is smaller.
    reference::check(
        "gammaln",
        4.0,
        |x| if x < 0.0 { 1.0 } else { 0.0 },
        |x| gammaln_array(&aview1(x)).to_vec(),
        |x| gammaln_array(&aview1(x)).to_vec(),
    );
}

#[test]
fn special_values_are_exact() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let cases = [
        (0.0, inf),
        (-0.0, -inf),
        (-1.0, nan),
        (-2.0, nan),
        (-5.0, nan),
        (-6.0, nan),
        (-170.0, nan),
        (-1e20, nan),
        (-inf, nan),
        (inf, inf),
        (nan, nan),
        (1.0, 1.0),
        (2.0, 1.0),
        (3.0, 2.0),
        (172.0, inf),
        (1e300, inf),
        (-200.5, -0.0),
        (-201.5, 0.0),
        (5e-324, inf),
        (-5e-324, -inf),
    ];
    for (x, y) in cases {
        assert!(same(gamma(x), y), "gamma({x:?}) = {:?}", gamma(x));
    }
    let cases = [
        (0.0, inf),
        (-0.0, inf),
        (-1.0, inf),
        (-5.0, inf),
        (-6.0, inf),
        (-1e20, inf),
        (-inf, inf),
        (inf, inf),
        (nan, nan),
        (1.0, 0.0),
        (2.0, 0.0),
        (2.6e305, inf),
        (f64::MAX, inf),
    ];
    for (x, y) in cases {
        assert!(same(gammaln(x), y), "gammaln({x:?}) = {:?}", gammaln(x));
    }
    assert_eq!(gamma(-0.0_f32), f32::NEG_INFINITY);
    assert_eq!(gamma(36.0_f32), f32::INFINITY);
    assert!(gamma(-3.0_f32).is_nan());
    assert_eq!(gammaln(-3.0_f32), f32::INFINITY);
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

#[test]
fn integers_give_factorials() {
    let mut factorial = 1.0;
    for n in 1..=22_u32 {
        // Exact up to 22!, and the kernel is off by less than an ulp.
        assert!(
            (gamma(f64::from(n)) - factorial).abs() <= f64::EPSILON * factorial,
            "gamma({n})"
        );
        factorial *= f64::from(n);
    }
}

#[test]
fn agree_with_the_plain_versions() {
    for i in 1..1700 {
        let x = f64::from(i) / 10.0 + 0.03;
        // The plain version takes the exponential of log Gamma <= 710.
        let expected = plain::gammaln(x);
        let size = expected.abs().max(1.0);
        assert!(
            (gammaln(x) - expected).abs() <= 1e-14 * size,
            "gammaln({x})"
        );
        assert!(
            (gamma(x) / expected.exp() - 1.0).abs() <= 2e-14 * size,
            "gamma({x})"
        );
    }
}

proptest! {
    #[test]
    fn recurrence_holds(i in -170_000_000_i32..170_000_000) {
        // Steps of 1e-6 in powers of two, so that x + 1 is exact.
        let x = f64::from(i) / f64::from(1 << 20);
        prop_assume!(x != x.round());
        // Two errors of at most 2 ulp, each up to epsilon relative, and a product.
        let (a, b) = (gamma(x + 1.0), x * gamma(x));
        prop_assert!((a - b).abs() <= 5.0 * f64::EPSILON * a.abs(), "{} {}", a, b);
    }

    #[test]
    fn logarithm_matches(x in 0.01..170.0_f64) {
        let (a, b) = (gammaln(x), gamma(x).ln());
        // 4 ulp of gammaln, and the logarithm of a gamma that is 2 ulp off.
        prop_assert!((a - b).abs() <= 4.0 * f64::EPSILON * (a.abs() + 1.0));
    }

    #[test]
    fn reflection_holds(i in 1_i32..10_000_000) {
        let x = f64::from(i) / f64::from(1 << 20);
        prop_assume!(x != x.round());
        let sine = (std::f64::consts::PI * (x - x.round())).sin() * if x.round() % 2.0 == 0.0 { 1.0 } else { -1.0 };
        let product = gamma(x) * gamma(-x) * -x * sine / std::f64::consts::PI;
        // Two gammas, a sine and four roundings.
        prop_assert!((product - 1.0).abs() <= 8.0 * f64::EPSILON);
    }
}
