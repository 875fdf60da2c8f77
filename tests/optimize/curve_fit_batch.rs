//! Batches: the bits of single fits, failures that stay where they are, progress.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrotran::Error;
use ferrotran::optimize::{
    CurveFitBatch, CurveFitOptions, CurveFitOutput, FitStatus, Model, NanPolicy, Progress, Sigma,
    TryModel, curve_fit, curve_fit_batch, curve_fit_batch_into, par_curve_fit_batch,
    par_curve_fit_batch_into,
};
use ndarray::{Array1, Array2, Array3, array, s};

use crate::curve_fit::noise;
use crate::curve_fit_models::{CASES, values};

/// `batch` gaussians of `m` points with noise.
fn gaussians(batch: usize, m: usize) -> (Array1<f64>, Array2<f64>) {
    let x = Array1::linspace(-5.0, 5.0, m);
    let mut y = Array2::zeros((batch, m));
    let table = noise(5, 1009);
    for (k, mut row) in y.rows_mut().into_iter().enumerate() {
        let mean = 0.9 * (k as f64).sin();
        let p = [1.0 + (k % 7) as f64 / 7.0, mean, 0.8, 0.1];
        row.assign(&values(Model::Gaussian, &x, &p));
        for (i, y) in row.iter_mut().enumerate() {
            *y += 0.02 * table[(k * m + i) % 1009];
        }
    }
    (x, y)
}

/// Equal to the last bit, NaN included.
fn same(a: &CurveFitBatch, b: &CurveFitBatch) -> bool {
    let bits = |x: &f64, y: &f64| x.to_bits() == y.to_bits();
    let all = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| bits(x, y));
    a.status == b.status
        && a.nfev == b.nfev
        && all(a.popt.as_slice().unwrap(), b.popt.as_slice().unwrap())
        && all(a.pcov.as_slice().unwrap(), b.pcov.as_slice().unwrap())
        && all(a.cost.as_slice().unwrap(), b.cost.as_slice().unwrap())
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn a_batch_has_the_bits_of_single_fits_for_any_number_of_threads() {
    let (x, mut y) = gaussians(1000, 37);
    y[[400, 5]] = f64::NAN;
    let options = CurveFitOptions::default();
    let serial = curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap();
    for (k, row) in y.rows().into_iter().enumerate().filter(|(k, _)| *k != 400) {
        let fit = curve_fit(Model::Gaussian, &x, &row, None, &options).unwrap();
        assert_eq!(fit.popt, serial.popt.row(k));
        assert_eq!(fit.pcov, serial.pcov.slice(s![k, .., ..]));
        assert_eq!(
            (fit.cost, fit.nfev, fit.status),
            (serial.cost[k], serial.nfev[k], serial.status[k])
        );
    }
    for threads in [1, 2, 16] {
        let run = || par_curve_fit_batch(Model::Gaussian, &x, &y, None, &options);
        assert!(
            same(&pool(threads).install(run).unwrap(), &serial),
            "{threads} threads"
        );
    }
}

#[test]
fn every_model_recovers_its_parameters_in_a_batch() {
    for (model, truth, [from, to]) in CASES {
        let x = Array1::linspace(from, to, 100);
        let exact = values(model, &x, truth);
        let mut y = Array2::zeros((50, 100));
        for (k, mut row) in y.rows_mut().into_iter().enumerate() {
            row.assign(&(&exact + &(0.01 * noise(k as u64, 100))));
        }
        let fits = par_curve_fit_batch(model, &x, &y, None, &CurveFitOptions::default()).unwrap();
        assert_eq!(fits.failed().count(), 0, "{model}");
        for (j, truth) in truth.iter().enumerate() {
            // The mean of 50 estimates of standard error e lies within 5 e / sqrt(50); the
            // curvature of the model adds a bias of the order of e^2.
            let mean = fits.popt.column(j).mean().unwrap();
            let error = fits
                .pcov
                .slice(s![.., j, j])
                .mapv(f64::sqrt)
                .mean()
                .unwrap();
            let allowed = 5.0 * error / 50f64.sqrt() + 20.0 * error * error;
            assert!(
                (mean - truth).abs() < allowed,
                "{model}: {mean} for {truth} +- {allowed}"
            );
        }
    }
}

#[test]
fn operands_are_shared_or_their_own() {
    let (x, y) = gaussians(6, 40);
    let p0 = array![[1.0, 0.0, 1.0, 0.0]];
    let sigma = Array1::linspace(0.01, 0.05, 40);
    let with = |sigma| CurveFitOptions {
        sigma,
        ..Default::default()
    };
    let shared = with(Sigma::points(&sigma));
    let expected = curve_fit_batch(Model::Gaussian, &x, &y, Some(&p0), &shared).unwrap();
    let x2 = x.broadcast((6, 40)).unwrap().to_owned();
    let p2 = p0.broadcast((6, 4)).unwrap().to_owned();
    let sigma2 = sigma.broadcast((6, 40)).unwrap().to_owned();
    let own = with(Sigma::points(&sigma2));
    let fits = par_curve_fit_batch(Model::Gaussian, &x2, &y, Some(&p2), &own).unwrap();
    assert!(same(&fits, &expected));
    let x3 = x2.clone().insert_axis(ndarray::Axis(1));
    let fits = curve_fit_batch(Model::Gaussian, &x3, &y, Some(&p2), &own).unwrap();
    assert!(same(&fits, &expected));
    // One set of data from many starts.
    let one = y.slice(s![2..3, ..]);
    let starts = array![
        [1.0, 0.0, 1.0, 0.0],
        [2.0, -1.0, 0.7, 0.1],
        [1.0, f64::NAN, 1.0, 0.0]
    ];
    let fits = curve_fit_batch(Model::Gaussian, &x, &one, Some(&starts), &shared).unwrap();
    assert!((fits.popt[[0, 1]] - fits.popt[[1, 1]]).abs() < 1e-7);
    assert_eq!(fits.status[2], FitStatus::BadStart);
    // Any stride.
    let (x_turned, y_turned) = (x2.t().to_owned(), y.t().to_owned());
    let fits = par_curve_fit_batch(
        Model::Gaussian,
        &x_turned.t(),
        &y_turned.t(),
        Some(&p2),
        &own,
    );
    assert!(same(&fits.unwrap(), &expected));
}

#[test]
fn one_covariance_matrix_serves_a_batch() {
    let (x, mut y) = gaussians(5, 30);
    y[[3, 7]] = f64::NAN;
    let v = Array2::from_shape_fn((30, 30), |(i, j)| 0.3_f64.powi(i.abs_diff(j) as i32));
    let options = CurveFitOptions {
        sigma: Sigma::covariance(&v),
        nan_policy: NanPolicy::Omit,
        ..Default::default()
    };
    let fits = par_curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap();
    for (k, row) in y.rows().into_iter().enumerate() {
        let fit = curve_fit(Model::Gaussian, &x, &row, None, &options).unwrap();
        assert_eq!(fit.popt, fits.popt.row(k));
    }
}

#[test]
fn one_bad_fit_of_a_hundred_thousand_stays_alone() {
    let (x, row) = gaussians(7, 12);
    let mut y = Array2::from_shape_fn((100_000, 12), |(k, i)| row[[k % 7, i]]);
    y.row_mut(77_777).fill(f64::INFINITY);
    let p0 = array![[1.0, 0.0, 1.0, 0.0]];
    let options = CurveFitOptions::default();
    let fits = par_curve_fit_batch(Model::Gaussian, &x, &y, Some(&p0), &options).unwrap();
    assert_eq!(fits.status[77_777], FitStatus::NonFiniteData);
    assert!(fits.popt.row(77_777).iter().all(|p| p.is_nan()));
    assert!(
        fits.pcov
            .slice(s![77_777, .., ..])
            .iter()
            .all(|c| c.is_nan())
    );
    for k in (0..100_000).filter(|&k| k != 77_777) {
        assert_eq!(fits.popt.row(k), fits.popt.row(k % 7), "{k}");
    }
}

#[test]
fn every_kind_of_failure_has_its_status() {
    let (x, mut y) = gaussians(6, 20);
    let mut sigma = Array2::from_elem((6, 20), 0.1);
    y[[0, 3]] = f64::NAN;
    sigma[[1, 0]] = 0.0;
    sigma[[2, 19]] = -1.0;
    sigma[[3, 4]] = f64::NAN;
    y.slice_mut(s![4, ..17]).fill(f64::NAN);
    let run = |nan_policy| {
        let sigma = Sigma::points(&sigma);
        let options = CurveFitOptions {
            sigma,
            nan_policy,
            ..Default::default()
        };
        curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap()
    };
    let refused = run(NanPolicy::Refuse);
    let kinds: Vec<_> = refused.status.iter().take(5).copied().collect();
    use FitStatus::{BadSigma, NonFiniteData, TooFewPoints};
    assert_eq!(
        kinds,
        [
            NonFiniteData,
            BadSigma,
            BadSigma,
            NonFiniteData,
            NonFiniteData
        ]
    );
    assert!(refused.status[5].converged());
    let omitted = run(NanPolicy::Omit);
    assert!(omitted.status[0].converged() && omitted.status[3].converged());
    assert_eq!(omitted.status[1], BadSigma);
    assert_eq!(omitted.status[4], TooFewPoints);
    assert_eq!(omitted.popt.row(5), refused.popt.row(5));
}

#[test]
fn progress_counts_up_and_stops_where_asked() {
    let (x, y) = gaussians(2000, 20);
    fn both(x: &Array1<f64>, y: &Array2<f64>, progress: Progress<'_>) -> [CurveFitBatch; 2] {
        let p0 = array![[1.0, 0.0, 1.0, 0.0]];
        let options = CurveFitOptions {
            progress: Some(progress),
            ..Default::default()
        };
        let serial = curve_fit_batch(Model::Gaussian, x, y, Some(&p0), &options).unwrap();
        let parallel = || par_curve_fit_batch(Model::Gaussian, x, y, Some(&p0), &options);
        [serial, pool(4).install(parallel).unwrap()]
    }
    let last = AtomicUsize::new(0);
    let calls = AtomicUsize::new(0);
    let [serial, parallel] = both(&x, &y, &|done| {
        let before = last.swap(done % 2000, Ordering::Relaxed);
        assert!(done > before && done <= 2000);
        calls.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    });
    assert!(same(&serial, &parallel));
    assert_eq!(last.into_inner(), 0, "the end is told");
    assert!(calls.into_inner() <= 2 * 202);

    let stopped = both(&x, &y, &|done| match done > 1000 {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    });
    for batch in stopped {
        let left = batch
            .status
            .iter()
            .filter(|s| **s == FitStatus::NotRun)
            .count();
        assert!(left > 0 && left < 1000, "{left}");
        for (k, status) in batch.status.iter().enumerate() {
            if *status == FitStatus::NotRun {
                assert!(batch.popt.row(k).iter().all(|p| p.is_nan()) && batch.nfev[k] == 0);
            } else {
                assert_eq!(batch.popt.row(k), serial.popt.row(k));
            }
        }
    }
}

#[test]
fn results_go_into_arrays_of_the_callers() {
    let (x, y) = gaussians(9, 20);
    let options = CurveFitOptions::default();
    let expected = curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap();
    let mut wide = Array2::zeros((9, 8));
    let mut deep = Array3::zeros((9, 4, 8));
    let output = CurveFitOutput {
        popt: wide.slice_mut(s![.., ..;2]),
        pcov: Some(deep.slice_mut(s![.., .., ..;-2])),
        cost: None,
        nfev: None,
        status: None,
    };
    par_curve_fit_batch_into(Model::Gaussian, &x, &y, None, &options, output).unwrap();
    assert_eq!(wide.slice(s![.., ..;2]), expected.popt);
    assert_eq!(deep.slice(s![.., .., ..;-2]), expected.pcov);

    let mut small = Array2::zeros((9, 3));
    let output = CurveFitOutput {
        popt: small.view_mut(),
        pcov: None,
        cost: None,
        nfev: None,
        status: None,
    };
    let error = curve_fit_batch_into(Model::Gaussian, &x, &y, None, &options, output);
    let words = "`popt` has shape [9, 3], expected [9, 4]";
    assert_eq!(error.unwrap_err().to_string(), words);
    let mut statuses = [FitStatus::NotRun; 8];
    let output = CurveFitOutput {
        popt: wide.slice_mut(s![.., ..4]),
        pcov: None,
        cost: None,
        nfev: None,
        status: Some(&mut statuses),
    };
    let error = curve_fit_batch_into(Model::Gaussian, &x, &y, None, &options, output);
    assert_eq!(
        error.unwrap_err().to_string(),
        "`status` has length 8, expected 9"
    );
}

#[test]
fn an_error_or_a_panic_of_the_model_ends_the_batch() {
    let (x, y) = gaussians(40, 20);
    let p0 = array![[1.0, 1.0]];
    let options = CurveFitOptions::default();
    let seen = AtomicUsize::new(0);
    let model = TryModel::values(
        |_: &[f64], _: &[f64], y: &mut [f64], _: Option<&mut [f64]>| {
            y.fill(1.0);
            match seen.fetch_add(1, Ordering::Relaxed) {
                50 => Err(Error::Stopped),
                _ => Ok(()),
            }
        },
    );
    let error = par_curve_fit_batch(model, &x, &y, Some(&p0), &options).unwrap_err();
    assert_eq!(error, Error::Stopped);
    let panics = |x: f64, p: &[f64]| {
        if x > 4.0 {
            panic!("far out")
        } else {
            p[0] + p[1] * x
        }
    };
    let run = || par_curve_fit_batch(panics, &x, &y, Some(&p0), &options);
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

#[test]
fn empty_batches_are_done() {
    let x = Array1::linspace(0.0, 1.0, 10);
    let y = Array2::zeros((0, 10));
    let options = CurveFitOptions::default();
    let fits = par_curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap();
    assert_eq!((fits.popt.dim(), fits.pcov.dim()), ((0, 4), (0, 4, 4)));
    let fits = curve_fit_batch(Model::Gaussian, &x, &y, None, &options).unwrap();
    assert!(fits.status.is_empty());
}
