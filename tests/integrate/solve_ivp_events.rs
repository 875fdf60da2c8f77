//! Events against exact times.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::integrate::{Event, Ivp, IvpOptions, IvpSolution, IvpStatus, Method, solve_ivp};
use ndarray::array;

use super::ode::{G, fall, options, oscillator, pendulum, period, rational, rational_solution};

/// The oscillator from (1, 0) with these events, at 1e-10.
fn oscillate<'a>(
    method: Method,
    span: (f64, f64),
    events: impl IntoIterator<Item = Event<'a>>,
) -> IvpSolution {
    let problem = Ivp::new(oscillator, span, &array![1.0, 0.0]);
    let mut problem = events.into_iter().fold(problem, Ivp::event);
    problem.solve(&options(method, 1e-10)).unwrap()
}

#[test]
fn a_pendulum_crosses_on_time() {
    for method in Method::ALL {
        let rtol = 1e-9;
        let half = period(1.0) / 2.0;
        let solution = Ivp::new(pendulum, (0.0, 20.0), &array![1.0, 0.0])
            .event(Event::new(|_, y| y[0]))
            .event(Event::new(|_, y| y[1]))
            .event(Event::new(|_, y| y[0]).rising())
            .event(Event::new(|_, y| y[0]).falling())
            .solve(&options(method, rtol))
            .unwrap();
        // The energy gives the speed at the bottom: v² / 2 = 1 - cos 1.
        let speed = (2.0 - 2.0 * 1f64.cos()).sqrt();
        // A few periods at an error of rtol per radian. Radau's interpolant is of order 3.
        let room = if method == Method::Radau {
            1e-5
        } else {
            100.0 * rtol
        };
        let down = &solution.events[0];
        assert_eq!(down.t.len(), (20.0 / half + 0.5) as usize);
        for (k, (&t, y)) in down.t.iter().zip(down.y.columns()).enumerate() {
            assert!((t - (k as f64 + 0.5) * half).abs() < room, "{method:?} {t}");
            assert!((y[1].abs() - speed).abs() < room);
            assert!(y[0].abs() < 1e-14);
        }
        // The start, where the pendulum rests, is no event.
        let rest = &solution.events[1];
        assert_eq!(rest.t.len(), (20.0 / half) as usize);
        for (k, &t) in rest.t.iter().enumerate() {
            assert!((t - (k as f64 + 1.0) * half).abs() < room, "{method:?} {t}");
        }
        let [rising, falling] = [2, 3].map(|k| solution.events[k].t.to_vec());
        let every_other = |first: usize| down.t.iter().skip(first).step_by(2).copied();
        assert_eq!(falling, every_other(0).collect::<Vec<_>>());
        assert_eq!(rising, every_other(1).collect::<Vec<_>>());
    }
}

#[test]
fn a_ball_bounces_on_time() {
    for method in Method::ALL {
        let (mut t, mut velocity) = (0.0, 10.0);
        let mut exact = 0.0;
        for _ in 0..8 {
            let solution = Ivp::new(fall, (t, 100.0), &array![0.0, velocity])
                .event(Event::new(|_, y| y[0]).terminal())
                .solve(&options(method, 1e-6))
                .unwrap();
            assert_eq!(solution.status, IvpStatus::Event);
            let last = solution.t.len() - 1;
            exact += 2.0 * velocity / G;
            // All methods and interpolants are exact for a parabola; what is left is rounding,
            // of states and of the root finder's bracket.
            assert!((solution.t[last] - exact).abs() < 1e-12 * exact);
            assert!((solution.y[[1, last]] + velocity).abs() < 1e-12 * velocity);
            assert_eq!(solution.events[0].t, array![solution.t[last]]);
            assert_eq!(solution.events[0].y.column(0), solution.y.column(last));
            (t, velocity) = (exact, 0.8 * velocity);
        }
    }
}

#[test]
fn a_zero_at_the_start_is_no_event() {
    for method in Method::ALL {
        for event in [
            Event::new(|_, y| y[1]),
            Event::new(|_, y| y[1]).rising(),
            Event::new(|_, y| -y[1]).falling(),
        ] {
            let solution = oscillate(method, (0.0, 4.0), [event.terminal()]);
            let pi = std::f64::consts::PI;
            let end = solution.t[solution.t.len() - 1];
            assert!((end - pi).abs() < 1e-5, "{method:?} {end}");
        }
        // A function that stays zero has no event either.
        let solution = oscillate(method, (0.0, 4.0), [Event::new(|_, _| 0.0).terminal()]);
        assert_eq!(solution.status, IvpStatus::Finished);
        assert!(solution.events[0].t.is_empty());
    }
}

#[test]
fn a_function_that_comes_back_within_the_first_step_is_seen() {
    // One step over the whole span; t (0.75 - t) is zero at the start.
    let options = IvpOptions {
        first_step: Some(1.0),
        ..Default::default()
    };
    for sign in [1.0, -1.0] {
        let constant = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = sign;
        let solution = Ivp::new(constant, (0.0, sign), &array![0.0])
            .event(Event::new(|_, y: &[f64]| y[0] * (0.75 - y[0])).falling())
            .event(Event::new(|_, y: &[f64]| y[0] * (0.75 - y[0])).rising())
            .solve(&options);
        let solution = solution.unwrap();
        if sign > 0.0 {
            assert_eq!(solution.accepted, 1);
            assert!((solution.events[0].t[0] - 0.75).abs() <= 8.0 * f64::EPSILON);
        }
        assert!(solution.events[1].t.is_empty());
    }
}

#[test]
fn a_zero_at_the_end_of_a_step_counts_once() {
    let options = IvpOptions {
        first_step: Some(0.25),
        max_step: 0.25,
        ..Default::default()
    };
    let constant = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = 1.0;
    for (t0, t1) in [(0.0, 1.0), (1.0, 0.0)] {
        let solution = Ivp::new(constant, (t0, t1), &array![0.0])
            .event(Event::new(|t, _| t - 0.5))
            .event(Event::new(|t, _| t - t1))
            .solve(&options)
            .unwrap();
        assert_eq!(solution.events[0].t, array![0.5]);
        // Also at the very end.
        assert_eq!(solution.events[1].t, array![t1]);
    }
}

#[test]
fn the_first_terminal_event_of_a_step_ends_it() {
    let constant = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = 1.0;
    for (t0, t1, stop) in [(0.0, 1.0, 0.4), (1.0, 0.0, 0.6)] {
        let options = IvpOptions {
            first_step: Some(1.0),
            dense_output: true,
            t_eval: Some(vec![t0, 0.5 * (t0 + stop), stop, t1]),
            ..Default::default()
        };
        // In the order of time 0.2, 0.4, 0.5, 0.6, 0.8, or the other way round.
        let solution = Ivp::new(constant, (t0, t1), &array![t0])
            .event(Event::new(|t, _| t - 0.8))
            .event(Event::new(|t, _| t - 0.6).terminal())
            .event(Event::new(|t, _| t - 0.2))
            .event(Event::new(|t, _| t - 0.4).terminal())
            .event(Event::new(|t, _| t - 0.5))
            .solve(&options)
            .unwrap();
        assert_eq!(solution.status, IvpStatus::Event);
        let counts: Vec<_> = solution.events.iter().map(|e| e.t.len()).collect();
        let forward = [0, 0, 1, 1, 0];
        let backward = [1, 1, 0, 0, 0];
        assert_eq!(counts, if t0 < t1 { forward } else { backward });
        let dense = solution.dense.unwrap();
        let end = dense.times()[1];
        assert!((end - stop).abs() <= 4.0 * f64::EPSILON);
        // Outputs after the event are left out; at `stop` either side of it may be meant.
        assert!(solution.t.len() == 2 || solution.t.len() == 3);
        assert!((dense.at(0.5)[0] - 0.5).abs() <= 4.0 * f64::EPSILON);
    }
}

#[test]
fn a_terminal_event_may_need_several_occurrences() {
    for method in Method::ALL {
        let events = [
            Event::new(|_, y: &[f64]| y[0]).terminal_after(3),
            Event::new(|_, y: &[f64]| y[0]).terminal_after(0),
        ];
        let solution = oscillate(method, (0.0, 100.0), events);
        assert_eq!(solution.status, IvpStatus::Event);
        assert_eq!(solution.events[0].t.len(), 3);
        // Both are at the same place; which one comes last is a matter of rounding.
        assert!([2, 3].contains(&solution.events[1].t.len()));
        let end = solution.t[solution.t.len() - 1];
        assert!((end - 2.5 * std::f64::consts::PI).abs() < 1e-5);
    }
}

#[test]
fn events_are_met_backward() {
    for method in Method::ALL {
        for rising in [false, true] {
            let zero = Event::new(|t, y: &[f64]| y[0] - rational_solution(t.min(1e9))[0] + t - 3.0);
            let zero = if rising {
                zero.rising()
            } else {
                zero.falling()
            };
            let y0 = rational_solution(5.0);
            let solution = Ivp::new(rational, (5.0, 1.0), &array![y0[0], y0[1]])
                .event(zero)
                .event(Event::new(|t, _| t - 3.0))
                .solve(&options(method, 1e-8))
                .unwrap();
            // Along the integration the function falls.
            assert_eq!(solution.events[0].t.len(), usize::from(!rising));
            assert!((solution.events[1].t[0] - 3.0).abs() <= 12.0 * f64::EPSILON);
            let exact = rational_solution(3.0);
            assert!((solution.events[1].y[[0, 0]] - exact[0]).abs() < 1e-5);
        }
    }
}

#[test]
fn outputs_do_not_depend_on_events() {
    for method in Method::ALL {
        let options = IvpOptions {
            t_eval: Some(vec![0.5, 1.0, 7.5]),
            ..options(method, 1e-6)
        };
        let y0 = array![1.0, 0.0];
        let without = solve_ivp(oscillator, (0.0, 8.0), &y0, &options).unwrap();
        let with = Ivp::new(oscillator, (0.0, 8.0), &y0)
            .event(Event::new(|_, y| y[0]))
            .solve(&options)
            .unwrap();
        assert_eq!(with.y, without.y);
        assert_eq!(with.accepted, without.accepted);
    }
}

#[test]
fn times_far_from_one_are_as_sharp() {
    // Femtoseconds: an absolute tolerance of an epsilon would see nothing.
    let constant = |_: f64, _: &[f64], dydt: &mut [f64]| dydt[0] = 1e15;
    let solution = Ivp::new(constant, (0.0, 1e-15), &array![0.0])
        .event(Event::new(|_, y| y[0] - 1.0 / 3.0))
        .solve(&IvpOptions::default())
        .unwrap();
    assert!((solution.events[0].t[0] - 1e-15 / 3.0).abs() < 1e-30);
}

#[test]
fn functions_of_nan_have_no_events() {
    let solution = oscillate(
        Method::Rk45,
        (0.0, 4.0),
        [Event::new(|_, _| f64::NAN).terminal()],
    );
    assert_eq!(solution.status, IvpStatus::Finished);
    assert!(solution.events[0].t.is_empty());
    assert_eq!(solution.events[0].y.dim(), (2, 0));
}

#[test]
fn events_of_a_state_without_components_are_met() {
    let solution = Ivp::new(|_, _: &[f64], _: &mut [f64]| (), (0.0, 10.0), &array![])
        .event(Event::new(|t, _| t - 7.0).terminal())
        .solve(&IvpOptions::default())
        .unwrap();
    assert_eq!(solution.status, IvpStatus::Event);
    assert!((solution.t[1] - 7.0).abs() < 1e-14);
    assert_eq!(solution.events[0].y.dim(), (0, 1));
}

#[test]
fn an_event_may_be_all_that_ends_it() {
    let decay = |_: f64, y: &[f64], dydt: &mut [f64]| dydt[0] = -y[0];
    for method in Method::ALL {
        for sign in [1.0, -1.0] {
            let mirrored = |t: f64, y: &[f64], dydt: &mut [f64]| {
                decay(t, y, dydt);
                dydt[0] *= sign;
            };
            let options = options(method, 1e-8);
            let endless = || Ivp::new(mirrored, (0.0, sign * f64::INFINITY), &array![1.0]);
            let solution = endless()
                .event(Event::new(|_, y| y[0] - 0.5).terminal())
                .solve(&options)
                .unwrap();
            assert_eq!(solution.status, IvpStatus::Event);
            let end = solution.t[solution.t.len() - 1];
            assert!((end - sign * 2f64.ln()).abs() < 1e-5, "{method:?} {end}");
            let few = IvpOptions {
                max_steps: Some(7),
                ..options.clone()
            };
            assert_eq!(endless().solve(&few).unwrap().status, IvpStatus::MaxSteps);
            // What changes nothing takes ever longer steps.
            let rest = Ivp::new(
                |_, _, dydt| dydt[0] = 0.0,
                (0.0, sign * f64::INFINITY),
                &array![1.0],
            )
            .event(Event::new(|_, y| y[0] - 0.5).terminal())
            .solve(&options)
            .unwrap();
            assert_eq!(rest.status, IvpStatus::Finished);
            assert_eq!(rest.t[rest.t.len() - 1].abs(), f64::MAX);
            let open = endless().event(Event::new(|_, y| y[0])).solve(&options);
            assert!(open.unwrap_err().to_string().starts_with("`t_span` is"));
        }
    }
}

#[test]
fn errors_and_panics_of_events_come_out() {
    let y0 = array![1.0, 0.0];
    for fail_at in [0.0, 0.5] {
        let error = Ivp::new(oscillator, (0.0, 4.0), &y0)
            .event(Event::fallible(move |t, y| {
                if t >= fail_at {
                    Err(Error::Stopped)
                } else {
                    Ok(y[0])
                }
            }))
            .solve(&IvpOptions::default())
            .unwrap_err();
        assert_eq!(error, Error::Stopped);
    }
    // In the search for the zero, too.
    let mut calls = 0;
    let mut problem = Ivp::new(oscillator, (0.0, 4.0), &y0).event(Event::new(|_, y| {
        calls += 1;
        assert!(y[0].abs() > 1e-4, "there");
        y[0]
    }));
    let run = || problem.solve(&IvpOptions::default());
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"there"));
}
