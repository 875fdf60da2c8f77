//! Ensembles with members that fail, that are stopped, or that are refused.

use std::ffi::{c_int, c_void};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrotran::Error;
use ferrotran::integrate::{
    CompiledRhs, IvpBatch, IvpOptions, IvpStatus, Method, RightHandSide, System,
    par_solve_ivp_batch, solve_ivp_batch,
};
use ndarray::{Array2, array, s};

/// `y' = p y²`: it blows up at `t = 1 / (p y(0))`.
fn square(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = p[0] * y[0] * y[0];
}

fn decay(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = -p[0] * y[0];
}

fn options() -> IvpOptions {
    let t_eval = Some((0..=10).map(|k| 0.1 * f64::from(k)).collect());
    IvpOptions {
        t_eval,
        ..Default::default()
    }
}

fn ones(members: usize) -> Array2<f64> {
    Array2::ones((members, 1))
}

/// Rows of the results whose members are in `keep`.
fn rows(batch: &IvpBatch, keep: impl Fn(usize) -> bool) -> Vec<(Vec<u64>, IvpStatus, usize)> {
    let members = batch.members.iter().zip(batch.y.outer_iter()).enumerate();
    let kept = members.filter(|(k, _)| keep(*k));
    kept.map(|(_, (member, y))| {
        (
            y.iter().map(|y| y.to_bits()).collect(),
            member.status,
            member.nfev,
        )
    })
    .collect()
}

#[test]
fn members_that_blow_up_have_nan_from_there_on_and_spoil_nothing() {
    for method in Method::ALL {
        let options = IvpOptions {
            method,
            ..options()
        };
        let params = Array2::from_shape_fn((41, 1), |(k, _)| if k % 3 == 0 { 2.0 } else { 0.5 });
        let mild = params.mapv(|p: f64| p.min(0.5));
        let run = |p| par_solve_ivp_batch(&square, (0.0, 1.0), &ones(1), p, &options, None);
        let (batch, reference) = (run(&params).unwrap(), run(&mild).unwrap());
        let calm = |k: usize| !k.is_multiple_of(3);
        assert_eq!(rows(&batch, calm), rows(&reference, calm));
        for k in (0..41).step_by(3) {
            let member = &batch.members[k];
            assert_eq!(member.status, IvpStatus::StepTooSmall);
            // The pole is at 1/2.
            assert!((member.t - 0.5).abs() < 1e-2, "{}", member.t);
            let reached = batch.t.iter().filter(|&&t| t <= member.t).count();
            assert!(
                batch
                    .y
                    .slice(s![k, 0, ..reached])
                    .iter()
                    .all(|y| y.is_finite())
            );
            assert!(
                batch
                    .y
                    .slice(s![k, 0, reached..])
                    .iter()
                    .all(|y| y.is_nan())
            );
        }
    }
}

#[test]
fn starts_that_are_not_finite_fail_alone() {
    let good = Array2::from_shape_fn((20, 1), |(k, _)| 1.0 + k as f64);
    let mut bad = good.clone();
    (bad[[3, 0]], bad[[11, 0]]) = (f64::NAN, f64::INFINITY);
    for method in Method::ALL {
        let options = IvpOptions {
            method,
            ..options()
        };
        let run = |y| par_solve_ivp_batch(&decay, (0.0, 1.0), y, &ones(1), &options, None);
        let (batch, reference) = (run(&bad).unwrap(), run(&good).unwrap());
        let fine = |k| k != 3 && k != 11;
        assert_eq!(rows(&batch, fine), rows(&reference, fine));
        for k in [3, 11] {
            assert_eq!(batch.members[k].status, IvpStatus::NotFinite);
            assert_eq!(batch.members[k].t, 0.0);
            assert_eq!(batch.y[[k, 0, 0]].to_bits(), bad[[k, 0]].to_bits());
            assert!(batch.y.slice(s![k, 0, 1..]).iter().all(|y| y.is_nan()));
        }
    }
}

#[test]
fn a_right_hand_side_of_nan_ends_its_member() {
    let f = |t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| {
        dydt[0] = if t > p[0] { f64::NAN } else { -y[0] };
    };
    let params = Array2::from_shape_fn((9, 1), |(k, _)| 0.25 * k as f64);
    for method in Method::ALL {
        let options = IvpOptions {
            method,
            ..options()
        };
        let batch = solve_ivp_batch(&f, (0.0, 1.0), &ones(1), &params, &options, None).unwrap();
        for (k, member) in batch.members.iter().enumerate() {
            let fails = k < 4;
            assert_eq!(member.status.is_success(), !fails, "{k}: {member:?}");
            assert!(!fails || member.t <= params[[k, 0]] + 1e-15);
        }
    }
}

#[test]
fn of_a_hundred_thousand_members_one_fails() {
    let members = 100_000;
    let mut params = Array2::from_elem((members, 1), -0.5);
    params[[77_777, 0]] = 2.0;
    let options = IvpOptions {
        t_eval: Some(vec![1.0]),
        ..options()
    };
    let batch =
        par_solve_ivp_batch(&square, (0.0, 1.0), &ones(1), &params, &options, None).unwrap();
    for (k, (member, &y)) in batch.members.iter().zip(&batch.y).enumerate() {
        if k == 77_777 {
            assert_eq!(member.status, IvpStatus::StepTooSmall);
            assert!(y.is_nan());
        } else {
            assert_eq!(member.status, IvpStatus::Finished);
            assert_eq!(y.to_bits(), batch.y[[0, 0, 0]].to_bits());
        }
    }
}

#[test]
fn the_most_steps_of_a_member_are_counted_from_its_own_start() {
    let params = Array2::from_shape_fn((30, 1), |(k, _)| if k == 13 { 100.0 } else { 0.1 });
    let options = IvpOptions {
        max_steps: Some(20),
        ..options()
    };
    let batch = solve_ivp_batch(&decay, (0.0, 1.0), &ones(1), &params, &options, None).unwrap();
    for (k, member) in batch.members.iter().enumerate() {
        let expected = if k == 13 {
            IvpStatus::MaxSteps
        } else {
            IvpStatus::Finished
        };
        assert_eq!(member.status, expected);
    }
    assert_eq!(batch.members[13].accepted + batch.members[13].rejected, 20);
}

#[test]
fn progress_counts_up_to_all_members() {
    let params = Array2::from_shape_fn((1000, 1), |(k, _)| 0.01 * k as f64);
    let seen = Mutex::new(Vec::new());
    let progress = |ended: usize| {
        seen.lock().unwrap().push(ended);
        ControlFlow::Continue(())
    };
    let (y0, options) = (ones(1), options());
    let run = solve_ivp_batch(&decay, (0.0, 1.0), &y0, &params, &options, Some(&progress));
    run.unwrap();
    let mut calls = std::mem::take(&mut *seen.lock().unwrap());
    assert!(calls.is_sorted());
    calls.dedup();
    // Every fifth; between them only those that a slow machine asks for.
    let fifth = calls
        .iter()
        .filter(|ended| ended.is_multiple_of(5) && **ended > 0);
    assert_eq!(fifth.count(), 200);
    assert_eq!(calls.last(), Some(&1000));
    let run = par_solve_ivp_batch(&decay, (0.0, 1.0), &y0, &params, &options, Some(&progress));
    run.unwrap();
    assert_eq!(seen.lock().unwrap().iter().max(), Some(&1000));
}

#[test]
fn a_stop_keeps_what_has_ended() {
    let params = Array2::from_shape_fn((1000, 1), |(k, _)| 0.01 * k as f64);
    let (y0, options) = (ones(1), options());
    let whole = solve_ivp_batch(&decay, (0.0, 1.0), &y0, &params, &options, None).unwrap();
    let stop_at = |most: usize| {
        move |ended: usize| match ended < most {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    let one = stop_at(100);
    let serial = solve_ivp_batch(&decay, (0.0, 1.0), &y0, &params, &options, Some(&one)).unwrap();
    let two = stop_at(300);
    let run = par_solve_ivp_batch(&decay, (0.0, 1.0), &y0, &params, &options, Some(&two));
    for (batch, least) in [(serial, 100), (run.unwrap(), 300)] {
        let ended = |k: usize| batch.members[k].status == IvpStatus::Finished;
        let count = (0..1000).filter(|&k| ended(k)).count();
        assert!(count >= least && count < 1000, "{count}");
        assert_eq!(rows(&batch, ended), rows(&whole, ended));
        for k in (0..1000).filter(|&k| !ended(k)) {
            assert_eq!(batch.members[k].status, IvpStatus::NotRun);
            assert!(batch.y.slice(s![k, .., ..]).iter().all(|y| y.is_nan()));
        }
    }
}

#[test]
fn a_stop_does_not_wait_for_the_end_of_a_long_member() {
    let calls = AtomicUsize::new(0);
    let slow = |_t: f64, y: &[f64], dydt: &mut [f64], _p: &[f64]| {
        calls.fetch_add(1, Ordering::Relaxed);
        dydt[0] = -y[0];
    };
    let options = IvpOptions {
        max_step: 1e-7,
        ..options()
    };
    let progress = |_| ControlFlow::Break(());
    let y0 = ones(3);
    let batch = par_solve_ivp_batch(&slow, (0.0, 1.0), &y0, &y0, &options, Some(&progress));
    assert!(
        batch
            .unwrap()
            .members
            .iter()
            .all(|m| m.status == IvpStatus::NotRun)
    );
    // To the end they take 10⁷ steps each.
    assert!(calls.load(Ordering::Relaxed) < 100_000_000);
}

#[test]
fn errors_and_panics_of_a_closure_end_the_batch() {
    #[derive(Debug)]
    struct Refused(f64);
    impl From<Error> for Refused {
        fn from(error: Error) -> Self {
            panic!("{error}");
        }
    }
    let params = Array2::from_shape_fn((500, 1), |(k, _)| k as f64);
    let refuse = |_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| -> Result<(), Refused> {
        dydt[0] = -y[0];
        if p[0] == 333.0 {
            Err(Refused(p[0]))
        } else {
            Ok(())
        }
    };
    let (y0, options) = (ones(1), options());
    let serial = solve_ivp_batch(&refuse, (0.0, 1.0), &y0, &params, &options, None);
    assert_eq!(serial.unwrap_err().0, 333.0);
    let parallel = par_solve_ivp_batch(&refuse, (0.0, 1.0), &y0, &params, &options, None);
    assert_eq!(parallel.unwrap_err().0, 333.0);

    let panics = |_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| {
        assert!(p[0] < 400.0, "at {}", p[0]);
        dydt[0] = -y[0];
    };
    let run = || par_solve_ivp_batch(&panics, (0.0, 1.0), &y0, &params, &options, None);
    let panic = catch_unwind(run).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().starts_with("at 4"));
}

#[test]
fn a_c_function_may_stop_the_batch() {
    unsafe extern "C" fn stop(
        _: *mut c_void,
        lanes: isize,
        _: isize,
        _: *const f64,
        y: *const f64,
        dydt: *mut f64,
        p: *const f64,
    ) -> c_int {
        let mut found = 0;
        for k in 0..lanes as usize {
            // SAFETY: one component and one parameter in each lane.
            unsafe {
                *dydt.add(k) = -*y.add(k);
                found |= c_int::from(*p.add(k) == 50.0);
            }
        }
        found
    }
    // SAFETY: it keeps to one component and parameter, and does not unwind.
    let rhs = unsafe { CompiledRhs::lanes(stop, ptr::null_mut()) };
    let params = Array2::from_shape_fn((100, 1), |(k, _)| k as f64);
    let batch = par_solve_ivp_batch(&rhs, (0.0, 1.0), &ones(1), &params, &options(), None).unwrap();
    let count = |status| batch.members.iter().filter(|m| m.status == status).count();
    assert_eq!(batch.members[50].status, IvpStatus::Stopped);
    assert!((1..=8).contains(&count(IvpStatus::Stopped)));
    for (member, y) in batch.members.iter().zip(batch.y.outer_iter()) {
        assert_eq!(
            member.status == IvpStatus::Finished,
            y.iter().all(|y| y.is_finite())
        );
    }
}

#[test]
fn a_system_in_a_place_that_it_does_not_fit_stops_the_batch() {
    let still = |_t: f64, _y: &[f64], dydt: &mut [f64], _p: &[f64]| dydt.fill(0.0);
    let options = IvpOptions {
        method: Method::Radau,
        ..options()
    };
    // As many elements as the system has components.
    let rhs = still.with_jacobian(System::ThreeBody);
    for components in [1, 2, 4] {
        let y0 = Array2::ones((3, components));
        let run = solve_ivp_batch(&rhs, (0.0, 1.0), &y0, &ones(3), &options, None).unwrap();
        assert_eq!(run.members[0].status, IvpStatus::Stopped);
    }
}

#[test]
fn a_panic_of_the_progress_goes_on() {
    let progress = |ended: usize| -> ControlFlow<()> { panic!("after {ended}") };
    let (y0, options) = (ones(100), options());
    let run = || par_solve_ivp_batch(&decay, (0.0, 1.0), &y0, &y0, &options, Some(&progress));
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

#[test]
fn refusals_name_the_argument() {
    let refused = |y0: &Array2<f64>, params: &Array2<f64>, span, options: &IvpOptions| {
        let run = par_solve_ivp_batch(&System::Lorenz, span, y0, params, options, None);
        run.unwrap_err().to_string()
    };
    let (y0, usual) = (Array2::ones((4, 3)), array![[10.0, 28.0, 8.0 / 3.0]]);
    let (span, good) = ((0.0, 1.0), IvpOptions::default());
    let members = refused(&y0, &Array2::ones((3, 3)), span, &good);
    assert_eq!(members, "`params` has length 3, expected 4");
    let parameters = refused(&y0, &Array2::ones((4, 2)), span, &good);
    assert_eq!(parameters, "`params` has length 2, expected 3");
    let components = refused(&Array2::ones((4, 2)), &usual, span, &good);
    assert_eq!(components, "`y0` has length 2, expected 3");
    let end = refused(&y0, &usual, (0.0, f64::NAN), &good);
    assert!(end.starts_with("`t_span` is NaN"), "{end}");
    let late = IvpOptions {
        t_eval: Some(vec![0.5, 1.5]),
        ..good.clone()
    };
    let late = refused(&y0, &usual, span, &late);
    assert!(
        late.starts_with("`t_eval` is 1.5, expected a time inside"),
        "{late}"
    );
    let dense = IvpOptions {
        dense_output: true,
        ..good.clone()
    };
    let dense = refused(&y0, &usual, span, &dense);
    assert_eq!(dense, "`dense_output` is 1, expected false for an ensemble");
    let atol = IvpOptions {
        atol: vec![1e-6; 2].into(),
        ..good.clone()
    };
    assert_eq!(
        refused(&y0, &usual, span, &atol),
        "`atol` has length 2, expected 3"
    );
    let many = usual.broadcast((1 << 58, 3)).unwrap();
    let one = Array2::ones((1, 3));
    let run = par_solve_ivp_batch(&System::Lorenz, span, &one, &many, &good, None);
    let message = run.unwrap_err().to_string();
    assert!(
        message.contains("expected no more members than have room"),
        "{message}"
    );
}
