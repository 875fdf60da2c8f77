//! erf, erfc, erfcx.

use ferrotran::special::{erf, erf_array, erfc, erfc_array, erfcx, erfcx_array};
use ndarray::aview1;
use proptest::prelude::*;

use crate::{plain, reference};

#[test]
fn errors_stay_below_their_bounds() {
    macro_rules! check {
        ($name:literal, $array:ident, $bound:expr) => {
            reference::check(
                $name,
                $bound,
                |_| 0.0,
                |x| $array(&aview1(x)).to_vec(),
                |x| $array(&aview1(x)).to_vec(),
            );
        };
    }
    check!("erf", erf_array, 2.0);
    check!("erfc", erfc_array, 2.0);
    check!("erfcx", erfcx_array, 4.0);
}

#[test]
fn special_values_are_exact() {
    let inf = f64::INFINITY;
    for (x, y) in [
        (0.0, 0.0),
        (-0.0, -0.0),
        (inf, 1.0),
        (-inf, -1.0),
        (1e300, 1.0),
        (5e-324, 5e-324),
    ] {
        assert_eq!(erf(x).to_bits(), f64::to_bits(y), "erf({x})");
        assert_eq!(
            erf(x as f32).to_bits(),
            f32::to_bits(y as f32),
            "erf({x}) in f32"
        );
    }
    for (x, y) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (inf, 0.0),
        (-inf, 2.0),
        (1e300, 0.0),
        (-1e300, 2.0),
        (27.5, 0.0),
    ] {
        assert_eq!(erfc(x).to_bits(), f64::to_bits(y), "erfc({x})");
        assert_eq!(
            erfc(x as f32).to_bits(),
            f32::to_bits(y as f32),
            "erfc({x}) in f32"
        );
    }
    for (x, y) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (inf, 0.0),
        (-inf, inf),
        (-1e300, inf),
        (-26.7, inf),
    ] {
        assert_eq!(erfcx(x).to_bits(), f64::to_bits(y), "erfcx({x})");
        assert_eq!(
            erfcx(x as f32).to_bits(),
            f32::to_bits(y as f32),
            "erfcx({x}) in f32"
        );
    }
    for f in [erf::<f64>, erfc, erfcx] {
        assert!(f(f64::NAN).is_nan());
        assert!(f(-f64::NAN).is_nan());
    }
}

#[test]
fn agree_with_the_plain_versions() {
    for i in -600..600 {
        let x = f64::from(i) / 100.0;
        // The series has terms of exp(x^2) / 10 beside results of 1, the fraction 1e-15.
        assert!(
            (erf(x) - plain::erf(x)).abs() <= 1e-15 * (1.0 + (x * x).exp().min(1e4)),
            "erf({x})"
        );
        if x >= 2.0 {
            let expected = plain::erfc(x);
            assert!((erfc(x) - expected).abs() <= 1e-14 * expected, "erfc({x})");
        }
    }
}

proptest! {
    #[test]
    fn erf_is_odd(x in any::<f64>()) {
        prop_assert_eq!(erf(-x).to_bits(), (-erf(x)).to_bits());
    }

    #[test]
    fn erf_and_erfc_add_up_to_one(x in -6.0..6.0_f64) {
        // Two errors below 2 ulp of at most 2, 4 epsilon each, and a rounding of the sum.
        prop_assert!((erf(x) + erfc(x) - 1.0).abs() <= 8.5 * f64::EPSILON);
    }

    #[test]
    fn erfcx_undoes_the_exponential(x in -5.0..5.0_f64) {
        // exp carries half an ulp of x^2 <= 25: 25 epsilon / 2, and the factors a few each.
        let y = erfcx(x) * (-x * x).exp();
        prop_assert!((y - erfc(x)).abs() <= 20.0 * f64::EPSILON * y);
    }
}
