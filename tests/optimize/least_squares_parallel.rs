//! Batches: the bits of one by one, for any number of threads.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrotran::Error;
use ferrotran::optimize::{
    LeastSquaresBatch, LeastSquaresOptions, LeastSquaresStatus as Status, least_squares,
    par_least_squares, par_least_squares_jac,
};
use ndarray::{Array1, Array2, ArrayViewMut2, array};

const M: usize = 20;

/// A decay with amplitude and rate from `p`; NaN for a negative amplitude.
fn decay(x: &[f64], r: &mut [f64], p: &[f64; 2]) {
    for (i, r) in r.iter_mut().enumerate() {
        let t = i as f64 / 10.0;
        *r = x[0] * (-x[1] * t).exp() - p[0].sqrt().powi(2) * (-p[1] * t).exp() + 0.01 * t.sin();
    }
}

fn decay_jac(x: &[f64], mut jac: ArrayViewMut2<'_, f64>, _: &[f64; 2]) {
    for (i, mut row) in jac.rows_mut().into_iter().enumerate() {
        let t = i as f64 / 10.0;
        let e = (-x[1] * t).exp();
        (row[0], row[1]) = (e, -t * x[0] * e);
    }
}

fn parameters(members: usize) -> Array1<[f64; 2]> {
    (0..members)
        .map(|k| [1.0 + (k % 17) as f64, 0.5 + (k % 13) as f64 / 10.0])
        .collect()
}

fn on(threads: usize, params: &Array1<[f64; 2]>, analytic: bool) -> LeastSquaresBatch {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let (x0, options) = (array![[1.0, 1.0]], LeastSquaresOptions::default());
    pool.install(|| {
        if analytic {
            par_least_squares_jac(decay, decay_jac, M, &x0, params, &options, None)
        } else {
            par_least_squares(decay, M, &x0, params, &options, None)
        }
    })
    .unwrap()
}

#[test]
fn the_bits_are_those_of_one_by_one() {
    let params = parameters(300);
    for analytic in [false, true] {
        let one = on(1, &params, analytic);
        assert_eq!(one, on(16, &params, analytic));
        assert!(one.status.iter().all(|s| s.converged()));
    }
    let batch = on(16, &params, false);
    for (k, p) in params.iter().enumerate() {
        let f = |x: &[f64], r: &mut [f64]| decay(x, r, p);
        let single = least_squares(f, M, &array![1.0, 1.0], &LeastSquaresOptions::default());
        let single = single.unwrap();
        assert_eq!(batch.x.row(k), single.x);
        assert_eq!(batch.cov.index_axis(ndarray::Axis(0), k), single.cov);
        assert_eq!(batch.status[k], single.status);
        assert_eq!(
            (batch.nfev[k], batch.njev[k], batch.rank[k]),
            (single.nfev, single.njev, 2)
        );
    }
}

#[test]
fn one_failure_spoils_no_other() {
    let good = on(2, &parameters(100), true);
    let mut params = parameters(100);
    params[41] = [-1.0, 1.0];
    let batch = on(2, &params, true);
    for k in 0..100 {
        if k == 41 {
            assert_eq!(batch.status[k], Status::NotFinite);
            assert!(batch.cost[k].is_nan() || batch.cost[k].is_infinite());
        } else {
            assert_eq!(batch.x.row(k), good.x.row(k));
        }
    }
}

#[test]
fn many_starts_of_one_problem() {
    let x0 = Array2::from_shape_fn((5, 2), |(k, j)| 0.5 + 0.3 * k as f64 + 0.1 * j as f64);
    let options = LeastSquaresOptions::default();
    let params = Array1::from_elem(1, [3.0, 0.7]);
    // Any stride will do.
    for x0 in [
        x0.clone(),
        x0.slice(ndarray::s![..;-1, ..]).to_owned(),
        x0.t().to_owned().reversed_axes(),
    ] {
        let batch = par_least_squares(decay, M, &x0, &params, &options, None).unwrap();
        assert_eq!(batch.x.dim(), (5, 2));
        assert!(batch.x.column(0).iter().all(|a| (a - 3.0).abs() < 0.1));
    }
    let none = Array2::zeros((0, 2));
    let empty = par_least_squares(decay, M, &none, &params, &options, None).unwrap();
    assert_eq!(empty.x.dim(), (0, 2));
}

#[test]
fn progress_is_told_and_may_stop() {
    let params = parameters(2000);
    let (x0, options) = (array![[1.0, 1.0]], LeastSquaresOptions::default());
    let last = AtomicUsize::new(0);
    let tell = |done| {
        last.fetch_max(done, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    let batch = par_least_squares(decay, M, &x0, &params, &options, Some(&tell)).unwrap();
    assert_eq!(last.into_inner(), 2000);
    assert!(batch.status.iter().all(|s| s.converged()));
    let stop = |_| ControlFlow::Break(());
    let part = par_least_squares(decay, M, &x0, &params, &options, Some(&stop)).unwrap();
    assert!(part.status.iter().any(|&s| s == Status::NotRun));
    for (k, status) in part.status.iter().enumerate() {
        if *status == Status::NotRun {
            assert!(part.x.row(k).iter().all(|x| x.is_nan()) && part.nfev[k] == 0);
        } else {
            assert_eq!(part.x.row(k), batch.x.row(k));
        }
    }
}

#[test]
fn bad_batches_are_refused() {
    let options = LeastSquaresOptions::default();
    let two = parameters(2);
    let run = |x0: Array2<f64>| par_least_squares(decay, M, &x0, &two, &options, None);
    let expected = Error::Length {
        argument: "params",
        expected: 3,
        found: 2,
    };
    assert_eq!(run(Array2::ones((3, 2))), Err(expected));
    assert!(run(array![[1.0, f64::NAN]]).is_err());
    assert!(run(Array2::ones((1, 0))).is_err());
}

#[test]
fn a_panic_of_a_member_goes_on() {
    let f = |x: &[f64], r: &mut [f64], p: &[f64; 2]| {
        assert!(p[0] != 5.0, "five");
        decay(x, r, p);
    };
    let (x0, options) = (array![[1.0, 1.0]], LeastSquaresOptions::default());
    let run = || par_least_squares(f, M, &x0, &parameters(50), &options, None);
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}
