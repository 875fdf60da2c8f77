//! Bad input of every kind, and data that do not determine the parameters.

use ferrotran::Error;
use ferrotran::optimize::{
    CompiledModel, CurveFit, CurveFitOptions, FitStatus, LeastSquaresStatus, Model, ModelFn,
    NanPolicy, Sigma, ValueModel, curve_fit, curve_fit_batch,
};
use ndarray::{Array1, Array2, Array4, array};

fn line() -> (Array1<f64>, Array1<f64>) {
    let x = Array1::linspace(0.0, 1.0, 12);
    let y = 1.0 + 2.0 * &x;
    (x, y)
}

const LINE: Model = Model::Polynomial { degree: 1 };

fn refusal(result: Result<CurveFit, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn shapes_that_disagree_are_named() {
    let (x, y) = line();
    let options = CurveFitOptions::default();
    let short = x.slice(ndarray::s![..7]);
    assert_eq!(
        refusal(curve_fit(LINE, &short, &y, None, &options)),
        "`x` has length 7, expected 12"
    );
    let p0 = array![1.0];
    assert_eq!(
        refusal(curve_fit(LINE, &x, &y, Some(&p0), &options)),
        "`p0` has length 1, expected 2"
    );
    let sigma = Array1::ones(11);
    let with = |sigma| CurveFitOptions {
        sigma,
        ..Default::default()
    };
    let error = refusal(curve_fit(LINE, &x, &y, None, &with(Sigma::points(&sigma))));
    assert_eq!(error, "`sigma` has shape [11], expected [12]");
    let sigma = Array2::ones((3, 12));
    let error = refusal(curve_fit(LINE, &x, &y, None, &with(Sigma::points(&sigma))));
    assert_eq!(error, "`sigma` has length 3, expected 1");
    let matrix = Array2::eye(11);
    let error = refusal(curve_fit(
        LINE,
        &x,
        &y,
        None,
        &with(Sigma::covariance(&matrix)),
    ));
    assert_eq!(error, "`sigma` has shape [11, 11], expected [12, 12]");
    let own = |x: f64, p: &[f64]| p[0] * x;
    assert_eq!(
        refusal(curve_fit(own, &x, &y, None, &options)),
        "`p0` has length 0, expected 1"
    );

    let ys = Array2::zeros((3, 12));
    let xs = Array2::zeros((2, 12));
    let error = curve_fit_batch(LINE, &xs, &ys, None, &options).unwrap_err();
    assert_eq!(error.to_string(), "`x` has length 2, expected 3");
    let p0 = Array2::zeros((4, 2));
    let error = curve_fit_batch(LINE, &x, &ys, Some(&p0), &options).unwrap_err();
    assert_eq!(error.to_string(), "`p0` has length 4, expected 3");
    let none = Array2::zeros((0, 12));
    let error = refusal(curve_fit(
        ValueModel::new(|_, _, _| ()),
        &none,
        &y,
        None,
        &options,
    ));
    assert_eq!(error, "`predictors` is 0, expected at least 1");
    let deep: Array4<f64> = Array4::zeros((1, 1, 1, 12));
    let error = curve_fit_batch(LINE, &deep, &ys, None, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`x.ndim()` is 4, expected 1 or 2, in a batch 1 to 3"
    );
}

#[test]
fn numbers_out_of_their_domain_are_named() {
    let (x, y) = line();
    let options = CurveFitOptions::default();
    let mut hole = y.clone();
    hole[5] = f64::NAN;
    let words = "`x or y` is NaN, expected finite numbers";
    assert_eq!(refusal(curve_fit(LINE, &x, &hole, None, &options)), words);
    assert_eq!(refusal(curve_fit(LINE, &hole, &y, None, &options)), words);
    hole[5] = f64::INFINITY;
    assert_eq!(refusal(curve_fit(LINE, &x, &hole, None, &options)), words);
    for bad in [0.0, -1.0, -0.0] {
        let mut sigma = Array1::ones(12);
        sigma[3] = bad;
        let sigma = Sigma::points(&sigma);
        let options = CurveFitOptions {
            sigma,
            ..Default::default()
        };
        let error = refusal(curve_fit(LINE, &x, &y, None, &options));
        assert!(
            error.starts_with("`sigma` is NaN, expected positive"),
            "{error}"
        );
    }
    let indefinite = Array2::from_elem((12, 12), 1.0);
    let sigma = Sigma::covariance(&indefinite);
    let bad = CurveFitOptions {
        sigma,
        ..Default::default()
    };
    assert!(refusal(curve_fit(LINE, &x, &y, None, &bad)).starts_with("`sigma`"));
    let p0 = array![1.0, f64::NAN];
    assert!(refusal(curve_fit(LINE, &x, &y, Some(&p0), &options)).starts_with("`p0`"));
    let (few_x, few_y) = (array![1.0], array![1.0]);
    let error = refusal(curve_fit(LINE, &few_x, &few_y, None, &options));
    assert_eq!(
        error,
        "`parameters` is 2, expected at least one, and no more than points"
    );
    let all_but_one = Array1::from_shape_fn(12, |i| if i == 3 { 1.0 } else { f64::NAN });
    let omit = CurveFitOptions {
        nan_policy: NanPolicy::Omit,
        ..Default::default()
    };
    let error = refusal(curve_fit(LINE, &x, &all_but_one, None, &omit));
    assert!(error.starts_with("`points`"), "{error}");
}

#[test]
fn options_that_contradict_one_another_are_named() {
    let (x, y) = line();
    let refused = |change: fn(&mut CurveFitOptions<'_>)| {
        let mut options = CurveFitOptions::default();
        change(&mut options);
        refusal(curve_fit(LINE, &x, &y, None, &options))
    };
    let crossed = refused(|o| (o.solver.lower, o.solver.upper) = (vec![0.0, 2.0], vec![1.0, 1.0]));
    assert!(crossed.starts_with("`upper`"), "{crossed}");
    let short = refused(|o| o.solver.lower = vec![0.0]);
    assert_eq!(short, "`lower` has length 1, expected 2");
    assert!(
        refused(|o| o.solver.weights = vec![1.0; 9]).starts_with("`weights` is 1, expected none")
    );
    assert!(refused(|o| o.solver.ftol = f64::NAN).starts_with("`ftol`"));
    assert!(refused(|o| o.solver.max_nfev = Some(0)).starts_with("`max_nfev`"));
    let mut options = CurveFitOptions::default();
    options.solver.lower = vec![0.0, 3.0];
    let p0 = array![1.0, 2.0];
    let error = refusal(curve_fit(LINE, &x, &y, Some(&p0), &options));
    assert!(error.starts_with("`p0`"), "{error}");
}

#[test]
fn without_degrees_of_freedom_the_covariance_is_infinite_unless_sigma_is_absolute() {
    let (x, y) = (array![0.0, 1.0], array![1.0, 3.0]);
    let mut options = CurveFitOptions::default();
    let fit = curve_fit(LINE, &x, &y, None, &options).unwrap();
    assert!(fit.pcov.iter().all(|c| *c == f64::INFINITY));
    assert!((fit.popt[1] - 2.0).abs() < 1e-12);
    let sigma = array![1.0, 1.0];
    options.sigma = Sigma::points(&sigma);
    options.absolute_sigma = true;
    let fit = curve_fit(LINE, &x, &y, None, &options).unwrap();
    // (J' J)^-1 of the points 0 and 1.
    for (c, expected) in fit.pcov.iter().zip([1.0, -1.0, -1.0, 2.0]) {
        assert!((c - expected).abs() < 1e-14, "{}", fit.pcov);
    }
}

#[test]
fn what_the_data_leave_open_has_infinite_covariance() {
    let (x, y) = line();
    let p0 = array![1.0, 1.0, 1.0];
    let options = CurveFitOptions::default();
    let twice = |x: f64, p: &[f64]| p[0] + p[1] + p[2] * x; // two columns are equal
    let fit = curve_fit(twice, &x, &y, Some(&p0), &options).unwrap();
    assert!(fit.pcov.iter().all(|c| *c == f64::INFINITY));
    assert!((fit.popt[0] + fit.popt[1] - 1.0).abs() < 1e-6);
    let unused = |x: f64, p: &[f64]| p[0] + p[2] * x; // a column is zero
    let fit = curve_fit(unused, &x, &y, Some(&p0), &options).unwrap();
    assert!(fit.pcov.iter().all(|c| *c == f64::INFINITY));
    // All points in one place; a constant, whose amplitude may be 0; a peak without a width.
    let one = Array1::ones(12);
    let fit = curve_fit(LINE, &one, &y, None, &options).unwrap();
    assert!(fit.pcov.iter().all(|c| *c == f64::INFINITY));
    let p0 = array![1.0, 5.0, 1e-9, 1.0];
    let fit = curve_fit(Model::Gaussian, &x, &y, Some(&p0), &options).unwrap();
    assert!(fit.pcov.iter().all(|c| *c == f64::INFINITY));
    for (model, ..) in crate::curve_fit_models::CASES {
        let fit = curve_fit(model, &x, &one, None, &options).unwrap();
        assert!(fit.cost < 1e-20, "{model}: {}", fit.cost);
    }
}

#[test]
fn a_model_that_is_not_finite_at_the_start_says_so() {
    let (x, y) = line();
    let p0 = array![1.0];
    let options = CurveFitOptions::default();
    let nan = |_: f64, _: &[f64]| f64::NAN;
    let fit = curve_fit(nan, &x, &y, Some(&p0), &options).unwrap();
    let FitStatus::Solved(status) = fit.status else {
        panic!("{}", fit.status)
    };
    assert!(!fit.status.converged());
    assert_eq!(status.number(), -2);
    assert_eq!(fit.popt, p0);
}

#[test]
fn too_few_evaluations_are_a_status() {
    let (x, y) = line();
    let mut options = CurveFitOptions::default();
    options.solver.max_nfev = Some(1);
    let p0 = array![1.0, 1.0, 1.0];
    let fit = curve_fit(Model::Exponential, &x, &y, Some(&p0), &options).unwrap();
    assert_eq!(
        fit.status,
        FitStatus::Solved(LeastSquaresStatus::MaxEvaluations)
    );
}

#[test]
fn a_compiled_model_stops_its_own_fit_alone() {
    unsafe extern "C" fn fussy(
        _: *mut std::ffi::c_void,
        m: isize,
        _: isize,
        x: *const f64,
        p: *const f64,
        y: *mut f64,
        _: *mut f64,
    ) -> std::ffi::c_int {
        // SAFETY: the contract of a model.
        unsafe {
            for i in 0..m as usize {
                *y.add(i) = *p * *x.add(i);
            }
            std::ffi::c_int::from(*p == 7.0)
        }
    }
    let f: ModelFn = fussy;
    // SAFETY: `fussy` keeps the contract and has no state.
    let model = unsafe { CompiledModel::values(f, std::ptr::null_mut()) };
    let (x, y) = line();
    let options = CurveFitOptions::default();
    let error = curve_fit(model, &x, &y, Some(&array![7.0]), &options).unwrap_err();
    assert_eq!(error, Error::Stopped);
    let ys = y.broadcast((3, 12)).unwrap();
    let p0 = array![[1.0], [7.0], [2.0]];
    let fits = curve_fit_batch(model, &x, &ys, Some(&p0), &options).unwrap();
    assert_eq!(fits.failed().collect::<Vec<_>>(), [1]);
    assert_eq!(fits.status[1], FitStatus::Stopped);
}
