//! Solutions that end early, and right-hand sides that fail.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::integrate::{
    CompiledRhs, Ivp, IvpOptions, IvpStatus, Method, solve_ivp, try_solve_ivp,
};
use ndarray::array;

use super::ode::options;

#[test]
fn a_solution_that_blows_up_ends_early() {
    // y = 1 / (1 - t).
    for method in Method::ALL {
        let square = |_: f64, y: &[f64], dydt: &mut [f64]| dydt[0] = y[0] * y[0];
        let solution = solve_ivp(square, (0.0, 2.0), &array![1.0], &options(method, 1e-6)).unwrap();
        assert_eq!(solution.status, IvpStatus::StepTooSmall, "{method:?}");
        assert!(!solution.status.is_success());
        let last = solution.t[solution.t.len() - 1];
        // The pole moves by the relative error of the solution.
        assert!((last - 1.0).abs() < 1e-4, "{last}");
        assert!(solution.y.iter().all(|y| y.is_finite()));
    }
}

#[test]
fn a_right_hand_side_that_is_not_finite_ends_it() {
    for method in Method::ALL {
        for bad in [f64::NAN, f64::INFINITY] {
            let late = |t: f64, _: &[f64], dydt: &mut [f64]| {
                dydt[0] = if t > 0.5 { bad } else { 1.0 };
            };
            let solution = solve_ivp(late, (0.0, 1.0), &array![0.0], &options(method, 1e-6));
            let solution = solution.unwrap();
            assert_eq!(solution.status, IvpStatus::StepTooSmall, "{method:?} {bad}");
            assert!(solution.t[solution.t.len() - 1] <= 0.5);

            let at_once = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = bad;
            let solution = solve_ivp(at_once, (0.0, 1.0), &array![0.0], &options(method, 1e-6));
            let solution = solution.unwrap();
            assert_eq!(solution.status, IvpStatus::NotFinite, "{method:?} {bad}");
            assert_eq!(solution.t, array![0.0]);
        }
    }
}

#[test]
fn derivatives_left_out_are_nan() {
    let lazy = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = 1.0;
    let options = IvpOptions::default();
    let solution = solve_ivp(lazy, (0.0, 1.0), &array![0.0, 0.0], &options).unwrap();
    assert_eq!(solution.status, IvpStatus::NotFinite);
}

#[test]
fn an_error_of_the_right_hand_side_comes_out() {
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
    for method in Method::ALL {
        let mut calls = 0;
        let f = |_: f64, y: &[f64], dydt: &mut [f64]| {
            calls += 1;
            dydt[0] = -y[0];
            if calls == 9 { Err(Mine::Lost) } else { Ok(()) }
        };
        let run = try_solve_ivp(f, (0.0, 9.0), &array![1.0], &options(method, 1e-8));
        assert_eq!(run.unwrap_err(), Mine::Lost);
        assert_eq!(calls, 9);
    }
    let f = |_: f64, _: &[f64], _: &mut [f64]| Err(Mine::Lost);
    let run = try_solve_ivp(f, (0.0, 1.0), &array![f64::NAN], &IvpOptions::default());
    assert!(matches!(
        run,
        Err(Mine::Theirs(Error::Value { argument: "y0", .. }))
    ));
}

#[test]
fn a_panic_of_the_right_hand_side_goes_on() {
    for method in Method::ALL {
        let mut calls = 0;
        let f = |_: f64, y: &[f64], dydt: &mut [f64]| {
            calls += 1;
            assert!(calls < 9, "nine");
            dydt[0] = -y[0];
        };
        let run = || solve_ivp(f, (0.0, 9.0), &array![1.0], &options(method, 1e-8));
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"nine"));
    }
}

unsafe extern "C" fn until_one(
    _: *mut c_void,
    _: isize,
    _: isize,
    t: *const f64,
    _: *const f64,
    dydt: *mut f64,
    _: *const f64,
) -> c_int {
    // SAFETY: the arrays have one element, of one member.
    unsafe {
        *dydt = 1.0;
        c_int::from(*t > 1.0)
    }
}

#[test]
fn a_c_function_that_stops_leaves_what_is_finished() {
    for method in Method::ALL {
        // SAFETY: `until_one` neither unwinds nor touches more than the elements of one member.
        let rhs = unsafe { CompiledRhs::lanes(until_one, std::ptr::null_mut()) };
        let mut problem: Ivp = Ivp::with_params(&rhs, &array![], (0.0, 2.0), &array![5.0]).unwrap();
        let options = IvpOptions {
            max_step: 0.25,
            dense_output: true,
            ..options(method, 1e-6)
        };
        let run = problem.solve(&options).unwrap();
        assert_eq!(run.status, IvpStatus::Stopped);
        assert!(run.accepted > 3 && run.t.len() == run.accepted + 1);
        assert!(run.t[run.accepted] <= 1.0 && run.nfev > run.accepted);
        assert!((run.dense.unwrap().at(0.5)[0] - 5.5).abs() < 1e-12);
    }
}
