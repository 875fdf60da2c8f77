use std::ffi::{c_int, c_void};
use std::slice;

use super::super::stepper::{Attempt, Breakdown, Counts, Rhs, Start, Stepper};
use super::*;

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

/// Two coupled equations with a parameter that changes their nature: an oscillator at 0, growth
/// that ends in a pole at 1, an equation that is stiff at 2.
fn zoo(t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    (dydt[0], dydt[1]) = match p[0] {
        0.0 => (y[1], -y[0]),
        1.0 => (y[0] * y[0], y[0] * t),
        _ => (-1e4 * (y[0] - t.cos()), -y[1]),
    };
}

fn one_by_one_and_together<M: Pair>() {
    let tolerances = [1e-9, 1e-7];
    let ends = [20.0, 3.0, 1.0, -7.0, 0.0, 1e-9];
    let starts: Vec<_> = (0..40)
        .map(|k| {
            (
                [0.5 + 0.1 * (k % 9) as f64, -0.3],
                [(k % 3) as f64],
                ends[k % 6],
            )
        })
        .chain([
            ([f64::NAN, 1.0], [0.0], 1.0),
            ([1.0, f64::INFINITY], [1.0], 1.0),
        ])
        .collect();
    let starts: Vec<_> = starts
        .iter()
        .filter(|(_, _, t_end)| *t_end != 0.0)
        .map(|(y, p, t_end)| start(0.0, *t_end, y, p))
        .collect();
    let mut wide = Explicit::<M, 8>::new(2, 1, 1e-6, &tolerances);
    let together = drive(&mut wide, zoo, &starts);
    assert_eq!(together.len(), starts.len());
    let mut narrow = Explicit::<M, 1>::new(2, 1, 1e-6, &tolerances);
    for (one, run) in starts.iter().zip(&together) {
        assert_eq!(drive(&mut narrow, zoo, &[*one])[0], *run);
    }
    let failed = |why| {
        together
            .iter()
            .filter(|r| r.end == Attempt::Failed(why))
            .count()
    };
    assert_eq!(failed(Breakdown::NotFinite), 2);
    assert!(failed(Breakdown::StepTooSmall) > 0, "poles");
    assert!(together.iter().any(|r| r.counts.stiff > 0), "stiff");
    assert!(together.iter().any(|r| r.counts.rejected > 0));
}

#[test]
fn members_have_the_same_bits_alone_and_in_any_company() {
    one_by_one_and_together::<DormandPrince54>();
    one_by_one_and_together::<DormandPrince853>();
}
