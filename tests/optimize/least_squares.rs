use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::optimize::{
    LeastSquares, LeastSquaresOptions, LeastSquaresStatus as Status, LeastSquaresWorkspace,
    least_squares, least_squares_jac, par_least_squares, try_least_squares, try_least_squares_jac,
};
use ndarray::{Array1, ArrayViewMut2, array};
use proptest::prelude::*;

fn options() -> LeastSquaresOptions {
    LeastSquaresOptions::default()
}

fn rosenbrock(x: &[f64], r: &mut [f64]) {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
}

fn rosenbrock_jac(x: &[f64], mut jac: ArrayViewMut2<'_, f64>) {
    jac.assign(&array![[-20.0 * x[0], 10.0], [-1.0, 0.0]]);
}

/// Residuals of a straight line through (0, 1), (1, 3), (2, 4), (3, 4): slope 1, intercept 1.5.
fn line(x: &[f64], r: &mut [f64]) {
    for (i, y) in [1.0, 3.0, 4.0, 4.0].iter().enumerate() {
        r[i] = x[0] + x[1] * i as f64 - y;
    }
}

#[test]
fn a_straight_line_has_its_exact_covariance() {
    let result = least_squares(line, 4, &array![0.0, 0.0], &options()).unwrap();
    assert!(result.status.converged());
    assert!((result.x[0] - 1.5).abs() < 1e-8 && (result.x[1] - 1.0).abs() < 1e-8);
    assert!((result.cost - 0.5).abs() < 1e-12);
    assert_eq!((result.rank, result.jac.dim()), (2, (4, 2)));
    // (J^T J)^-1 of J^T J = [[4, 6], [6, 14]].
    let exact = array![[0.7, -0.3], [-0.3, 0.2]];
    for (found, exact) in result.cov.iter().zip(&exact) {
        // Differences of a linear model are off by roundoff over the step, 1e-8.
        assert!((found - exact).abs() < 1e-7, "{found} {exact}");
    }
    let mut r = [0.0; 4];
    line(result.x.as_slice().unwrap(), &mut r);
    assert_eq!(result.fun.as_slice().unwrap(), r);
    let gradient = result.jac.t().dot(&result.fun);
    let largest = gradient.iter().fold(0f64, |a, g| a.max(g.abs()));
    assert!((result.optimality - largest).abs() < 1e-7);
}

#[test]
fn weights_multiply_residuals_and_derivatives() {
    let weights = [2.0, 1.0, 0.5, 0.0];
    let mut options = options();
    options.weights = weights.to_vec();
    let by_hand = |x: &[f64], r: &mut [f64]| {
        line(x, r);
        r.iter_mut().zip(weights).for_each(|(r, w)| *r *= w);
    };
    let rows = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]];
    let weighted = array![[2.0, 0.0], [1.0, 1.0], [0.5, 1.0], [0.0, 0.0]];
    let jac = |_: &[f64], mut to: ArrayViewMut2<'_, f64>| to.assign(&rows);
    let jac_by_hand = |_: &[f64], mut to: ArrayViewMut2<'_, f64>| to.assign(&weighted);
    let (x0, plain) = (array![0.0, 0.0], LeastSquaresOptions::default());
    let found = least_squares(line, 4, &x0, &options).unwrap();
    assert_eq!(found, least_squares(by_hand, 4, &x0, &plain).unwrap());
    let found = least_squares_jac(line, jac, 4, &x0, &options).unwrap();
    let expected = least_squares_jac(by_hand, jac_by_hand, 4, &x0, &plain).unwrap();
    assert_eq!(found, expected);
    // The last point does not count.
    assert_eq!((found.fun[3], found.jac[[3, 1]]), (0.0, 0.0));

    let (starts, params) = (array![[0.0, 0.0]], array![(), (), ()]);
    let f = |x: &[f64], r: &mut [f64], (): &()| line(x, r);
    let batch = par_least_squares(f, 4, &starts, &params, &options, None).unwrap();
    assert_eq!(
        batch.x.row(2),
        least_squares(line, 4, &x0, &options).unwrap().x
    );
}

#[test]
fn evaluations_are_counted() {
    let (mut values, mut derivatives) = (0, 0);
    let f = |x: &[f64], r: &mut [f64]| {
        values += 1;
        rosenbrock(x, r);
    };
    let jac = |x: &[f64], a: ArrayViewMut2<'_, f64>| {
        derivatives += 1;
        rosenbrock_jac(x, a);
    };
    let result = least_squares_jac(f, jac, 2, &array![-1.2, 1.0], &options()).unwrap();
    assert_eq!((result.nfev, result.njev), (values, derivatives));
    assert_eq!(result.x, array![1.0, 1.0]);
    let mut values = 0;
    let f = |x: &[f64], r: &mut [f64]| {
        values += 1;
        rosenbrock(x, r);
    };
    let result = least_squares(f, 2, &array![-1.2, 1.0], &options()).unwrap();
    assert_eq!(result.nfev, values);
}

#[test]
fn each_reason_to_stop_is_told() {
    let solve = |ftol, xtol, gtol, max_nfev| {
        let options = LeastSquaresOptions {
            ftol,
            xtol,
            gtol,
            max_nfev: Some(max_nfev),
            ..options()
        };
        // The residuals at the minimum are not zero.
        let f = |x: &[f64], r: &mut [f64]| {
            rosenbrock(x, r);
            r[2] = 0.3 * x[0] - 2.0;
        };
        least_squares(f, 3, &array![-1.2, 1.0], &options).unwrap()
    };
    let far = 1000;
    assert_eq!(solve(0.0, 0.0, 1e-6, far).status, Status::Gtol);
    assert_eq!(solve(1e-6, 0.0, 0.0, far).status, Status::Ftol);
    assert_eq!(solve(0.0, 1e-6, 0.0, far).status, Status::Xtol);
    assert_eq!(solve(1.0, 10.0, 0.0, far).status, Status::FtolAndXtol);
    assert_eq!(solve(0.0, 0.0, 0.0, 5).status, Status::MaxEvaluations);
    let end = solve(0.0, 0.0, 0.0, far).status;
    assert!(end.converged() && !end.to_string().is_empty(), "{end:?}");
    let early = solve(0.0, 0.0, 0.0, 5).converged().unwrap_err();
    assert!(matches!(early, Error::Accuracy { .. }) && early.to_string().contains("evaluations"));
    assert_eq!((Status::Gtol.number(), Status::Gtol.info()), (1, 4));
}

#[test]
fn residuals_that_are_not_finite_at_the_start_end_the_search() {
    for bad in [f64::NAN, f64::INFINITY] {
        let result = least_squares(|_, r| r.fill(bad), 2, &array![1.0], &options()).unwrap();
        assert_eq!((result.status, result.nfev), (Status::NotFinite, 1));
        assert_eq!(result.x, array![1.0]);
        assert!(result.cov[[0, 0]].is_nan() && result.optimality.is_nan());
        assert!(!result.status.converged());
    }
    // What a closure leaves out counts as NaN.
    let lazy = least_squares(|_, r| r[0] = 1.0, 2, &array![1.0], &options()).unwrap();
    assert_eq!(lazy.status, Status::NotFinite);
}

#[test]
fn a_region_of_nan_is_walked_around() {
    // ln x is NaN below zero, where the first steps lead.
    let f = |x: &[f64], r: &mut [f64]| r[0] = x[0].ln() + 3.0;
    let result = least_squares(f, 1, &array![10.0], &options()).unwrap();
    assert!(result.status.converged(), "{result:?}");
    assert!((result.x[0] - (-3f64).exp()).abs() < 1e-8, "{result:?}");
    // Forward differences leave the domain at its edge; backward ones do not.
    let f = |x: &[f64], r: &mut [f64]| r[0] = (1.0 - x[0]).sqrt() + x[0] - 1.2;
    let result = least_squares(f, 1, &array![1.0], &options()).unwrap();
    assert!(result.status.converged(), "{result:?}");
}

#[test]
fn derivatives_that_are_not_finite_are_told() {
    let jac = |_: &[f64], mut a: ArrayViewMut2<'_, f64>| a.fill(f64::NAN);
    let f = |x: &[f64], r: &mut [f64]| r[0] = x[0] - 3.0;
    let result = least_squares_jac(f, jac, 1, &array![1.0], &options()).unwrap();
    assert_eq!(result.status, Status::JacobianNotFinite);
    assert_eq!((result.cost, result.rank), (2.0, 0));
    assert!(result.cov[[0, 0]].is_nan());
}

#[test]
fn a_singular_jacobian_is_no_obstacle_and_is_told() {
    // Only the sum of the parameters counts.
    let f = |x: &[f64], r: &mut [f64]| {
        for (i, r) in r.iter_mut().enumerate() {
            *r = (x[0] + x[1]) * (1.0 + i as f64) - 2.0 * (1.0 + i as f64);
        }
    };
    let result = least_squares(f, 5, &array![7.0, 1.0], &options()).unwrap();
    assert!(
        result.status.converged() && result.cost < 1e-20,
        "{result:?}"
    );
    assert_eq!(result.rank, 1);
    assert!(result.cov.iter().all(|c| c.is_nan()));
    // A parameter without any effect stays where it is.
    let f = |x: &[f64], r: &mut [f64]| r.iter_mut().for_each(|r| *r = x[0] * x[0] - 2.0);
    let result = least_squares(f, 3, &array![1.0, 5.0], &options()).unwrap();
    assert!((result.x[0] - 2f64.sqrt()).abs() < 1e-8);
    assert_eq!((result.x[1], result.rank), (5.0, 1));
}

#[test]
fn scales_of_residuals_and_parameters_do_not_matter() {
    for scale in [1e-150, 1e-30, 1.0, 1e30, 1e150] {
        let f = |x: &[f64], r: &mut [f64]| {
            rosenbrock(&[x[0] / scale, x[1]], r);
            r.iter_mut().for_each(|r| *r *= scale);
        };
        let jac = |x: &[f64], mut a: ArrayViewMut2<'_, f64>| {
            a.assign(&array![[-20.0 * (x[0] / scale), 10.0 * scale], [-1.0, 0.0]]);
        };
        let x0 = array![-1.2 * scale, 1.0];
        let result = least_squares_jac(f, jac, 2, &x0, &options()).unwrap();
        assert!(result.status.converged(), "{scale:e}: {result:?}");
        let x = [result.x[0] / scale, result.x[1]];
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-8), "{scale:e}: {x:?}");
        assert_eq!(result.rank, 2);
    }
}

#[test]
fn bad_arguments_are_named() {
    let message = |options: LeastSquaresOptions, m: usize, x0: Array1<f64>| {
        let error = least_squares(|_, _| panic!("not called"), m, &x0, &options).unwrap_err();
        error.to_string()
    };
    let x0 = array![0.5, 0.5];
    let with = |change: &dyn Fn(&mut LeastSquaresOptions)| {
        let mut options = options();
        change(&mut options);
        message(options, 3, x0.clone())
    };
    let text = message(options(), 1, x0.clone());
    assert_eq!(
        text,
        "`m` is 1, expected at least as many residuals as parameters"
    );
    assert!(message(options(), usize::MAX, x0.clone()).contains("fits in memory"));
    assert!(message(options(), 2, Array1::zeros(0)).starts_with("`x0` has length 0"));
    assert!(message(options(), 2, array![f64::NAN]).starts_with("`x0` is NaN"));
    assert!(with(&|o| o.ftol = f64::NAN).starts_with("`ftol` is NaN"));
    assert!(with(&|o| o.xtol = -1.0).starts_with("`xtol` is -1"));
    assert!(with(&|o| o.factor = 0.0).starts_with("`factor` is 0"));
    assert!(with(&|o| o.max_nfev = Some(0)).starts_with("`max_nfev` is 0"));
    assert!(with(&|o| o.x_scale = vec![1.0]).starts_with("`x_scale` has length 1"));
    assert!(with(&|o| o.x_scale = vec![1.0, 0.0]).starts_with("`x_scale` is 0"));
    assert!(with(&|o| o.weights = vec![1.0]).starts_with("`weights` has length 1, expected 3"));
    assert!(with(&|o| o.weights = vec![1.0, -1.0, 1.0]).starts_with("`weights` is -1"));
    assert!(with(&|o| o.diff_step = Some(0.0)).starts_with("`diff_step` is 0"));
    assert!(with(&|o| o.lower = vec![0.0]).starts_with("`lower` has length 1"));
    assert!(with(&|o| o.upper = vec![0.0, f64::NAN]).starts_with("`upper` is NaN"));
    assert!(with(&|o| o.lower = vec![0.0, f64::NAN]).starts_with("`lower` is NaN"));
    let text = with(&|o| {
        o.lower = vec![0.0, 2.0];
        o.upper = vec![1.0, 1.0];
    });
    assert_eq!(
        text,
        "`upper` is 1, expected a number above the lower bound"
    );
    let text = with(&|o| o.lower = vec![0.0, 0.6]);
    assert_eq!(text, "`x0` is 0.5, expected a number within the bounds");
}

#[test]
fn an_error_of_a_closure_comes_out() {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Lost,
        Theirs(Error),
    }
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Self::Theirs(error)
        }
    }
    let x0 = array![-1.2, 1.0];
    let mut calls = 0;
    let f = |x: &[f64], r: &mut [f64]| {
        calls += 1;
        rosenbrock(x, r);
        if calls == 4 { Err(Mine::Lost) } else { Ok(()) }
    };
    let lost = try_least_squares(f, 2, &x0, &options());
    assert_eq!((lost, calls), (Err(Mine::Lost), 4));
    let f = |x: &[f64], r: &mut [f64]| {
        rosenbrock(x, r);
        Ok(())
    };
    let jac = |_: &[f64], _: ArrayViewMut2<'_, f64>| Err(Mine::Lost);
    let lost = try_least_squares_jac::<_, _, Mine>(f, jac, 2, &x0, &options());
    assert_eq!(lost, Err(Mine::Lost));
    let refused = try_least_squares::<_, Mine>(f, 1, &x0, &options());
    assert!(matches!(
        refused,
        Err(Mine::Theirs(Error::Value { argument: "m", .. }))
    ));
}

#[test]
fn a_panic_of_a_closure_goes_on() {
    let mut calls = 0;
    let f = |x: &[f64], r: &mut [f64]| {
        calls += 1;
        assert!(calls < 7, "seven");
        rosenbrock(x, r);
    };
    let run = || least_squares(f, 2, &array![-1.2, 1.0], &options());
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"seven"));
}

#[test]
fn a_workspace_serves_problems_of_all_sizes() {
    let mut workspace = LeastSquaresWorkspace::new();
    let fresh = |m: usize, n: usize| -> (LeastSquares, _) {
        let f = move |x: &[f64], r: &mut [f64]| {
            for (i, r) in r.iter_mut().enumerate() {
                *r = (x[i % n] * (1.0 + i as f64)).sin() - 0.1 * x[(i + 1) % n];
            }
            Ok::<_, Error>(())
        };
        let x0 = Array1::linspace(0.1, 0.2, n);
        (try_least_squares(f, m, &x0, &options()).unwrap(), (f, x0))
    };
    for (m, n) in [(40, 3), (3, 3), (17, 16), (16, 1), (1, 1), (100, 20)] {
        let (expected, (f, x0)) = fresh(m, n);
        let found = workspace.try_least_squares(f, m, &x0, &options()).unwrap();
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{m} x {n}");
    }
}

proptest! {
    /// A linear problem is solved at once, to the solution of the normal equations.
    #[test]
    fn linear_problems_are_solved(
        a in proptest::collection::vec(-1.0..1.0f64, 3 * 33), m in 3usize..33,
    ) {
        let a = |i: usize, j: usize| a[3 * i + j] + if i == j { 3.0 } else { 0.0 };
        let f = |x: &[f64], r: &mut [f64]| {
            for (i, r) in r.iter_mut().enumerate() {
                *r = (0..3).map(|j| a(i, j) * x[j]).sum::<f64>() - (i as f64).cos();
            }
        };
        let jac = |_: &[f64], mut b: ArrayViewMut2<'_, f64>| {
            b.indexed_iter_mut().for_each(|((i, j), b)| *b = a(i, j));
        };
        let result = least_squares_jac(f, jac, m, &Array1::zeros(3), &options()).unwrap();
        prop_assert!(result.status.converged());
        prop_assert!(result.nfev <= 4);
        // The gradient vanishes: roundoff of m products of numbers up to 4.
        prop_assert!(result.optimality <= 1e-13 * m as f64, "{}", result.optimality);
        let identity = result.cov.dot(&result.jac.t().dot(&result.jac));
        for ((i, j), &e) in identity.indexed_iter() {
            prop_assert!((e - f64::from(u8::from(i == j))).abs() < 1e-10);
        }
    }
}

/// A residual that is flat at the minimum, where differences drown in roundoff; SciPy's tests
/// allow 20 evaluations.
#[test]
fn a_flat_residual_takes_few_evaluations() {
    let options = LeastSquaresOptions {
        max_nfev: Some(20),
        ..options()
    };
    let f = |x: &[f64], r: &mut [f64]| r[0] = x[0] * x[0] + 5.0;
    let result = least_squares(f, 1, &array![2.0], &options).unwrap();
    assert!(result.x[0].abs() < 1e-4, "{result:?}");
}
