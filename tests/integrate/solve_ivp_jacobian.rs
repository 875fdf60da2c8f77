//! The Jacobian of a right-hand side, given or by differences.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::integrate::{Ivp, IvpOptions, IvpSolution, IvpStatus, Method, RightHandSide};
use ndarray::{Array1, array};

use super::ode::options;

#[test]
fn an_error_of_the_jacobian_comes_out() {
    let options = options(Method::Radau, 1e-6);
    let f = |_: f64, y: &[f64], dydt: &mut [f64]| -> Result<(), Error> {
        dydt[0] = -y[0];
        Ok(())
    };
    let mut problem = Ivp::new(f, (0.0, 1.0), &array![1.0]).jac(|_, _, _| Err(Error::Stopped));
    assert_eq!(problem.solve(&options).unwrap_err(), Error::Stopped);
    let f = |_: f64, y: &[f64], dydt: &mut [f64]| dydt[0] = -y[0];
    let mut problem =
        Ivp::new(f, (0.0, 1.0), &array![1.0]).jac(|_, _, jac| assert!(jac.is_empty(), "there"));
    let panic = catch_unwind(AssertUnwindSafe(|| problem.solve(&options))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"there"));
}

#[test]
fn a_jacobian_saves_evaluations() {
    // A chain of ten reactions; the Jacobian has two diagonals.
    let n = 10;
    let rate = |i: usize| 10f64.powi(i as i32 % 4);
    let chain = |_: f64, y: &[f64], dydt: &mut [f64]| {
        for i in 0..n {
            dydt[i] = -rate(i) * y[i];
            if i > 0 {
                dydt[i] += rate(i - 1) * y[i - 1];
            }
        }
    };
    let mut y0 = Array1::zeros(n);
    y0[0] = 1.0;
    let full = options(Method::Radau, 1e-6);
    let band = IvpOptions {
        band: Some((1, 0)),
        ..full.clone()
    };
    let state = || Ivp::new(chain, (0.0, 20.0), &y0);
    let by_differences = state().solve(&full).unwrap();
    let by_band = state().solve(&band).unwrap();
    let given = state().jac(|_, _, jac| {
        for i in 0..n {
            jac[i * n + i] = -rate(i);
            if i > 0 {
                jac[i * n + i - 1] = rate(i - 1);
            }
        }
    });
    let given = { given }.solve(&full).unwrap();
    let packed = state().jac(|_, _, jac| {
        for i in 0..n {
            jac[i] = -rate(i);
            if i > 0 {
                jac[n + i - 1] = rate(i - 1);
            }
        }
    });
    let packed = { packed }.solve(&band).unwrap();
    // The columns of a band are differenced together: two evaluations for each Jacobian.
    assert!(by_band.nfev < by_differences.nfev && given.nfev < by_band.nfev);
    assert_eq!(given.nfev, packed.nfev);
    let end = |run: &IvpSolution| run.y.column(run.t.len() - 1).to_owned();
    for run in [&by_band, &given, &packed] {
        assert_eq!(run.status, IvpStatus::Finished);
        assert!(run.njev > 0 && run.nlu > 0);
        for (a, b) in end(run).iter().zip(&end(&by_differences)) {
            // Either is within some rtol of the solution.
            assert!((a - b).abs() < 1e-5);
        }
        // What reacts is not lost, but for the last of the chain.
        assert!(end(run).sum() < 1.0 + 1e-5);
    }
}

#[test]
fn a_jacobian_with_parameters_is_the_same() {
    let p = array![50.0];
    let f = |_: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| {
        dydt[0] = y[1];
        dydt[1] = p[0] * (1.0 - y[0] * y[0]) * y[1] - y[0];
    };
    let jac = |_: f64, y: &[f64], jac: &mut [f64], p: &[f64]| {
        jac[1] = 1.0;
        jac[2] = -2.0 * p[0] * y[0] * y[1] - 1.0;
        jac[3] = p[0] * (1.0 - y[0] * y[0]);
    };
    let (span, y0, options) = ((0.0, 100.0), array![2.0, 0.0], options(Method::Radau, 1e-5));
    let run = |problem: &mut Ivp| problem.solve(&options).unwrap();
    let differences = run(&mut Ivp::with_params(&f, &p, span, &y0).unwrap());
    let both = f.with_jacobian(jac);
    let brought = run(&mut Ivp::with_params(&both, &p, span, &y0).unwrap());
    let plain = |t: f64, y: &[f64], dydt: &mut [f64]| f(t, y, dydt, &[50.0]);
    let given = run(&mut Ivp::new(plain, span, &y0).jac(|t, y, out| jac(t, y, out, &[50.0])));
    assert_eq!(brought.y, given.y);
    assert_eq!((brought.nfev, brought.njev), (given.nfev, given.njev));
    assert!(brought.nfev < differences.nfev);
    // A later Jacobian takes the place of an earlier one.
    let wrong = |_: f64, _: &[f64], out: &mut [f64]| assert!(out.is_empty(), "not called");
    let mut problem = Ivp::new(plain, span, &y0)
        .jac(wrong)
        .jac(|t, y, out| jac(t, y, out, &[50.0]));
    assert_eq!(run(&mut problem).y, given.y);
}
