use ferrotran::optimize::{LeastSquaresOptions, least_squares, least_squares_jac};
use ndarray::{ArrayViewMut2, array};

fn rosenbrock(x: &[f64], r: &mut [f64]) {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
}

fn rosenbrock_jac(x: &[f64], mut jac: ArrayViewMut2<'_, f64>) {
    jac.assign(&array![[-20.0 * x[0], 10.0], [-1.0, 0.0]]);
}

#[test]
fn bounds_hold_parameters() {
    // The minimum over x0 <= 0.5 lies at x0 = 0.5, x1 = 0.25.
    let options = LeastSquaresOptions {
        upper: vec![0.5, f64::INFINITY],
        ..Default::default()
    };
    let x0 = array![-1.2, 1.0];
    for result in [
        least_squares(rosenbrock, 2, &x0, &options).unwrap(),
        least_squares_jac(rosenbrock, rosenbrock_jac, 2, &x0, &options).unwrap(),
    ] {
        assert!(result.status.converged(), "{result:?}");
        assert_eq!(result.x[0], 0.5);
        assert!((result.x[1] - 0.25).abs() < 1e-8, "{result:?}");
    }
}
