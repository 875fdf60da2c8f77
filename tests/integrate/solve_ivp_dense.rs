//! The solution as a function of time.

use ferrotran::integrate::{DenseSolution, Event, Ivp, IvpOptions, Method, solve_ivp};
use ndarray::{Array1, array};

use super::ode::{options, oscillator, rational, rational_solution};

/// The oscillator from 0 to 2 in steps of `h`.
fn in_steps(method: Method, h: f64) -> DenseSolution {
    let options = IvpOptions {
        first_step: Some(h),
        max_step: h,
        dense_output: true,
        ..options(method, 0.1)
    };
    let solution = solve_ivp(oscillator, (0.0, 2.0), &array![1.0, 0.0], &options).unwrap();
    assert_eq!(solution.accepted, (2.0 / h) as usize);
    solution.dense.unwrap()
}

#[test]
fn the_error_has_the_order_of_the_interpolant() {
    // Local errors: those of an interpolant of order q shrink as h^(q + 1).
    for (method, order, h) in [
        (Method::Rk45, 5.0, 0.125),
        (Method::Dop853, 8.0, 0.5),
        (Method::Radau, 4.0, 0.125),
    ] {
        let times = Array1::linspace(0.0, 2.0, 257);
        let error = |h: f64| {
            let y = in_steps(method, h).at_all(&times);
            let errors = times.iter().zip(y.columns());
            errors
                .map(|(t, y)| (y[0] - t.cos()).abs().max((y[1] + t.sin()).abs()))
                .fold(0.0, f64::max)
        };
        let found = (error(h) / error(h / 2.0)).log2();
        assert!((found - order).abs() < 0.5, "{method:?}: order {found}");
    }
}

#[test]
fn it_agrees_with_steps_and_outputs() {
    for method in Method::ALL {
        for t1 in [9.0, 1.0] {
            let y0 = Array1::from(rational_solution(5.0).to_vec());
            let dense = IvpOptions {
                dense_output: true,
                ..options(method, 1e-6)
            };
            let steps = solve_ivp(rational, (5.0, t1), &y0, &dense).unwrap();
            let function = steps.dense.unwrap();
            assert_eq!(function.times(), steps.t.to_vec());
            assert_eq!(function.components(), 2);
            let there = function.at_all(&steps.t);
            for (a, b) in there.iter().zip(&steps.y) {
                // At the end of a step the interpolant has rounding errors of its own.
                assert!((a - b).abs() < 1e-14);
            }
            let mut times = Array1::linspace(5.0, t1, 50).to_vec();
            // Between outputs that are no ends of steps there are the same bits.
            times.retain(|t| !steps.t.to_vec().contains(t));
            let outputs = IvpOptions {
                t_eval: Some(times),
                ..dense
            };
            let outputs = solve_ivp(rational, (5.0, t1), &y0, &outputs).unwrap();
            assert_eq!(outputs.y, function.at_all(&outputs.t));
            for (&t, y) in outputs.t.iter().zip(outputs.y.columns()) {
                assert_eq!(function.at(t), y);
                let exact = rational_solution(t);
                assert!((y[0] - exact[0]).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn it_ends_at_a_terminal_event_and_is_extrapolated_beyond() {
    for method in Method::ALL {
        let solution = Ivp::new(oscillator, (0.0, 4.0), &array![1.0, 0.0])
            .event(Event::new(|_, y| y[0]).terminal())
            .solve(&IvpOptions {
                dense_output: true,
                ..options(method, 1e-6)
            })
            .unwrap();
        let dense = solution.dense.unwrap();
        let last = solution.t.len() - 1;
        let end = solution.t[last];
        assert_eq!(dense.times()[last], end);
        assert_eq!(dense.at(end), solution.y.column(last));
        for (t, room) in [
            (0.3, 1e-4),
            (end - 1e-3, 1e-4),
            (end + 1e-3, 1e-4),
            (-1e-3, 1e-4),
        ] {
            assert!((dense.at(t)[0] - t.cos()).abs() < room, "{method:?} {t}");
        }
        assert!(dense.at(f64::NAN).iter().all(|y| y.is_nan()));
    }
}

#[test]
fn without_a_step_there_is_nothing_to_show() {
    let nan = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = f64::NAN;
    let options = IvpOptions {
        dense_output: true,
        ..Default::default()
    };
    let dense = solve_ivp(nan, (0.0, 1.0), &array![1.0], &options)
        .unwrap()
        .dense
        .unwrap();
    assert_eq!(dense.times(), [0.0]);
    assert!(dense.at(0.0)[0].is_nan());
}

#[test]
#[should_panic(expected = "one element for each component")]
fn the_length_of_a_state_is_checked() {
    in_steps(Method::Rk45, 0.5).evaluate_into(0.5, &mut [0.0]);
}
