//! j0, j1, y0, y1.

use ferrotran::special::{j0, j0_array, j1, j1_array, y0, y0_array, y1, y1_array};
use ndarray::aview1;
use proptest::prelude::*;

use crate::{plain, reference};

const EPS: f64 = f64::EPSILON;

#[test]
fn errors_stay_below_their_bounds() {
    // Relative to the value itself, also at the doubles next to a zero: no other scale is used.
    macro_rules! check {
        ($name:literal, $array:ident) => {
            reference::check(
                $name,
                4.0,
                |_| 0.0,
                |x| $array(&aview1(x)).to_vec(),
                |x| $array(&aview1(x)).to_vec(),
            );
        };
    }
    check!("j0", j0_array);
    check!("j1", j1_array);
    check!("y0", y0_array);
    check!("y1", y1_array);
}

#[test]
fn special_values_are_exact() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let tiny = f64::from_bits(1);
    for x in [0.0, -0.0, tiny, -tiny, 1e-310, 1e-200, -1e-9] {
        assert_eq!(j0(x), 1.0, "j0({x:?})");
    }
    for x in [0.0, -0.0, 2.0 * tiny, -2.0 * tiny, 1e-310, 1e-200, -1e-9] {
        assert_eq!(j1(x).to_bits(), f64::to_bits(0.5 * x), "j1({x:?})");
    }
    assert_eq!(j0(-inf).to_bits(), 0);
    assert_eq!(j0(inf).to_bits(), 0);
    assert_eq!(j1(inf).to_bits(), 0);
    assert_eq!(j1(-inf).to_bits(), f64::to_bits(-0.0));
    for f in [y0::<f64>, y1] {
        assert_eq!(f(0.0), -inf);
        assert_eq!(f(-0.0), -inf);
        assert_eq!(f(inf).to_bits(), 0);
        for x in [-inf, f64::MIN, -20.0, -1.0, -1e-310, -tiny] {
            assert!(f(x).is_nan(), "{x:?}");
        }
    }
    assert_eq!(y1(tiny), -inf);
    assert!(y0(tiny) > -475.0);
    for f in [j0::<f64>, j1, y0, y1] {
        assert!(f(nan).is_nan());
        assert!(f(-nan).is_nan());
    }
    assert_eq!(j1(-0.0_f32).to_bits(), f32::to_bits(-0.0));
    assert_eq!(y1(1e-39_f32), f32::NEG_INFINITY);
    assert!(y0(-1.0_f32).is_nan());
}

#[test]
fn agree_with_the_plain_versions() {
    for i in 1..500 {
        let x = f64::from(i) / 10.0;
        // The rule adds 200 cosines of arguments up to 50, each half an ulp off; Neumann's
        // series has some 60 of these sums beside factors of up to 4.
        let (sum, series) = (100.0 * EPS, 1000.0 * EPS);
        assert!((j0(x) - plain::jn(0, x)).abs() <= sum, "j0({x})");
        assert!((j1(x) - plain::jn(1, x)).abs() <= sum, "j1({x})");
        assert!((y0(x) - plain::y0(x)).abs() <= series, "y0({x})");
        assert!(
            (y1(x) - plain::y1(x)).abs() <= series * (1.0 + 1.0 / x),
            "y1({x})"
        );
    }
}

#[test]
fn ranges_join_without_a_jump() {
    for limit in [1.25, 2.3125, 8.0, 64.0, 2_097_152.0_f64] {
        for f in [j0::<f64>, j1, y0, y1] {
            let step = (f(limit) - f(limit.next_down())).abs();
            // The slope is at most 1 and the size below 1: a step and two errors of 4 ulp.
            assert!(step <= limit * EPS + 8.0 * EPS * f(limit).abs(), "{limit}");
        }
    }
}

/// Relative distance of `j1 y0 - j0 y1` from `2 / (pi x)`, in units of the sum of the products.
fn wronskian(x: f64) -> f64 {
    let (a, b) = (j1(x) * y0(x), j0(x) * y1(x));
    ((a - b) - std::f64::consts::FRAC_2_PI / x).abs() / (a.abs() + b.abs())
}

proptest! {
    #[test]
    fn j0_is_even_and_j1_is_odd(x in any::<f64>()) {
        prop_assert!(x.is_nan() || j0(-x).to_bits() == j0(x).to_bits());
        prop_assert!(x.is_nan() || j1(-x).to_bits() == (-j1(x)).to_bits());
    }

    #[test]
    fn wronskian_holds(power in -300.0..300.0_f64) {
        // Each product carries two errors of at most 4 ulp, up to 4 EPS each, and a rounding; the
        // other side two roundings.
        prop_assert!(wronskian(10_f64.powf(power)) <= 10.5 * EPS);
    }

    #[test]
    fn wronskian_holds_between_the_zeros(x in 0.01..100.0_f64) {
        prop_assert!(wronskian(x) <= 10.5 * EPS);
    }

    #[test]
    fn values_stay_in_bounds(bits in 0..0x7ff0_0000_0000_0000_u64) {
        let x = f64::from_bits(bits);
        prop_assert!(j0(x).abs() <= 1.0 && j1(x).abs() <= 0.5819);
        prop_assert!(y0(x) <= 0.5212 && y1(x) <= 0.4168);
        // DLMF 10.18: x M^2 grows to 2/pi for order 0 and falls to it for order 1.
        let size = |j: f64, y: f64| (j * x.sqrt()).powi(2) + (y * x.sqrt()).powi(2);
        prop_assert!(x > 1e300 || size(j0(x), y0(x)) <= 0.6367);
        prop_assert!(x < 3.0 || size(j1(x), y1(x)) >= 0.9999 * std::f64::consts::FRAC_2_PI);
    }
}
