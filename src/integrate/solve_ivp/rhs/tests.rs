#![expect(clippy::unwrap_used, reason = "tests")]

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use super::*;

/// Calls a right-hand side of two components and one parameter over `lanes` members.
fn call(source: &impl Source, lanes: usize) -> (i32, Vec<f64>) {
    let t: Vec<f64> = (0..lanes).map(|k| k as f64).collect();
    let y: Vec<f64> = (0..2 * lanes).map(|k| 0.5 + k as f64).collect();
    let p: Vec<f64> = (0..lanes).map(|k| 3.0 - k as f64).collect();
    let mut dydt = vec![0.0; 2 * lanes];
    let Rhs { f, ctx } = source.rhs();
    // SAFETY: the arrays have the lengths that the sources below are made for.
    let stop = unsafe {
        f(
            ctx,
            lanes as isize,
            2,
            t.as_ptr(),
            y.as_ptr(),
            dydt.as_mut_ptr(),
            p.as_ptr(),
        )
    };
    (stop, dydt)
}

fn one(t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = y[1] * t;
    dydt[1] = p[0] - y[0];
}

fn many(t: &Lanes, y: &[Lanes], dydt: &mut [Lanes], p: &[Lanes]) {
    for k in 0..LANES {
        dydt[0][k] = y[1][k] * t[k];
        dydt[1][k] = p[0][k] - y[0][k];
    }
}

unsafe extern "C" fn c_one(t: f64, y: *const f64, dydt: *mut f64, p: *const f64) {
    // SAFETY: the arrays have 2, 2 and 1 elements.
    unsafe {
        let (y, dydt) = (
            slice::from_raw_parts(y, 2),
            slice::from_raw_parts_mut(dydt, 2),
        );
        one(t, y, dydt, slice::from_raw_parts(p, 1));
    }
}

unsafe extern "C" fn c_many(
    _: *mut c_void,
    lanes: isize,
    _: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    let m = lanes as usize;
    // SAFETY: the arrays have 1, 2, 2 and 1 elements for each lane.
    unsafe {
        for k in 0..m {
            *dydt.add(k) = *y.add(m + k) * *t.add(k);
            *dydt.add(m + k) = *p.add(k) - *y.add(k);
        }
    }
    0
}

#[test]
fn every_kind_fills_every_lane() {
    for lanes in [1, 2, 4, 5, 8] {
        let expected: Vec<f64> = (0..2 * lanes)
            .map(|i| {
                let k = (i % lanes) as f64;
                if i < lanes {
                    (0.5 + k + lanes as f64) * k
                } else {
                    (3.0 - k) - (0.5 + k)
                }
            })
            .collect();
        // SAFETY: both read and write what `call` hands over, and do not unwind.
        let (scalar, vector) = unsafe {
            let ctx = std::ptr::null_mut();
            (CompiledRhs::scalar(c_one), CompiledRhs::lanes(c_many, ctx))
        };
        assert_eq!(call(&one.source(1, 2), lanes), (0, expected.clone()));
        assert_eq!(
            call(&InLanes::new(many).source(1, 2), lanes),
            (0, expected.clone())
        );
        assert_eq!(call(&scalar.source(1, 2), lanes), (0, expected.clone()));
        assert_eq!(call(&vector.source(1, 2), lanes), (0, expected));
    }
}

#[test]
fn idle_lanes_are_not_called_and_what_is_left_out_is_nan() {
    let mut times = Vec::new();
    let guard = Guard::scalar(
        |t: f64, _: &[f64], dydt: &mut [f64], _: &[f64]| {
            times.push(t);
            dydt[1] = t;
        },
        1,
        2,
    );
    for lane in [0, 2, 3] {
        guard.set_busy(lane, false);
    }
    guard.set_busy(2, true);
    let (stop, dydt) = call(&guard, 4);
    assert_eq!(stop, 0);
    assert!(dydt[..5].iter().all(|dydt| dydt.is_nan()));
    assert_eq!(dydt[5..7], [1.0, 2.0]);
    drop(guard);
    assert_eq!(times, [1.0, 2.0]);
}

#[test]
fn errors_come_out_and_panics_go_on() {
    #[derive(Debug, PartialEq)]
    struct Refused(f64);
    impl From<Error> for Refused {
        fn from(_: Error) -> Self {
            Self(f64::NAN)
        }
    }
    let refuse = |t: f64, _: &[f64], _: &mut [f64], _: &[f64]| -> Result<(), Refused> {
        if t == 2.0 { Err(Refused(t)) } else { Ok(()) }
    };
    let source = refuse.source(1, 2);
    assert_eq!(call(&source, 8).0, 1);
    assert_eq!(source.taken(), Some(Refused(2.0)));

    let panics = InLanes::new(|t: &Lanes, _: &[Lanes], _: &mut [Lanes], _: &[Lanes]| {
        assert!(t[3] < 0.0, "at {}", t[3]);
    });
    let source = panics.source(1, 2);
    assert_eq!(call(&source, 8).0, 1);
    let panic = catch_unwind(AssertUnwindSafe(|| source.taken())).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "at 3");
}
