//! Bounds: problems with known solutions in a box.

use ferrotran::optimize::{LeastSquaresOptions, least_squares, least_squares_jac};
use ndarray::{Array1, ArrayViewMut2, array};
use proptest::prelude::*;

fn within(lower: &[f64], upper: &[f64]) -> LeastSquaresOptions {
    LeastSquaresOptions {
        lower: lower.to_vec(),
        upper: upper.to_vec(),
        ..Default::default()
    }
}

fn rosenbrock(x: &[f64], r: &mut [f64]) {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
}

fn rosenbrock_jac(x: &[f64], mut jac: ArrayViewMut2<'_, f64>) {
    jac.assign(&array![[-20.0 * x[0], 10.0], [-1.0, 0.0]]);
}

/// Boxes, starts and solutions; the active bounds follow from the gradient's sign there. With x1
/// held at b, x0 solves 400 x^3 + (2 - 400 b) x - 2 = 0; with x0 held, x1 = x0^2.
#[test]
fn rosenbrock_in_a_box_has_its_known_minimum() {
    let inf = f64::INFINITY;
    let cases = [
        ([-inf, -inf], [0.5, inf], [-1.2, 1.0], [0.5, 0.25]),
        ([-inf, 1.5], [inf, inf], [2.0, 1.5], [1.2243707, 1.5]),
        ([-50.0, 0.0], [0.5, 100.0], [-10.0, 10.0], [0.5, 0.25]),
        ([2.0, -inf], [inf, inf], [3.0, 1.0], [2.0, 4.0]),
        ([-inf, -inf], [inf, 0.5], [-1.2, 0.2], [0.7085, 0.5]),
        ([1.5, -inf], [3.0, 2.0], [2.0, -1.0], [1.5, 2.0]),
        ([-10.0, -10.0], [10.0, 10.0], [-1.2, 1.0], [1.0, 1.0]),
    ];
    for (lower, upper, start, mut solution) in cases {
        if [0.5, 1.5].contains(&solution[1]) {
            let (mut x, b) = (solution[0], solution[1]);
            for _ in 0..20 {
                let slope = 1200.0 * x * x + 2.0 - 400.0 * b;
                x -= (400.0 * x * x * x + (2.0 - 400.0 * b) * x - 2.0) / slope;
            }
            solution[0] = x;
        }
        let options = within(&lower, &upper);
        let x0 = Array1::from_iter(start);
        for result in [
            least_squares(rosenbrock, 2, &x0, &options).unwrap(),
            least_squares_jac(rosenbrock, rosenbrock_jac, 2, &x0, &options).unwrap(),
        ] {
            assert!(result.status.converged(), "{start:?}: {result:?}");
            for (x, s) in result.x.iter().zip(solution) {
                // Tolerances of 1e-8 in the sum of squares give 1e-4 of it in the parameters.
                assert!((x - s).abs() < 1e-5, "{lower:?} {upper:?}: {result:?}");
            }
        }
    }
}

#[test]
fn no_evaluation_leaves_the_box() {
    let options = within(&[0.0, 0.0], &[0.8, 0.9]);
    for x0 in [
        array![0.0, 0.0],
        array![0.8, 0.9],
        array![0.0, 0.9],
        array![0.4, 0.4],
    ] {
        let f = |x: &[f64], r: &mut [f64]| {
            assert!(
                (0.0..=0.8).contains(&x[0]) && (0.0..=0.9).contains(&x[1]),
                "{x:?}"
            );
            rosenbrock(x, r);
        };
        let result = least_squares(f, 2, &x0, &options).unwrap();
        assert!(result.status.converged(), "{result:?}");
        assert_eq!(result.x[0], 0.8);
        assert!((result.x[1] - 0.64).abs() < 1e-7, "{result:?}");
    }
}

#[test]
fn a_start_in_the_solution_corner_stays() {
    let f = |x: &[f64], r: &mut [f64]| {
        r[0] = x[0] + 1.0;
        r[1] = x[1] + 2.0;
    };
    let result = least_squares(f, 2, &array![0.0, 0.0], &within(&[0.0, 0.0], &[])).unwrap();
    assert!(result.status.converged());
    assert_eq!((result.x, result.optimality), (array![0.0, 0.0], 0.0));
}

#[test]
fn wide_bounds_change_no_bit() {
    let x0 = array![-1.2, 1.0];
    let free = least_squares(rosenbrock, 2, &x0, &LeastSquaresOptions::default()).unwrap();
    let wide = within(&[-1e3, -1e3], &[1e3, 1e3]);
    let boxed = least_squares(rosenbrock, 2, &x0, &wide).unwrap();
    assert_eq!(free, boxed);
}

/// A sum of exponentials whose free fit has a negative amplitude.
#[test]
fn an_amplitude_is_held_at_zero() {
    let t = Array1::linspace(0.0, 4.0, 41);
    let y = t.mapv(|t| 2.0 * f64::exp(-t) - 0.3 * f64::exp(-3.0 * t));
    let f = |x: &[f64], r: &mut [f64]| {
        for ((r, t), y) in r.iter_mut().zip(&t).zip(&y) {
            *r = x[0] * (-x[1] * t).exp() + x[2] * (-3.0 * t).exp() - y;
        }
    };
    let x0 = array![1.0, 0.5, 0.2];
    let free = least_squares(f, 41, &x0, &LeastSquaresOptions::default()).unwrap();
    assert!((free.x[2] + 0.3).abs() < 1e-5);
    let held = least_squares(f, 41, &x0, &within(&[0.0; 3], &[])).unwrap();
    assert!(held.status.converged() && held.x[2] == 0.0, "{held:?}");
    // The others are at the minimum of the model without that term.
    let g = |x: &[f64], r: &mut [f64]| f(&[x[0], x[1], 0.0], r);
    let less = least_squares(g, 41, &array![1.0, 0.5], &LeastSquaresOptions::default()).unwrap();
    assert!((held.x[0] - less.x[0]).abs() < 1e-6 && (held.x[1] - less.x[1]).abs() < 1e-6);
    assert!(held.cost > free.cost);
}

/// Forty parameters of which bounds stop a dozen; few evaluations suffice.
#[test]
fn many_bounds_are_met_at_once() {
    let (m, n) = (100, 40);
    let weight = |i: usize, j: usize| (0.37 * ((i + 1) * (j + 1)) as f64).cos();
    let f = |x: &[f64], r: &mut [f64]| {
        for (i, r) in r.iter_mut().enumerate() {
            let terms = x.iter().enumerate();
            let sum: f64 = terms.map(|(j, x)| weight(i, j) * (x + 0.1 * x * x)).sum();
            *r = sum - (0.01 * i as f64).sin();
        }
    };
    let jac = |x: &[f64], mut jac: ArrayViewMut2<'_, f64>| {
        jac.indexed_iter_mut()
            .for_each(|((i, j), d)| *d = weight(i, j) * (1.0 + 0.2 * x[j]));
    };
    let lower: Vec<_> = (0..n)
        .map(|j| if j % 2 == 1 { -0.1 } else { -1.0 })
        .collect();
    let options = within(&lower, &vec![0.31; n]);
    let x0 = Array1::from_elem(n, 0.3);
    let result = least_squares_jac(f, jac, m, &x0, &options).unwrap();
    assert!(result.status.converged() && result.nfev <= 10, "{result:?}");
    // The cost that a reflective trust region, SciPy's 'trf', ends with, to its digits.
    assert!((result.cost - 4.431927).abs() < 1e-6, "{}", result.cost);
    let met = result
        .x
        .iter()
        .zip(&lower)
        .filter(|&(&x, &low)| x == low || x == 0.31);
    assert_eq!(met.count(), 12);
}

proptest! {
    /// In a box a linear problem ends where the gradient points outward at each bound that is
    /// met, and vanishes for the others: the conditions of Karush, Kuhn and Tucker.
    #[test]
    fn linear_problems_in_a_box_meet_the_optimality_conditions(
        a in proptest::collection::vec(-1.0..1.0f64, 4 * 12),
        b in proptest::collection::vec(-5.0..5.0f64, 12),
    ) {
        let f = |x: &[f64], r: &mut [f64]| {
            for i in 0..12 {
                r[i] = (0..4).map(|j| a[4 * i + j] * x[j]).sum::<f64>() - b[i];
            }
        };
        let jac = |_: &[f64], mut out: ArrayViewMut2<'_, f64>| {
            out.indexed_iter_mut().for_each(|((i, j), d)| *d = a[4 * i + j]);
        };
        let mut options = within(&[-0.5; 4], &[0.5; 4]);
        (options.ftol, options.xtol, options.gtol) = (1e-15, 1e-15, 1e-12);
        let result = least_squares_jac(f, jac, 12, &Array1::zeros(4), &options).unwrap();
        prop_assert!(result.status.converged(), "{:?}", result.status);
        let gradient = result.jac.t().dot(&result.fun);
        for (&x, &g) in result.x.iter().zip(&gradient) {
            prop_assert!((-0.5..=0.5).contains(&x));
            // The gradient is known to roundoff of numbers of size 60; ftol leaves 1e-7 of that.
            let good = (x == -0.5 && g > -1e-6) || (x == 0.5 && g < 1e-6) || g.abs() < 1e-6;
            prop_assert!(good, "x {x}, gradient {g}");
        }
    }
}
