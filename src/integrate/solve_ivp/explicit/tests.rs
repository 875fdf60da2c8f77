use std::ffi::{c_int, c_void};
use std::slice;

use super::super::stepper::{Attempt, Breakdown, Counts, Rhs, Start, Stepper};
use super::*;

mod lanes;

/// What `drive` saw of a member.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    /// Ends of the accepted steps.
    t: Vec<f64>,
    /// States there.
    y: Vec<Vec<f64>>,
    /// States in the middle of the steps, by the dense output.
    middle: Vec<Vec<f64>>,
    counts: Counts,
    end: Attempt,
}

/// A right-hand side of one member: `f(t, y, dydt, p)`.
type Scalar = fn(f64, &[f64], &mut [f64], &[f64]);

/// Applies the scalar function behind `ctx` lane by lane.
unsafe extern "C" fn each(
    ctx: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    let (lanes, n) = (lanes as usize, n as usize);
    // SAFETY: the tests pass a `(Scalar, usize)`; the kernel's arrays have these lengths.
    let ((f, npar), t, y, dydt) = unsafe {
        (
            &*ctx.cast::<(Scalar, usize)>(),
            slice::from_raw_parts(t, lanes),
            slice::from_raw_parts(y, n * lanes),
            slice::from_raw_parts_mut(dydt, n * lanes),
        )
    };
    // SAFETY: as above.
    let p = unsafe { slice::from_raw_parts(p, npar * lanes) };
    for lane in 0..lanes {
        let column = |a: &[f64]| {
            a.iter()
                .skip(lane)
                .step_by(lanes)
                .copied()
                .collect::<Vec<_>>()
        };
        let mut out = vec![0.0; n];
        f(t[lane], &column(y), &mut out, &column(p));
        for (i, v) in out.into_iter().enumerate() {
            dydt[i * lanes + lane] = v;
        }
    }
    0
}

/// Integrates the members `starts`, filling lanes as they become free.
fn drive<S: Stepper>(stepper: &mut S, f: Scalar, starts: &[Start<'_>]) -> Vec<Run> {
    let n = starts[0].y.len();
    let mut context = (f, starts[0].p.len());
    let rhs = Rhs {
        f: each,
        ctx: (&raw mut context).cast(),
    };
    let lanes = stepper.lanes();
    let mut runs: Vec<Option<Run>> = vec![None; starts.len()];
    let mut open: Vec<(usize, Run)> = Vec::new();
    let mut holds = vec![None; lanes];
    let mut next = 0;
    let mut outcome = vec![Attempt::Idle; lanes];
    loop {
        for (lane, held) in holds.iter_mut().enumerate() {
            if held.is_none() && next < starts.len() {
                stepper.load(lane, &starts[next]);
                *held = Some(next);
                open.push((
                    next,
                    Run {
                        t: vec![],
                        y: vec![],
                        middle: vec![],
                        counts: Counts::default(),
                        end: Attempt::Idle,
                    },
                ));
                next += 1;
            }
        }
        if holds.iter().all(Option::is_none) {
            break;
        }
        stepper.attempt(&rhs, &mut outcome).expect("no stop");
        let accepted: Vec<bool> = outcome.iter().map(|o| *o == Attempt::Accepted).collect();
        stepper.prepare(&rhs, &accepted).expect("no stop");
        for lane in 0..lanes {
            let Some(member) = holds[lane] else {
                assert_eq!(outcome[lane], Attempt::Idle);
                continue;
            };
            let place = open.iter().position(|(m, _)| *m == member).expect("open");
            let run = &mut open[place].1;
            let mut y = vec![0.0; n];
            if accepted[lane] {
                let (a, b) = (stepper.t_old(lane), stepper.t(lane));
                assert_eq!(a, run.t.last().copied().unwrap_or(starts[member].t));
                run.t.push(b);
                stepper.state(lane, &mut y);
                run.y.push(y.clone());
                let middle = a + 0.5 * (b - a);
                stepper.interpolate(lane, middle, &mut y);
                let mut coefficients = vec![0.0; stepper.coefficient_count()];
                stepper.coefficients(lane, &mut coefficients);
                let mut again = vec![0.0; n];
                S::evaluate(&coefficients, a, b, middle, &mut again);
                assert_eq!(y, again);
                run.middle.push(y);
            }
            if matches!(outcome[lane], Attempt::Failed(_))
                || accepted[lane] && stepper.t(lane) == starts[member].t_end
            {
                let (member, mut run) = open.remove(place);
                run.end = outcome[lane];
                run.counts = stepper.counts(lane);
                runs[member] = Some(run);
                holds[lane] = None;
                stepper.clear(lane);
            }
        }
    }
    runs.into_iter().flatten().collect()
}

fn start<'a>(t: f64, t_end: f64, y: &'a [f64], p: &'a [f64]) -> Start<'a> {
    Start {
        t,
        t_end,
        y,
        p,
        first_step: None,
        max_step: f64::INFINITY,
    }
}

fn decay(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = -p[0] * y[0];
}

#[test]
fn decay_follows_the_exponential() {
    let mut stepper = Rk45::<1>::new(1, 1, 1e-9, &[1e-12]);
    let run = &drive(&mut stepper, decay, &[start(0.0, 2.0, &[1.0], &[1.5])])[0];
    assert_eq!(run.end, Attempt::Accepted);
    // Global error: a few tolerances.
    let last = run.y.last().expect("steps")[0];
    assert!((last - (-3.0_f64).exp()).abs() < 1e-9, "{last}");
    let mut left = 0.0;
    for (t, y) in run.t.iter().zip(&run.middle) {
        let exact = (-1.5 * (left + 0.5 * (t - left))).exp();
        assert!((y[0] - exact).abs() < 1e-8, "{t}: {} {exact}", y[0]);
        left = *t;
    }
}

fn lorenz(_t: f64, y: &[f64], dydt: &mut [f64], _p: &[f64]) {
    dydt[0] = 10.0 * (y[1] - y[0]);
    dydt[1] = y[0] * (28.0 - y[2]) - y[1];
    dydt[2] = y[0] * y[1] - 8.0 / 3.0 * y[2];
}

fn van_der_pol(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = y[1];
    dydt[1] = p[0] * (1.0 - y[0] * y[0]) * y[1] - y[0];
}

fn alone<M: Pair>(f: Scalar, one: Start<'_>, rtol: f64) -> Run {
    let atol = vec![1e-3 * rtol; one.y.len()];
    let mut stepper = Explicit::<M, 1>::new(one.y.len(), one.p.len(), rtol, &atol);
    drive(&mut stepper, f, &[one]).remove(0)
}

/// Evaluations, those of the dense output left out, and steps of SciPy 1.17.
#[test]
fn work_is_that_of_scipy() {
    let chaos = start(0.0, 10.0, &[1.0; 3], &[]);
    let back = start(0.0, -3.0, &[2.0, 0.0], &[5.0]);
    for (rtol, rk45, dop853) in [
        (1e-3, [(692, 89), (104, 16)], [(890, 56), (170, 12)]),
        (1e-5, [(1460, 211), (230, 34)], [(1406, 89), (266, 17)]),
        (1e-7, [(3158, 512), (494, 78)], [(2366, 154), (386, 27)]),
    ] {
        for (k, (f, one)) in [(lorenz as Scalar, chaos), (van_der_pol, back)]
            .iter()
            .enumerate()
        {
            let counts = alone::<DormandPrince54>(*f, *one, rtol).counts;
            assert_eq!((counts.evaluations, counts.accepted), rk45[k]);
            let counts = alone::<DormandPrince853>(*f, *one, rtol).counts;
            assert_eq!(counts.evaluations, dop853[k].0 + 3 * counts.accepted);
            assert_eq!(counts.accepted, dop853[k].1);
        }
    }
}

#[test]
fn a_stiff_problem_is_noticed_and_another_is_not() {
    for (mu, t_end, stiff) in [(1000.0, 20.0, true), (5.0, 20.0, false)] {
        let p = [mu];
        let one = start(0.0, t_end, &[2.0, 0.0], &p);
        for rtol in [1e-3, 1e-6] {
            let rk45 = alone::<DormandPrince54>(van_der_pol, one, rtol).counts;
            let dop853 = alone::<DormandPrince853>(van_der_pol, one, rtol).counts;
            for counts in [rk45, dop853] {
                // Every other step at least, after the first ones.
                assert_eq!(counts.stiff > counts.accepted / 3, stiff, "{counts:?}");
                assert!(stiff || counts.stiff == 0, "{counts:?}");
            }
        }
    }
}

/// Where a number at the end is not finite, although the error estimate may not see it, the step
/// is tried again; a wall of NaN ends in `StepTooSmall` at the wall.
#[test]
fn steps_into_what_is_not_finite_are_rejected() {
    fn wall(t: f64, _y: &[f64], dydt: &mut [f64], p: &[f64]) {
        dydt[0] = if t < 1.0 { 1.0 } else { p[0] };
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
        let p = [bad];
        let one = start(0.0, 2.0, &[0.0], &p);
        for run in [
            alone::<DormandPrince54>(wall, one, 1e-6),
            alone::<DormandPrince853>(wall, one, 1e-6),
        ] {
            assert_eq!(run.end, Attempt::Failed(Breakdown::StepTooSmall));
            let (t, y) = (run.t.last().expect("steps"), run.y.last().expect("steps"));
            assert!(*t < 1.0 && *t > 1.0 - 1e-13, "{t}");
            assert!((y[0] - t).abs() < 1e-13);
        }
    }
}

#[test]
fn a_right_hand_side_can_stop_at_any_evaluation() {
    unsafe extern "C" fn stop_later(
        ctx: *mut c_void,
        lanes: isize,
        n: isize,
        _t: *const f64,
        _y: *const f64,
        dydt: *mut f64,
        _p: *const f64,
    ) -> c_int {
        // SAFETY: `ctx` is the test's counter; the kernel's array holds n x lanes numbers.
        let (left, dydt) = unsafe {
            let length = (lanes * n) as usize;
            (
                &mut *ctx.cast::<usize>(),
                slice::from_raw_parts_mut(dydt, length),
            )
        };
        dydt.fill(1.0);
        let stop = *left == 0;
        *left = left.saturating_sub(1);
        c_int::from(stop)
    }
    fn evaluations<M: Pair>() -> usize {
        for most in 0.. {
            let mut left = most;
            let rhs = Rhs {
                f: stop_later,
                ctx: (&raw mut left).cast(),
            };
            let mut stepper = Explicit::<M, 8>::new(1, 0, 1e-3, &[1e-6]);
            stepper.load(3, &start(0.0, 1.0, &[0.0], &[]));
            let mut outcome = [Attempt::Idle; 8];
            let wanted = [false, false, false, true, false, false, false, false];
            let whole = stepper
                .attempt(&rhs, &mut outcome)
                .and_then(|()| stepper.prepare(&rhs, &wanted));
            if whole.is_ok() {
                return most;
            }
        }
        unreachable!("an attempt ends");
    }
    assert_eq!(evaluations::<DormandPrince54>(), 2 + 6);
    assert_eq!(evaluations::<DormandPrince853>(), 2 + 12 + 3);
}
