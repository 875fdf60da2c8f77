//! What holds for any problem.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use ferrotran::integrate::{
    DenseSolution, Event, Ivp, IvpOptions, IvpSolution, Method, System, quad, solve_ivp,
};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

use super::ode::{options, oscillator, pendulum};

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(&Method::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn outputs_are_the_dense_solution(
        method in method(),
        mut times in prop::collection::vec(0.0..7.0f64, 0..40),
        backward: bool,
    ) {
        times.sort_by(f64::total_cmp);
        times.dedup();
        if backward {
            times.reverse();
        }
        let span = if backward { (7.0, 0.0) } else { (0.0, 7.0) };
        let y0 = array![1.0, 0.0];
        let dense = IvpOptions { dense_output: true, ..options(method, 1e-5) };
        let function = solve_ivp(pendulum, span, &y0, &dense).unwrap().dense.unwrap();
        let outputs = IvpOptions { t_eval: Some(times.clone()), ..options(method, 1e-5) };
        let outputs = solve_ivp(pendulum, span, &y0, &outputs).unwrap();
        prop_assert_eq!(outputs.t.to_vec(), &*times);
        // The ends of steps are copied, not interpolated; no random time is one of them.
        prop_assert_eq!(outputs.y, function.at_all(&Array1::from(times)));
    }

    #[test]
    fn every_zero_of_a_wave_is_found(
        method in method(),
        omega in 0.5..8.0f64,
        phase in 0.0..6.0f64,
        t1 in -20.0..20.0f64,
    ) {
        let wave = |t: f64| (omega * t + phase).sin();
        // A third of a wave at most, so that no step holds two zeros.
        let options = IvpOptions { max_step: 2.0 / omega, ..options(method, 1e-3) };
        let solution = Ivp::new(oscillator, (0.0, t1), &array![1.0, 0.0])
            .event(Event::new(|t, _| wave(t)))
            .event(Event::new(|t, _| wave(t)).rising())
            .event(Event::new(|t, _| wave(t)).falling())
            .solve(&options)
            .unwrap();
        let crossings = ((omega * t1 + phase) / std::f64::consts::PI).floor()
            - (phase / std::f64::consts::PI).floor();
        let counts: Vec<_> = solution.events.iter().map(|e| e.t.len()).collect();
        prop_assert_eq!(counts[0], crossings.abs() as usize);
        prop_assert_eq!(counts[1] + counts[2], counts[0]);
        let times = &solution.events[0].t;
        prop_assert!(times.windows(2).into_iter().all(|w| (w[1] > w[0]) == (t1 > 0.0)));
        for &t in times {
            // The bracket is 4 epsilons of the end of a step, and the argument of the sine is
            // rounded.
            let room = 8.0 * f64::EPSILON * (omega * (t.abs() + 1.0) + phase);
            prop_assert!(wave(t).abs() <= room, "{}", wave(t));
        }
    }

    #[test]
    fn there_and_back_is_the_start(method in method(), x in -2.0..2.0f64, v in -1.0..1.0f64) {
        let rtol = 1e-8;
        let forth = solve_ivp(pendulum, (0.0, 3.0), &array![x, v], &options(method, rtol)).unwrap();
        let end = forth.y.column(forth.t.len() - 1).to_owned();
        let back = solve_ivp(pendulum, (3.0, 0.0), &end, &options(method, rtol)).unwrap();
        let start = back.y.column(back.t.len() - 1);
        // Errors grow by at most exp(3) over the way there, and again over that back.
        let room = 100.0 * rtol * 3f64.exp();
        prop_assert!((start[0] - x).abs() <= room && (start[1] - v).abs() <= room);
    }
}

#[test]
fn threads_get_the_same_bits() {
    for method in Method::ALL {
        let run = move || -> Array2<f64> {
            let options = options(method, 1e-6);
            solve_ivp(pendulum, (0.0, 30.0), &array![1.0, 0.0], &options)
                .unwrap()
                .y
        };
        let alone = run();
        let threads: Vec<_> = (0..16).map(|_| thread::spawn(run)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    }
}

#[test]
fn results_go_to_other_threads() {
    fn assert_shared<T: Send + Sync + Clone>() {}
    assert_shared::<IvpSolution>();
    assert_shared::<DenseSolution>();
    assert_shared::<IvpOptions>();
}

#[test]
fn problems_may_be_nested() {
    // y' is an integral over the state of a problem of its own.
    for method in Method::ALL {
        let inner = move |t: f64| {
            let options = options(method, 1e-8);
            let run = solve_ivp(oscillator, (0.0, t), &array![1.0, 0.0], &options).unwrap();
            run.y[[0, run.t.len() - 1]]
        };
        let outer = |t: f64, _: &[f64], dydt: &mut [f64]| {
            dydt[0] = inner(t) + quad(|x| x, 0.0, t).unwrap().value;
        };
        let run = solve_ivp(outer, (0.0, 2.0), &array![0.0], &options(method, 1e-6)).unwrap();
        let exact = 2f64.sin() + 8.0 / 6.0;
        assert!((run.y[[0, run.t.len() - 1]] - exact).abs() < 1e-5);
    }
}

#[test]
fn a_problem_can_be_solved_again() {
    for method in Method::ALL {
        let mut calls = 0;
        let f = |_: f64, y: &[f64], dydt: &mut [f64]| {
            calls += 1;
            assert!(calls != 20, "twenty");
            dydt[0] = -y[0];
        };
        let mut problem =
            Ivp::new(f, (0.0, 9.0), &array![1.0]).event(Event::new(|_, y| y[0] - 0.5));
        let mut solve = || problem.solve(&options(method, 1e-8));
        assert!(catch_unwind(AssertUnwindSafe(&mut solve)).is_err());
        let first = solve().unwrap();
        let second = solve().unwrap();
        assert_eq!(first.y, second.y);
        assert_eq!(first.events, second.events);
        assert_eq!(first.events[0].t.len(), 1);
    }
}

#[test]
fn right_hand_sides_of_ensembles_are_taken() {
    let p = array![10.0, 28.0, 8.0 / 3.0];
    let y0 = array![1.0, 1.0, 1.0];
    let lorenz = |_: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| {
        dydt[0] = p[0] * (y[1] - y[0]);
        dydt[1] = y[0] * (p[1] - y[2]) - y[1];
        dydt[2] = y[0] * y[1] - p[2] * y[2];
    };
    for method in Method::ALL {
        let options = options(method, 1e-6);
        let mut closure: Ivp = Ivp::with_params(&lorenz, &p, (0.0, 1.0), &y0).unwrap();
        let mut system: Ivp = Ivp::with_params(&System::Lorenz, &p, (0.0, 1.0), &y0).unwrap();
        let (a, b) = (
            closure.solve(&options).unwrap(),
            system.solve(&options).unwrap(),
        );
        let last = |run: &IvpSolution| run.y.column(run.t.len() - 1).to_owned();
        // The same but for contracted products, which 1 time unit does not amplify much.
        for (a, b) in last(&a).iter().zip(&last(&b)) {
            assert!((a - b).abs() < 1e-4);
        }
    }
    let wrong: Result<Ivp, _> = Ivp::with_params(&System::Lorenz, &array![1.0], (0.0, 1.0), &y0);
    let message = wrong.err().unwrap().to_string();
    assert!(message.contains("length 1, expected 3"), "{message}");
}
