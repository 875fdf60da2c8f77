//! Fits side by side: the same search by normal equations and by QR, and the way from one to the
//! other.

use ferrotran::Error;
use ferrotran::optimize::{
    CurveFit, CurveFitBatch, CurveFitOptions, FitModel, FitStatus, JacobianModel,
    LeastSquaresStatus, Model, NanPolicy, Sigma, curve_fit, curve_fit_batch,
};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};

use crate::curve_fit::noise;

const BATCH: usize = 37;

/// A model, parameters about which fits are made, and how far from them they start.
fn cases() -> Vec<(Model, Array1<f64>)> {
    vec![
        (Model::Gaussian, array![1.5, 0.3, 1.1, 0.2]),
        (Model::Lorentzian, array![1.5, -0.3, 0.8, 0.2]),
        (Model::PseudoVoigt, array![1.5, 0.3, 0.9, 0.5, 0.2]),
        (Model::Exponential, array![2.0, 0.4, 0.3]),
        (Model::DoubleExponential, array![2.0, 0.2, 1.0, 1.5, 0.1]),
        (Model::Power, array![1.2, 1.4, 0.5]),
        (Model::Logistic, array![2.0, 2.0, 1.3, -0.4]),
        (Model::Sine, array![1.1, 0.31, 0.4, 0.2]),
    ]
}

/// Points, values with noise, and starts 10 % off.
fn data(model: Model, p: &Array1<f64>, m: usize) -> (Array1<f64>, Array2<f64>, Array2<f64>) {
    let x = match model {
        Model::Gaussian | Model::Lorentzian | Model::PseudoVoigt => Array1::linspace(-5.0, 5.0, m),
        _ => Array1::linspace(0.1, 6.0, m),
    };
    let mut y = Array2::zeros((BATCH, m));
    let mut p0 = Array2::zeros((BATCH, p.len()));
    for k in 0..BATCH {
        let own = p * &(1.0 + 0.05 * noise(k as u64, p.len()));
        let mut values = vec![0.0; m];
        model
            .values(x.as_slice().unwrap(), own.as_slice().unwrap(), &mut values)
            .unwrap();
        let noisy = Array1::from_vec(values) + 0.01 * noise(100 + k as u64, m);
        y.row_mut(k).assign(&noisy);
        p0.row_mut(k).assign(&(own * 1.1));
    }
    (x, y, p0)
}

/// The same model as a closure: its fits are done by QR.
fn by_qr(model: Model) -> impl FitModel<Error = Error> {
    JacobianModel::new(
        move |x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>| {
            let done = match jac {
                Some(jac) => model.values_and_derivatives(x, p, y, jac),
                None => model.values(x, p, y),
            };
            done.unwrap();
        },
    )
}

fn assert_same(batch: &CurveFitBatch, k: usize, alone: &CurveFit) {
    assert_eq!(batch.popt.row(k), alone.popt, "fit {k}");
    assert_eq!(batch.pcov.index_axis(Axis(0), k), alone.pcov, "fit {k}");
    assert_eq!(batch.nfev[k], alone.nfev, "fit {k}");
    assert_eq!(batch.cost[k], alone.cost, "fit {k}");
    assert_eq!(batch.status[k], alone.status, "fit {k}");
}

#[test]
fn normal_equations_and_qr_lead_to_the_same_minimum() {
    for (model, p) in cases() {
        for m in [20, 64, 256] {
            let (x, y, p0) = data(model, &p, m);
            let mut options = CurveFitOptions::default();
            (options.solver.ftol, options.solver.xtol) = (1e-15, 1e-15);
            let lanes = curve_fit_batch(model, &x, &y, Some(&p0), &options).unwrap();
            let qr = curve_fit_batch(by_qr(model), &x, &y, Some(&p0), &options).unwrap();
            assert!(lanes.failed().next().is_none(), "{model}, {m} points");
            assert!(qr.failed().next().is_none(), "{model}, {m} points");
            for k in 0..BATCH {
                // Either may end where roundoff hides the slope: a sum of squares is known to
                // m ε, and rises by a part 1 / (m - n) of itself over a standard error.
                let (points, free) = (m as f64, (m - p.len()) as f64);
                let hidden = (points * f64::EPSILON * free).sqrt();
                for j in 0..p.len() {
                    let most = 4.0 * hidden * qr.pcov[[k, j, j]].sqrt();
                    let (a, b) = (lanes.popt[[k, j]], qr.popt[[k, j]]);
                    assert!((a - b).abs() <= most, "{model}, {m}, fit {k}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn a_fit_has_the_bits_it_has_alone_among_any_others() {
    let mut tight = CurveFitOptions::default();
    (tight.solver.ftol, tight.solver.xtol) = (1e-15, 1e-15); // steps are rejected
    let mut short = CurveFitOptions::default();
    short.solver.factor = 0.01; // the damping is at work
    for (model, p) in cases() {
        let (x, y, p0) = data(model, &p, 50);
        for options in [&CurveFitOptions::default(), &tight, &short] {
            let batch = curve_fit_batch(model, &x, &y, Some(&p0), options).unwrap();
            for k in 0..BATCH {
                let (y, p0) = (y.row(k).to_owned(), p0.row(k).to_owned());
                let alone = curve_fit(model, &x, &y, Some(&p0), options).unwrap();
                assert_same(&batch, k, &alone);
            }
        }
    }
}

#[test]
fn the_residuals_of_a_single_fit_are_those_at_its_result() {
    for (model, p) in cases() {
        let (x, y, p0) = data(model, &p, 50);
        let (y, p0) = (y.row(3).to_owned(), p0.row(3).to_owned());
        let fit = curve_fit(model, &x, &y, Some(&p0), &CurveFitOptions::default()).unwrap();
        let mut values = vec![0.0; 50];
        let (points, popt) = (x.as_slice().unwrap(), fit.popt.as_slice().unwrap());
        model.values(points, popt, &mut values).unwrap();
        assert_eq!(fit.residuals, Array1::from_vec(values) - y, "{model}");
    }
}

#[test]
fn a_fit_whose_normal_equations_lose_digits_is_done_by_qr() {
    let x = Array1::linspace(0.0, 1.0, 40);
    // Two rates that the data hardly tell apart, a zero amplitude, and sizes beyond any square.
    let close = x.mapv(|x: f64| (-x).exp() + 1.001 * (-1.01 * x).exp());
    let starts = [
        (close.clone(), array![1.0, 1.0, 1.0, 1.02, 0.0]),
        (close.clone(), array![0.0, 1.0, 0.0, 2.0, 0.0]),
        (close * 1e-130, array![1e-130, 1.0, 1e-130, 3.0, 0.0]),
        (Array1::zeros(40), array![1.0, 1.0, 1.0, 2.0, 0.0]),
    ];
    for (y, p0) in starts {
        let model = Model::DoubleExponential;
        let options = CurveFitOptions::default();
        let fit = curve_fit(model, &x, &y, Some(&p0), &options).unwrap();
        let qr = curve_fit(by_qr(model), &x, &y, Some(&p0), &options).unwrap();
        assert_eq!(fit, qr);
    }
}

#[test]
fn fits_with_points_left_out_lie_beside_others() {
    let (x, mut y, p0) = data(Model::Gaussian, &cases()[0].1, 60);
    y[[3, 10]] = f64::NAN;
    y.slice_mut(s![5, 20..]).fill(f64::NAN);
    y.row_mut(9).fill(f64::NAN);
    let sigma = Array1::linspace(0.5, 1.5, 60);
    let options = CurveFitOptions {
        nan_policy: NanPolicy::Omit,
        sigma: Sigma::points(&sigma),
        ..Default::default()
    };
    let batch = curve_fit_batch(Model::Gaussian, &x, &y, Some(&p0), &options).unwrap();
    assert_eq!(batch.status[9], FitStatus::TooFewPoints);
    for (k, kept) in [
        (3, [0..10, 11..60]),
        (5, [0..10, 10..20]),
        (4, [0..30, 30..60]),
    ] {
        let take = |a: &Array1<f64>| {
            let parts = kept.clone().map(|range| a.slice(s![range]).to_owned());
            concatenate![Axis(0), parts[0], parts[1]]
        };
        let sigma = take(&sigma);
        let options = CurveFitOptions {
            sigma: Sigma::points(&sigma),
            ..Default::default()
        };
        let (y, p0) = (take(&y.row(k).to_owned()), p0.row(k).to_owned());
        let alone = curve_fit(Model::Gaussian, &take(&x), &y, Some(&p0), &options).unwrap();
        assert_same(&batch, k, &alone);
    }
}

#[test]
fn every_reason_to_stop_is_that_of_the_search_by_qr() {
    use LeastSquaresStatus as S;
    let (x, y, p0) = data(Model::Gaussian, &cases()[0].1, 64);
    let mut seen = Vec::new();
    for (ftol, xtol, gtol, max_nfev) in [
        (1e-8, 0.0, 0.0, None),
        (0.0, 1e-6, 0.0, None),
        (0.0, 0.0, 1e-4, None),
        (1e-3, 1e-2, 0.0, None),
        (0.0, 0.0, 0.0, None),
        (0.0, 0.0, 0.0, Some(3)),
    ] {
        let mut options = CurveFitOptions::default();
        (options.solver.ftol, options.solver.xtol) = (ftol, xtol);
        (options.solver.gtol, options.solver.max_nfev) = (gtol, max_nfev);
        let model = Model::Gaussian;
        let lanes = curve_fit_batch(model, &x, &y, Some(&p0), &options).unwrap();
        let qr = curve_fit_batch(by_qr(model), &x, &y, Some(&p0), &options).unwrap();
        for k in 0..BATCH {
            let roundoff = (ftol, xtol, gtol) == (0.0, 0.0, 0.0) && max_nfev.is_none();
            // At the end of the digits a rounding decides which reason comes first.
            assert!(roundoff || lanes.status[k] == qr.status[k], "fit {k}");
            assert!(roundoff || lanes.nfev[k] == qr.nfev[k], "fit {k}");
            assert!(
                lanes.status[k].converged() || max_nfev == Some(3),
                "fit {k}"
            );
            seen.push(lanes.status[k]);
        }
    }
    for status in [S::Ftol, S::Xtol, S::Gtol, S::FtolAndXtol, S::MaxEvaluations] {
        let found = FitStatus::Solved(status);
        assert!(seen.contains(&found), "{status}");
    }
}

#[test]
fn a_typical_size_of_the_parameters_scales_them() {
    let (x, y, p0) = data(Model::Logistic, &cases()[6].1, 80);
    let mut options = CurveFitOptions::default();
    options.solver.x_scale = vec![1.0, 10.0, 0.1, 1.0];
    options.solver.factor = 0.01; // short steps: the damping is at work
    let model = Model::Logistic;
    let lanes = curve_fit_batch(model, &x, &y, Some(&p0), &options).unwrap();
    let qr = curve_fit_batch(by_qr(model), &x, &y, Some(&p0), &options).unwrap();
    let free = curve_fit_batch(model, &x, &y, Some(&p0), &CurveFitOptions::default()).unwrap();
    assert_eq!(lanes.nfev, qr.nfev);
    assert!(lanes.nfev.sum() > free.nfev.sum() + BATCH);
    assert!(lanes.failed().next().is_none());
    // The same steps, each to about m ε over the least square of a sine in a lane, 1e-6.
    let off = (&lanes.popt - &qr.popt).mapv(f64::abs);
    assert!(off.iter().all(|&d| d <= 1e-7), "{off}");
}
