//! Single fits: models of every kind, uncertainties, covariance.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrotran::Error;
use ferrotran::optimize::{
    CompiledModel, CurveFitOptions, FitModel, JacobianModel, Model, NanPolicy, Sigma, TryModel,
    ValueModel, curve_fit,
};
use ndarray::{Array1, Array2, array, s};

/// Noise by a linear congruential generator, about N(0, 1).
pub(crate) fn noise(seed: u64, m: usize) -> Array1<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    Array1::from_shape_simple_fn(m, || (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
}

/// A gaussian with noise.
fn data(m: usize) -> (Array1<f64>, Array1<f64>) {
    let x = Array1::linspace(-4.0, 5.0, m);
    let bell = |x: f64| 1.3 * (-(x - 0.2).powi(2) / (2.0 * 0.49)).exp() + 0.1;
    let y = x.mapv(bell) + 0.02 * noise(3, m);
    (x, y)
}

/// The inverse of a symmetric positive definite matrix, by Gauss and Jordan.
fn inverse(mut a: Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    let mut b = Array2::eye(n);
    for k in 0..n {
        let pivot = a[[k, k]];
        a.row_mut(k).mapv_inplace(|v| v / pivot);
        b.row_mut(k).mapv_inplace(|v| v / pivot);
        for i in (0..n).filter(|&i| i != k) {
            let f = a[[i, k]];
            let (row_a, row_b) = (a.row(k).to_owned(), b.row(k).to_owned());
            a.row_mut(i).scaled_add(-f, &row_a);
            b.row_mut(i).scaled_add(-f, &row_b);
        }
    }
    b
}

/// The derivatives of the gaussian, (m, n).
fn jacobian(x: &Array1<f64>, p: &Array1<f64>) -> Array2<f64> {
    let (mut y, mut jac) = (vec![0.0; x.len()], vec![0.0; x.len() * p.len()]);
    let (x, p) = (x.as_slice().unwrap(), p.as_slice().unwrap());
    Model::Gaussian
        .values_and_derivatives(x, p, &mut y, &mut jac)
        .unwrap();
    let rows = Array2::from_shape_vec((p.len(), x.len()), jac).unwrap();
    rows.reversed_axes()
}

fn close(a: &Array2<f64>, b: &Array2<f64>, tolerance: f64) {
    for (a, b) in a.iter().zip(b) {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1e-12),
            "{a:e} for {b:e}"
        );
    }
}

#[test]
fn covariance_is_that_of_the_normal_equations() {
    let (x, y) = data(60);
    let options = CurveFitOptions::default();
    let fit = curve_fit(Model::Gaussian, &x, &y, None, &options).unwrap();
    let jac = jacobian(&x, &fit.popt);
    let expected = inverse(jac.t().dot(&jac)) * (2.0 * fit.cost / 56.0);
    // Normal equations lose the square of the condition of J, here below 1e3, times epsilon.
    close(&fit.pcov, &expected, 1e-8);
    let errors = fit.standard_errors();
    assert!((fit.popt[1] - 0.2).abs() < 5.0 * errors[1] && errors[1] < 0.02);
    assert!((fit.residuals.dot(&fit.residuals) / 2.0 - fit.cost).abs() < 1e-14);
}

#[test]
fn sigma_weighs_points_and_scales_the_covariance_when_absolute() {
    let (x, y) = data(60);
    let sigma = Array1::linspace(0.01, 0.05, 60);
    let mut options = CurveFitOptions {
        sigma: Sigma::points(&sigma),
        absolute_sigma: true,
        ..Default::default()
    };
    let fit = curve_fit(Model::Gaussian, &x, &y, None, &options).unwrap();
    let weighted = jacobian(&x, &fit.popt) / sigma.view().insert_axis(ndarray::Axis(1));
    let expected = inverse(weighted.t().dot(&weighted));
    close(&fit.pcov, &expected, 1e-8);
    options.absolute_sigma = false;
    let scaled = curve_fit(Model::Gaussian, &x, &y, None, &options).unwrap();
    close(&scaled.pcov, &(expected * (2.0 * fit.cost / 56.0)), 1e-8);
    assert_eq!(scaled.popt, fit.popt);
}

#[test]
fn a_diagonal_covariance_matrix_is_sigma() {
    let (x, y) = data(40);
    let sigma = Array1::linspace(0.01, 0.05, 40);
    let matrix = Array2::from_diag(&sigma.mapv(|s| s * s));
    let with = |sigma| CurveFitOptions {
        sigma,
        absolute_sigma: true,
        ..Default::default()
    };
    let a = curve_fit(Model::Gaussian, &x, &y, None, &with(Sigma::points(&sigma))).unwrap();
    let b = curve_fit(
        Model::Gaussian,
        &x,
        &y,
        None,
        &with(Sigma::covariance(&matrix)),
    )
    .unwrap();
    for (a, b) in a.popt.iter().zip(&b.popt) {
        assert!((a - b).abs() < 1e-7 * a.abs(), "{a} {b}"); // xtol is 1.5e-8
    }
    close(&b.pcov, &a.pcov, 1e-6);
}

#[test]
fn a_full_covariance_matrix_whitens_the_residuals() {
    // A straight line: generalised least squares has the closed form (J' V^-1 J)^-1 J' V^-1 y.
    let m = 25;
    let x = Array1::linspace(0.0, 1.0, m);
    let y = 2.0 - 3.0 * &x + 0.1 * noise(9, m);
    let v = Array2::from_shape_fn((m, m), |(i, j)| 0.5_f64.powi(i.abs_diff(j) as i32));
    let jac = Array2::from_shape_fn((m, 2), |(i, j)| if j == 0 { 1.0 } else { x[i] });
    let vinv = inverse(v.clone());
    let cov = inverse(jac.t().dot(&vinv).dot(&jac));
    let expected = cov.dot(&jac.t().dot(&vinv)).dot(&y);
    let options = CurveFitOptions {
        sigma: Sigma::covariance(&v),
        absolute_sigma: true,
        ..Default::default()
    };
    let line = Model::Polynomial { degree: 1 };
    let fit = curve_fit(line, &x, &y, None, &options).unwrap();
    for (found, expected) in fit.popt.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    close(&fit.pcov, &cov, 1e-12);
}

#[test]
fn models_of_every_kind_find_the_same() {
    unsafe extern "C" fn compiled(
        ctx: *mut c_void,
        m: isize,
        _n: isize,
        x: *const f64,
        p: *const f64,
        y: *mut f64,
        jac: *mut f64,
    ) -> c_int {
        assert!(ctx.is_null() && jac.is_null());
        for i in 0..m as usize {
            // SAFETY: the contract of a model.
            unsafe {
                let z = (*x.add(i) - *p.add(1)) / *p.add(2);
                *y.add(i) = *p * (-0.5 * z * z).exp() + *p.add(3);
            }
        }
        0
    }
    fn agree<M: FitModel<Error = Error>>(model: M, rounds: usize) {
        let (x, y) = data(50);
        let p0 = array![1.0, 0.0, 1.0, 0.0];
        let options = CurveFitOptions::default();
        let expected = curve_fit(Model::Gaussian, &x, &y, Some(&p0), &options).unwrap();
        let fit = curve_fit(model, &x, &y, Some(&p0), &options).unwrap();
        assert!(fit.status.converged());
        assert!(fit.nfev >= rounds * 4, "{}", fit.nfev);
        for (a, b) in fit.popt.iter().zip(&expected.popt) {
            // Forward differences converge linearly: a step ends below 1.5e-8.
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }
    let bell = |x: f64, p: &[f64]| p[0] * (-0.5 * ((x - p[1]) / p[2]).powi(2)).exp() + p[3];
    agree(bell, 4);
    let all = |x: &[f64], p: &[f64], y: &mut [f64]| {
        x.iter().zip(y).for_each(|(x, y)| *y = bell(*x, p));
    };
    agree(ValueModel::new(all), 4);
    let exact = |x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>| match jac {
        Some(jac) => Model::Gaussian
            .values_and_derivatives(x, p, y, jac)
            .unwrap(),
        None => Model::Gaussian.values(x, p, y).unwrap(),
    };
    agree(JacobianModel::new(exact), 1);
    let fallible = |x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>| {
        exact(x, p, y, jac);
        Ok::<(), Error>(())
    };
    agree(TryModel::with_jacobian(fallible), 1);
    agree(TryModel::values(fallible), 4);
    // SAFETY: `compiled` keeps the contract and has no state.
    agree(
        unsafe { CompiledModel::values(compiled, std::ptr::null_mut()) },
        4,
    );
}

#[test]
fn several_predictors_come_one_after_the_other() {
    let m = 30;
    let (u, v) = (noise(1, m), noise(2, m));
    let y = 1.0 + 2.0 * &u - 0.5 * &v;
    let x = ndarray::stack![ndarray::Axis(0), u, v];
    let plane = ValueModel::new(|x, p, y| {
        let (u, v) = x.split_at(y.len());
        for ((u, v), y) in u.iter().zip(v).zip(y) {
            *y = p[0] + p[1] * u + p[2] * v;
        }
    });
    let p0 = array![1.0, 1.0, 1.0];
    let options = CurveFitOptions::default();
    let fit = curve_fit(plane, &x, &y, Some(&p0), &options).unwrap();
    for (found, truth) in fit.popt.iter().zip([1.0, 2.0, -0.5]) {
        assert!((found - truth).abs() < 1e-7, "{found} {truth}");
    }
    // The same from a transposed array, whose rows are not contiguous.
    let turned = x.t().as_standard_layout().into_owned();
    let again = curve_fit(plane, &turned.t(), &y, Some(&p0), &options).unwrap();
    assert_eq!(again.popt, fit.popt);
    let error = curve_fit(Model::Gaussian, &x, &y, None, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`predictors` is 2, expected the number that the model takes"
    );
}

#[test]
fn strided_data_give_the_bits_of_contiguous_data() {
    let (x, y) = data(80);
    let options = CurveFitOptions::default();
    let (every_x, every_y) = (x.slice(s![..;-2]), y.slice(s![..;-2]));
    let a = curve_fit(Model::Gaussian, &every_x, &every_y, None, &options).unwrap();
    let (own_x, own_y) = (every_x.to_owned(), every_y.to_owned());
    let b = curve_fit(Model::Gaussian, &own_x, &own_y, None, &options).unwrap();
    assert_eq!(a, b);
}

#[test]
fn omitted_points_leave_the_fit_of_the_others() {
    let (x, y) = data(60);
    let sigma = Array1::linspace(0.01, 0.05, 60);
    let keep: Vec<usize> = (0..60).filter(|i| i % 7 != 3).collect();
    let pick = |a: &Array1<f64>| keep.iter().map(|&i| a[i]).collect::<Array1<f64>>();
    let (few_x, few_y, few_sigma) = (pick(&x), pick(&y), pick(&sigma));
    let (mut holes_x, mut holes_y, mut holes_sigma) = (x.clone(), y.clone(), sigma.clone());
    for i in (0..60).filter(|i| i % 7 == 3) {
        [&mut holes_x, &mut holes_y, &mut holes_sigma][i % 3][i] = f64::NAN;
    }
    let with = |sigma| CurveFitOptions {
        sigma,
        nan_policy: NanPolicy::Omit,
        ..Default::default()
    };
    let expected = curve_fit(
        Model::Gaussian,
        &few_x,
        &few_y,
        None,
        &with(Sigma::points(&few_sigma)),
    );
    let options = with(Sigma::points(&holes_sigma));
    let fit = curve_fit(Model::Gaussian, &holes_x, &holes_y, None, &options).unwrap();
    assert_eq!(fit, expected.unwrap());

    let v = Array2::from_shape_fn((60, 60), |(i, j)| 0.5_f64.powi(i.abs_diff(j) as i32));
    let few_v = Array2::from_shape_fn((keep.len(), keep.len()), |(i, j)| v[[keep[i], keep[j]]]);
    let holes = Array1::from_shape_fn(60, |i| if i % 7 == 3 { f64::NAN } else { y[i] });
    let expected = curve_fit(
        Model::Gaussian,
        &few_x,
        &few_y,
        None,
        &with(Sigma::covariance(&few_v)),
    );
    let fit = curve_fit(
        Model::Gaussian,
        &x,
        &holes,
        None,
        &with(Sigma::covariance(&v)),
    )
    .unwrap();
    assert_eq!(fit, expected.unwrap());
}

#[test]
fn errors_and_panics_of_a_model_come_out() {
    #[derive(Debug, PartialEq)]
    enum Own {
        Negative(f64),
        Ours(Error),
    }
    impl From<Error> for Own {
        fn from(error: Error) -> Self {
            Self::Ours(error)
        }
    }
    let (x, y) = data(20);
    let p0 = array![1.0, 0.5];
    let options = CurveFitOptions::default();
    let fails = TryModel::values(
        |_: &[f64], p: &[f64], _: &mut [f64], _: Option<&mut [f64]>| Err(Own::Negative(p[0])),
    );
    let error = curve_fit(fails, &x, &y, Some(&p0), &options).unwrap_err();
    assert_eq!(error, Own::Negative(1.0));
    let none = Array1::zeros(0);
    let fails = TryModel::values(
        |_: &[f64], _: &[f64], _: &mut [f64], _: Option<&mut [f64]>| Err(Own::Negative(0.0)),
    );
    assert!(matches!(
        curve_fit(fails, &x, &y, Some(&none), &options),
        Err(Own::Ours(_))
    ));
    let panics = |_: f64, _: &[f64]| panic!("no value");
    let run = || curve_fit(panics, &x, &y, Some(&p0), &options);
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"no value"));
}

#[test]
fn a_model_that_is_nan_for_some_parameters_is_kept_out_of_them() {
    // The logarithm is NaN beyond its domain, where the first full step leads.
    let x = Array1::linspace(0.0, 5.0, 40);
    let y = x.mapv(|x: f64| (0.5 + 1.5 * x).ln());
    let nan = Cell::new(false);
    let model = |x: f64, p: &[f64]| {
        let y = (p[0] + p[1] * x).ln();
        nan.set(nan.get() || y.is_nan());
        y
    };
    let p0 = array![30.0, 1.0];
    let fit = curve_fit(model, &x, &y, Some(&p0), &CurveFitOptions::default()).unwrap();
    assert!(nan.get() && fit.status.converged());
    assert!((fit.popt[0] - 0.5).abs() < 1e-6 && (fit.popt[1] - 1.5).abs() < 1e-6);
}

#[test]
fn bounds_hold_and_the_guess_is_pulled_inside() {
    let (x, y) = data(60);
    let mut options = CurveFitOptions::default();
    options.solver.lower = vec![0.0, -1.0, 0.1, 0.15];
    options.solver.upper = vec![1.0, 1.0, 2.0, f64::INFINITY];
    let fit = curve_fit(Model::Gaussian, &x, &y, None, &options).unwrap();
    assert!(fit.status.converged());
    assert_eq!(fit.popt[0], 1.0); // the truth, 1.3 and 0.1, is outside
    assert!(fit.popt[3] >= 0.15);
}
