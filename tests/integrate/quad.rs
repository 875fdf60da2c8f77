use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::integrate::{
    Compiled, QuadOptions, QuadStatus, QuadWorkspace, quad, quad_compiled, quad_nodes, quad_with,
    try_quad,
};
use proptest::prelude::*;

fn options() -> QuadOptions {
    QuadOptions::default()
}

fn close(found: f64, expected: f64) {
    // Well-behaved integrands reach a few ulps; 50 epsilons is QUADPACK's own floor.
    let tolerance = 50.0 * f64::EPSILON * expected.abs().max(1.0);
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected}"
    );
}

#[test]
fn evaluations_come_in_whole_rules() {
    let mut sizes = Vec::new();
    let mut count = |x: &[f64], y: &mut [f64]| {
        sizes.push(x.len());
        for (x, y) in x.iter().zip(y) {
            *y = (x - 0.3).abs().sqrt();
        }
    };
    let result = quad_nodes(&mut count, 0.0, 1.0, &options()).unwrap();
    assert_eq!(sizes[0], 21);
    assert!(sizes[1..].iter().all(|&n| n == 42));
    assert_eq!(result.evaluations, sizes.iter().sum::<usize>());
    assert_eq!(result.evaluations, 21 * (2 * result.subintervals - 1));
}

#[test]
fn infinite_ranges_work_in_all_directions() {
    let inf = f64::INFINITY;
    let gauss = |x: f64| (-x * x).exp();
    let root = std::f64::consts::PI.sqrt();
    for (a, b, expected) in [
        (-inf, inf, root),
        (0.0, inf, root / 2.0),
        (-inf, 0.0, root / 2.0),
        (inf, -inf, -root),
        (inf, 0.0, -root / 2.0),
    ] {
        let result = quad(gauss, a, b).unwrap().converged().unwrap();
        assert!((result.value - expected).abs() <= 1.49e-8);
    }
    assert_eq!(quad(gauss, inf, inf).unwrap().value, 0.0);
    assert_eq!(quad(gauss, 0.0, inf).unwrap().evaluations % 15, 0);
}

#[test]
fn reversed_limits_change_the_sign_only() {
    let forth = quad(f64::exp, 0.0, 1.0).unwrap();
    let back = quad(f64::exp, 1.0, 0.0).unwrap();
    assert_eq!(back.value, -forth.value);
    assert_eq!(back.abs_error, forth.abs_error);
}

#[test]
fn an_empty_range_costs_nothing() {
    let result = quad(|_| panic!("not called"), 2.0, 2.0).unwrap();
    assert_eq!(
        (result.value, result.abs_error, result.evaluations),
        (0.0, 0.0, 0)
    );
}

#[test]
fn break_points_are_sorted_and_help() {
    let f = |x: f64| (x - 0.3).abs().powf(-0.5) + (x - 0.7).abs().powf(-0.3);
    let exact = 2.0 * (0.3f64.sqrt() + 0.7f64.sqrt()) + (0.7f64.powf(0.7) + 0.3f64.powf(0.7)) / 0.7;
    let points = vec![0.7, 0.3, 0.7, 0.0, 1.0];
    let with = quad_with(
        f,
        0.0,
        1.0,
        &QuadOptions {
            points,
            ..options()
        },
    )
    .unwrap();
    assert_eq!(with.status, QuadStatus::Converged);
    assert!((with.value - exact).abs() <= 1.49e-8 * exact);
}

#[test]
fn workspace_shows_the_intervals() {
    let mut workspace = QuadWorkspace::new();
    assert!(workspace.intervals().left.is_empty());
    let root = |x: &[f64], y: &mut [f64]| x.iter().zip(y).for_each(|(x, y)| *y = x.sqrt());
    let result = workspace.quad_nodes(root, 0.0, 1.0, &options()).unwrap();
    let shown = workspace.intervals();
    assert_eq!(shown.left.len(), result.subintervals);
    let mut ends: Vec<_> = shown.left.iter().zip(shown.right).collect();
    ends.sort_by(|p, q| p.0.total_cmp(q.0));
    assert_eq!((*ends[0].0, *ends[ends.len() - 1].1), (0.0, 1.0));
    assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].0));
    let sum: f64 = shown.value.iter().sum();
    assert!((sum - 2.0 / 3.0).abs() <= shown.error.iter().sum());
    assert_eq!(shown.order[0] as usize - 1, {
        let largest = shown.error.iter().copied().fold(0.0, f64::max);
        shown.error.iter().position(|&e| e == largest).unwrap()
    });
    assert_eq!(shown.replaced.len(), 1);
    // A failed call leaves none.
    let bad = QuadOptions {
        limit: 0,
        ..options()
    };
    assert!(workspace.quad_nodes(root, 0.0, 1.0, &bad).is_err());
    assert!(workspace.intervals().left.is_empty());
}

#[test]
fn bad_options_name_the_argument() {
    let message = |options: QuadOptions, b: f64| {
        let error = quad_with(|x| x, 0.0, b, &options).unwrap_err();
        error.to_string()
    };
    let zero = QuadOptions {
        epsabs: 0.0,
        epsrel: 1e-15,
        ..options()
    };
    assert!(message(zero, 1.0).starts_with("`epsrel` is 0.000000000000001, expected at least 50"));
    let nan = QuadOptions {
        epsabs: f64::NAN,
        ..options()
    };
    assert!(message(nan, 1.0).starts_with("`epsabs` is NaN"));
    let limit = QuadOptions {
        limit: 0,
        ..options()
    };
    assert!(message(limit, 1.0).starts_with("`limit` is 0, expected at least 1"));
    let limit = QuadOptions {
        limit: 1,
        points: vec![0.5],
        ..options()
    };
    assert!(message(limit, 1.0).starts_with("`limit` is 1"));
    let limit = QuadOptions {
        limit: usize::MAX,
        ..options()
    };
    assert!(message(limit, 1.0).contains("fits in memory"));
    for (point, b) in [(2.0, 1.0), (f64::NAN, 1.0), (2.0, f64::INFINITY)] {
        let points = QuadOptions {
            points: vec![point],
            ..options()
        };
        assert!(message(points, b).starts_with("`points` is "));
    }
}

#[test]
fn limits_of_effort_are_kept() {
    let kink = |x: f64| (x - 0.3).abs().sqrt();
    for limit in [1, 2, 3] {
        let result = quad_with(kink, 0.0, 1.0, &QuadOptions { limit, ..options() }).unwrap();
        assert_eq!(result.status, QuadStatus::MaxSubdivisions);
        assert_eq!(result.subintervals, limit);
        assert!(matches!(result.converged(), Err(Error::Accuracy { .. })));
    }
    // One interval is enough for a smooth integrand.
    let smooth = quad_with(
        f64::exp,
        0.0,
        1.0,
        &QuadOptions {
            limit: 1,
            ..options()
        },
    )
    .unwrap();
    assert_eq!(smooth.status, QuadStatus::Converged);
    let huge = QuadOptions {
        limit: 10_000_000,
        ..options()
    };
    assert_eq!(
        quad_with(kink, 0.0, 1.0, &huge).unwrap().status,
        QuadStatus::Converged
    );
}

#[test]
fn a_status_has_words() {
    let pole = QuadOptions {
        points: vec![0.5],
        ..options()
    };
    let slow = quad_with(|x| (x - 0.5f64).powi(-2), 0.0, 1.0, &pole).unwrap();
    assert_eq!(slow.status, QuadStatus::Divergent);
    assert_eq!(slow.status.ier(), 5);
    assert!(slow.status.to_string().contains("divergent"));
    let error = slow.converged().unwrap_err().to_string();
    assert!(error.contains("divergent") && error.contains("estimated error"));
}

#[test]
fn values_that_are_not_finite_end_the_search() {
    let nan = quad(|x| if x > 0.9 { f64::NAN } else { x.sqrt() }, 0.0, 1.0).unwrap();
    assert!(nan.value.is_nan() && nan.abs_error.is_nan());
    assert_eq!((nan.status, nan.evaluations), (QuadStatus::Converged, 21));
    // The NaN appears only after bisections.
    let late = quad(|x| if x < 1e-4 { f64::NAN } else { x.powf(-0.5) }, 0.0, 1.0).unwrap();
    assert!(late.value.is_nan());
    let inf = quad(|x| 1.0 / x.abs(), -1.0, 1.0).unwrap();
    assert_eq!(
        (inf.value, inf.status),
        (f64::INFINITY, QuadStatus::BadIntegrand)
    );
    for (a, b) in [(f64::NAN, 1.0), (0.0, f64::NAN)] {
        let limits = quad(|x| x, a, b).unwrap();
        assert!(limits.value.is_nan() && limits.evaluations == 0);
    }
    // A vectorised integrand that leaves values out.
    let lazy = quad_nodes(|_, y| y[0] = 1.0, 0.0, 1.0, &options()).unwrap();
    assert!(lazy.value.is_nan());
}

#[test]
fn quad_inside_quad() {
    // The integral of exp(-x y) over y in [0, x], x in [0, 2].
    let inner = |x: f64| quad(|y| (-x * y).exp(), 0.0, x).unwrap().value;
    let nested = quad(inner, 0.0, 2.0).unwrap();
    let direct = quad(|x: f64| -(-x * x).exp_m1() / x, 0.0, 2.0).unwrap();
    assert!((nested.value - direct.value).abs() < 1e-7);
}

#[test]
fn an_error_of_the_integrand_comes_out() {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Lost(f64),
        Theirs(Error),
    }
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Self::Theirs(error)
        }
    }
    let mut calls = 0;
    let f = |x: f64| {
        calls += 1;
        if calls == 5 {
            Err(Mine::Lost(x))
        } else {
            Ok(x)
        }
    };
    assert!(matches!(
        try_quad(f, 0.0, 1.0, &options()),
        Err(Mine::Lost(_))
    ));
    assert_eq!(calls, 5);
    let bad = QuadOptions {
        limit: 0,
        ..options()
    };
    let refused = try_quad(Ok::<_, Mine>, 0.0, 1.0, &bad);
    assert!(matches!(
        refused,
        Err(Mine::Theirs(Error::Value {
            argument: "limit",
            ..
        }))
    ));
}

#[test]
fn a_panic_of_the_integrand_goes_on() {
    let mut calls = 0;
    let f = |x: f64| {
        calls += 1;
        assert!(calls < 30, "thirty");
        x.sqrt()
    };
    let panic = catch_unwind(AssertUnwindSafe(|| quad(f, 0.0, 1.0))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"thirty"));
    // Nothing is left behind.
    close(quad(f64::exp, 0.0, 1.0).unwrap().value, 1f64.exp() - 1.0);
}

unsafe extern "C" fn scaled(x: f64, ctx: *mut c_void) -> f64 {
    // SAFETY: the test passes a pointer to a double.
    x * unsafe { *ctx.cast::<f64>() }
}

unsafe extern "C" fn scaled_nodes(ctx: *mut c_void, n: isize, x: *const f64, y: *mut f64) -> c_int {
    for i in 0..n {
        // SAFETY: both hold `n` numbers; the test passes a pointer to a double.
        unsafe { *y.offset(i) = *x.offset(i) * *ctx.cast::<f64>() };
    }
    0
}

unsafe extern "C" fn refuse(_: *mut c_void, _: isize, _: *const f64, _: *mut f64) -> c_int {
    7
}

#[test]
fn compiled_integrands_get_their_context() {
    let mut factor = 6.0;
    let ctx = (&raw mut factor).cast();
    // SAFETY: the functions read a double behind `ctx`, which outlives the calls.
    let (one, many, none) = unsafe {
        (
            Compiled::scalar(scaled, ctx),
            Compiled::nodes(scaled_nodes, ctx),
            Compiled::nodes(refuse, ctx),
        )
    };
    close(quad_compiled(one, 0.0, 1.0, &options()).unwrap().value, 3.0);
    close(
        quad_compiled(many, 0.0, 1.0, &options()).unwrap().value,
        3.0,
    );
    assert_eq!(
        quad_compiled(none, 0.0, 1.0, &options()),
        Err(Error::Stopped)
    );
}

proptest! {
    #[test]
    fn the_rule_is_exact_for_polynomials(power in 0i32..=31, a in -2.0..2.0f64, b in -2.0..2.0f64) {
        let result = quad(|x| x.powi(power), a, b).unwrap();
        let antiderivative = |x: f64| x.powi(power + 1) / f64::from(power + 1);
        // The antiderivative at both ends and 21 powers, each some power * eps off, of numbers
        // up to m^(power + 1), m the larger limit or 1.
        let size = a.abs().max(b.abs()).max(1.0).powi(power + 1);
        let tolerance = f64::from(40 + 4 * power) * f64::EPSILON * size;
        let exact = antiderivative(b) - antiderivative(a);
        prop_assert!((result.value - exact).abs() <= tolerance);
    }

    #[test]
    fn an_integral_is_the_sum_of_its_parts(middle in 0.1..3.0f64, p in 0.0..50.0f64) {
        let f = |x: f64| (p * x.sin()).cos();
        let whole = quad(f, 0.0, 3.1).unwrap();
        let (left, right) = (quad(f, 0.0, middle).unwrap(), quad(f, middle, 3.1).unwrap());
        let tolerance = whole.abs_error + left.abs_error + right.abs_error;
        prop_assert!((whole.value - left.value - right.value).abs() <= tolerance);
    }
}
