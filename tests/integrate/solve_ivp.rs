use ferrotran::integrate::{IvpOptions, IvpStatus, Method, solve_ivp};
use ndarray::{Array1, array};

use super::ode::{options, oscillator, rational, rational_solution};

/// Largest error of the components, relative to `scale`.
fn error(found: impl IntoIterator<Item = f64>, exact: &[f64], scale: f64) -> f64 {
    let pairs = found.into_iter().zip(exact);
    pairs
        .map(|(a, b)| (a - b).abs() / scale)
        .fold(0.0, f64::max)
}

#[test]
fn the_error_is_proportional_to_the_tolerance() {
    for method in Method::ALL {
        for rtol in [1e-4, 1e-6, 1e-8, 1e-10] {
            for t1 in [9.0, 1.0] {
                let options = options(method, rtol);
                let y0 = Array1::from(rational_solution(5.0).to_vec());
                let solution = solve_ivp(rational, (5.0, t1), &y0, &options).unwrap();
                assert_eq!(solution.status, IvpStatus::Finished);
                assert_eq!(solution.t[solution.t.len() - 1], t1);
                let end = solution.y.column(solution.t.len() - 1).to_owned();
                // The problem is well conditioned: the error is that of few steps.
                let error = error(end, &rational_solution(t1), 1.0) / rtol;
                assert!(error < 10.0, "{method:?} {rtol} {t1}: {error}");
            }
        }
    }
}

#[test]
fn the_proportion_of_error_and_tolerance_is_kept() {
    // Ten periods of the oscillator, which keeps errors and adds them up: docs/solve_ivp.md has
    // 10 to 13 tolerances, and 0.03 to 0.13 for Radau, whose error estimate is of order 3 only.
    let end = 20.0 * std::f64::consts::PI;
    for (method, least, most) in [
        (Method::Rk45, 5.0, 25.0),
        (Method::Dop853, 5.0, 25.0),
        (Method::Radau, 0.01, 1.0),
    ] {
        for rtol in [1e-5, 1e-6, 1e-7, 1e-8, 1e-9] {
            let options = IvpOptions {
                atol: rtol.into(),
                ..options(method, rtol)
            };
            let run = solve_ivp(oscillator, (0.0, end), &array![1.0, 0.0], &options).unwrap();
            let last = run.y.column(run.t.len() - 1);
            let error = ((last[0] - 1.0) / 2.0).abs().max(last[1].abs()) / rtol;
            assert!((least..most).contains(&error), "{method:?} {rtol}: {error}");
        }
    }
}

#[test]
fn all_outputs_lie_on_the_solution() {
    for method in Method::ALL {
        let rtol = 1e-8;
        let solution = solve_ivp(
            oscillator,
            (0.0, 10.0),
            &array![1.0, 0.0],
            &options(method, rtol),
        );
        let solution = solution.unwrap();
        assert_eq!(solution.y.dim(), (2, solution.t.len()));
        assert_eq!(solution.t.len(), solution.accepted + 1);
        assert!(solution.nfev > 0 && solution.events.is_empty() && solution.dense.is_none());
        for (&t, y) in solution.t.iter().zip(solution.y.columns()) {
            // Ten radians at an error of about rtol per radian, with room.
            assert!(error(y.to_owned(), &[t.cos(), -t.sin()], 1.0) < 30.0 * rtol);
        }
    }
}

#[test]
fn backward_is_forward_of_the_mirrored_problem() {
    for method in Method::ALL {
        let options = options(method, 1e-6);
        let forth = solve_ivp(
            |t, y, dydt| dydt[0] = -y[0] * t.cos(),
            (1.0, 7.0),
            &array![2.0],
            &options,
        );
        let back = solve_ivp(
            |t, y, dydt| dydt[0] = y[0] * (-t).cos(),
            (-1.0, -7.0),
            &array![2.0],
            &options,
        );
        let (forth, back) = (forth.unwrap(), back.unwrap());
        assert_eq!(forth.y, back.y, "{method:?}");
        assert_eq!(forth.t, -back.t);
    }
}

#[test]
fn outputs_are_where_they_were_asked_for() {
    let y0 = array![1.0, 0.0];
    for method in Method::ALL {
        for (t0, t1) in [(0.0, 4.0), (4.0, 0.0)] {
            let mut times = vec![0.0, 0.1, 0.11, 2.0, 3.999, 4.0];
            if t0 > t1 {
                times.reverse();
            }
            let options = IvpOptions {
                t_eval: Some(times.clone()),
                ..options(method, 1e-8)
            };
            let solution = solve_ivp(oscillator, (t0, t1), &y0, &options).unwrap();
            assert_eq!(solution.t.to_vec(), times);
            // The ends are those of the integration itself.
            let whole = IvpOptions {
                t_eval: None,
                ..options.clone()
            };
            let whole = solve_ivp(oscillator, (t0, t1), &y0, &whole).unwrap();
            assert_eq!(solution.y.column(0), y0);
            assert_eq!(solution.y.column(5), whole.y.column(whole.t.len() - 1));
            assert_eq!(solution.accepted, whole.accepted);
            for (&t, y) in solution.t.iter().zip(solution.y.columns()) {
                let exact = [(t - t0).cos(), -(t - t0).sin()];
                // Radau's interpolant has order 3 only, and is not controlled.
                let room = if method == Method::Radau { 1e-5 } else { 1e-6 };
                assert!(error(y.to_owned(), &exact, 1.0) < room);
            }
        }
    }
}

#[test]
fn few_or_no_outputs_are_fine() {
    for times in [vec![], vec![0.5], vec![0.0], vec![1.0]] {
        let options = IvpOptions {
            t_eval: Some(times.clone()),
            ..Default::default()
        };
        let solution = solve_ivp(oscillator, (0.0, 1.0), &array![1.0, 0.0], &options).unwrap();
        assert_eq!(solution.status, IvpStatus::Finished);
        assert_eq!(solution.t.to_vec(), times);
        assert_eq!(solution.y.dim(), (2, times.len()));
    }
}

#[test]
fn a_span_without_length_and_a_state_without_components_are_cases() {
    let never = |_: f64, _: &[f64], _: &mut [f64]| panic!("not called");
    for method in Method::ALL {
        let options = IvpOptions {
            method,
            dense_output: true,
            ..Default::default()
        };
        let solution = solve_ivp(never, (4.0, 4.0), &array![2.0, 3.0], &options).unwrap();
        assert_eq!(solution.status, IvpStatus::Finished);
        assert_eq!(solution.t, array![4.0, 4.0]);
        assert_eq!(solution.y, array![[2.0, 2.0], [3.0, 3.0]]);
        assert_eq!(solution.dense.unwrap().at(5.0), array![2.0, 3.0]);

        let solution = solve_ivp(never, (0.0, 10.0), &array![], &options).unwrap();
        assert_eq!(solution.status, IvpStatus::Finished);
        assert_eq!(solution.t, array![0.0, 10.0]);
        assert_eq!(solution.y.dim(), (0, 2));
        let dense = solution.dense.unwrap();
        assert_eq!(dense.at_all(&array![1.0, 2.0, 3.0]).dim(), (0, 3));
    }
}

#[test]
fn steps_obey_their_limits() {
    for method in Method::ALL {
        let options = IvpOptions {
            first_step: Some(1e-3),
            max_step: 0.125,
            ..options(method, 1e-3)
        };
        let solution = solve_ivp(oscillator, (0.0, 2.0), &array![1.0, 0.0], &options).unwrap();
        assert_eq!(solution.t[1], 1e-3);
        let longest = solution.t.windows(2).into_iter().map(|w| w[1] - w[0]);
        // The difference of two times is off by an ulp of the end.
        assert!(longest.fold(0.0, f64::max) <= 0.125 + 2.0 * f64::EPSILON);
        // A first step above the largest is shortened.
        let short = IvpOptions {
            first_step: Some(1.0),
            ..options.clone()
        };
        let solution = solve_ivp(oscillator, (0.0, 2.0), &array![1.0, 0.0], &short).unwrap();
        assert!(solution.t[1] <= 0.125);
        let few = IvpOptions {
            max_steps: Some(5),
            ..options
        };
        let solution = solve_ivp(oscillator, (0.0, 2.0), &array![1.0, 0.0], &few).unwrap();
        assert_eq!(solution.status, IvpStatus::MaxSteps);
        assert_eq!(solution.accepted + solution.rejected, 5);
        assert_eq!(solution.t.len(), solution.accepted + 1);
    }
}

#[test]
fn the_right_hand_side_is_not_asked_outside_the_span() {
    for method in Method::ALL {
        for (t0, t1) in [
            (0.0_f64, 1e-4_f64),
            (-17.0, 2.0),
            (2.0, -17.0),
            (0.3, 0.3 + 1e-15),
        ] {
            for first_step in [None, Some((t1 - t0).abs())] {
                let f = |t: f64, y: &[f64], dydt: &mut [f64]| {
                    assert!(t0.min(t1) <= t && t <= t0.max(t1), "{method:?} {t}");
                    dydt[0] = -y[0];
                };
                let options = IvpOptions {
                    first_step,
                    dense_output: true,
                    ..options(method, 1e-4)
                };
                let run = solve_ivp(f, (t0, t1), &array![1.0], &options).unwrap();
                assert_eq!(run.status, IvpStatus::Finished, "{method:?} {t0} {t1}");
            }
        }
    }
}

#[test]
fn a_state_at_rest_stays() {
    for method in Method::ALL {
        let rest = |_: f64, _: &[f64], dydt: &mut [f64]| dydt.fill(0.0);
        let run = solve_ivp(
            rest,
            (0.0, 10.0),
            &array![1.0, -0.0],
            &options(method, 1e-6),
        )
        .unwrap();
        assert_eq!(run.status, IvpStatus::Finished);
        assert!(run.y.columns().into_iter().all(|y| y == array![1.0, 0.0]));
    }
}

#[test]
fn tolerances_are_per_component_and_not_below_a_hundred_epsilons() {
    let y0 = array![1.0, 0.0];
    for method in Method::ALL {
        let one = options(method, 1e-7);
        let each = IvpOptions {
            atol: vec![1e-9, 1e-9].into(),
            ..one.clone()
        };
        let run = |options: &IvpOptions| solve_ivp(oscillator, (0.0, 1.0), &y0, options).unwrap();
        assert_eq!(run(&one).y, run(&each).y);
        let loose = IvpOptions {
            atol: vec![1e-9, 1e9].into(),
            ..one.clone()
        };
        assert_ne!(run(&one).y, run(&loose).y);
        let least = IvpOptions {
            rtol: 100.0 * f64::EPSILON,
            atol: 1e-10.into(),
            ..one.clone()
        };
        let below = IvpOptions {
            rtol: 0.0,
            ..least.clone()
        };
        assert_eq!(below.effective_rtol(), least.rtol);
        assert_eq!(run(&least).y, run(&below).y);
    }
}

#[test]
fn stiffness_is_noticed() {
    let van_der_pol = |_: f64, y: &[f64], dydt: &mut [f64]| {
        dydt[0] = y[1];
        dydt[1] = 1000.0 * (1.0 - y[0] * y[0]) * y[1] - y[0];
    };
    for method in [Method::Rk45, Method::Dop853] {
        let options = options(method, 1e-4);
        let run = solve_ivp(van_der_pol, (0.0, 5.0), &array![2.0, 0.0], &options).unwrap();
        assert!(run.stiff > 0, "{method:?}: {}", run.accepted);
        let calm = solve_ivp(oscillator, (0.0, 100.0), &array![1.0, 0.0], &options).unwrap();
        assert_eq!(calm.stiff, 0, "{method:?}");
    }
}
