//! The built-in models: values and derivatives against plain formulas, guesses, recovery.

use ferrotran::optimize::{CurveFitOptions, Model, curve_fit};
use ndarray::Array1;

/// A model, parameters to try, the range of x.
pub(crate) const CASES: [(Model, &[f64], [f64; 2]); 9] = [
    (Model::Gaussian, &[1.3, 0.2, 0.7, 0.1], [-4.0, 5.0]),
    (Model::Lorentzian, &[-2.1, 0.4, 0.6, 1.5], [-4.0, 5.0]),
    (Model::PseudoVoigt, &[1.8, -0.3, 0.8, 0.4, 0.2], [-4.0, 5.0]),
    (Model::Exponential, &[2.5, 0.6, 0.3], [0.0, 8.0]),
    (
        Model::DoubleExponential,
        &[2.0, 3.1, 1.2, 0.4, 0.2],
        [0.0, 8.0],
    ),
    (Model::Power, &[1.2, 1.7, 0.4], [0.0, 6.0]),
    (Model::Logistic, &[2.0, 0.3, 1.4, 0.2], [-5.0, 5.0]),
    (
        Model::Polynomial { degree: 3 },
        &[0.3, 1.2, -0.5, 0.25],
        [-2.0, 3.0],
    ),
    (Model::Sine, &[1.4, 0.37, 0.8, 0.2], [-4.0, 9.0]),
];

/// The formulas, by the functions of the standard library.
fn plain(model: Model, x: f64, p: &[f64]) -> f64 {
    match model {
        Model::Gaussian => p[0] * (-(x - p[1]).powi(2) / (2.0 * p[2] * p[2])).exp() + p[3],
        Model::Lorentzian => p[0] / (1.0 + ((x - p[1]) / p[2]).powi(2)) + p[3],
        Model::PseudoVoigt => {
            let z = ((x - p[1]) / p[2]).powi(2);
            p[0] * (p[3] / (1.0 + z) + (1.0 - p[3]) * (-f64::ln(2.0) * z).exp()) + p[4]
        }
        Model::Exponential => p[0] * (-p[1] * x).exp() + p[2],
        Model::DoubleExponential => p[0] * (-p[1] * x).exp() + p[2] * (-p[3] * x).exp() + p[4],
        Model::Power => p[0] * x.powf(p[1]) + p[2],
        Model::Logistic => p[0] / (1.0 + (-p[2] * (x - p[1])).exp()) + p[3],
        Model::Polynomial { .. } => p.iter().rev().fold(0.0, |y, c| y * x + c),
        Model::Sine => p[0] * (std::f64::consts::TAU * p[1] * x + p[2]).sin() + p[3],
        _ => unreachable!(),
    }
}

pub(crate) fn values(model: Model, x: &Array1<f64>, p: &[f64]) -> Array1<f64> {
    let mut y = Array1::zeros(x.len());
    let slice = y.as_slice_mut().unwrap();
    model.values(x.as_slice().unwrap(), p, slice).unwrap();
    y
}

#[test]
fn values_are_those_of_the_formulas() {
    for (model, p, [from, to]) in CASES {
        // Every length of the rest behind whole blocks of eight.
        for m in [1, 2, 7, 8, 9, 15, 16, 17, 64, 101] {
            let x = Array1::linspace(from, to, m);
            let y = values(model, &x, p);
            let size: f64 = p.iter().map(|p| p.abs()).fold(1.0, f64::max);
            for (x, y) in x.iter().zip(&y) {
                // Some ten roundings of terms up to |p| max |x|^3, for the polynomial.
                let size = size * x.abs().powi(3).max(3.0);
                let error = (y - plain(model, *x, p)).abs();
                assert!(
                    error <= 8.0 * f64::EPSILON * size,
                    "{model} at {x}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn values_and_derivatives_are_those_of_50_digits() {
    let table = include_str!("../data/models.csv");
    let (mut p, mut rows) = (Vec::new(), 0);
    for line in table.lines() {
        let mut cells = line.split(',');
        let name = cells.next().unwrap();
        let x = cells.next().unwrap();
        let numbers: Vec<f64> = cells.map(|cell| cell.parse().unwrap()).collect();
        if x.is_empty() {
            p = numbers;
            continue;
        }
        let x: f64 = x.parse().unwrap();
        let case = CASES.iter().find(|(model, ..)| model.name() == name);
        let model = case.unwrap().0;
        let (mut y, mut jac) = ([0.0], vec![0.0; p.len()]);
        model
            .values_and_derivatives(&[x], &p, &mut y, &mut jac)
            .unwrap();
        let found = y.iter().chain(&jac);
        for (found, expected) in found.zip(&numbers) {
            // Rounding z and k x by half an ulp moves an exponential by as many ulps as z^2 and
            // k x are large, at most 56 here. Angles are exact to twice the precision: sine and
            // cosine are off by 2 roundings, times 2 pi |x| for the derivative by frequency.
            let (size, roundings) = match model {
                Model::Sine => (std::f64::consts::TAU * p[0] * x.abs().max(1.0), 2.0),
                _ => (expected.abs().max(1e-3 * p[0].abs()), 60.0),
            };
            let error = (found - expected).abs();
            assert!(
                error <= roundings * f64::EPSILON * size,
                "{name} at {x}: {error:e}"
            );
            rows += 1;
        }
    }
    assert_eq!(rows, 9 * 23 + 23 * (4 + 4 + 5 + 3 + 5 + 3 + 4 + 4 + 4));
}

#[test]
fn derivatives_are_those_of_the_values() {
    for (model, p, [from, to]) in CASES {
        for m in [1, 5, 8, 13, 101] {
            let x = Array1::linspace(from, to, m).to_vec();
            let (mut y, mut jac) = (vec![0.0; m], vec![f64::NAN; m * p.len()]);
            model
                .values_and_derivatives(&x, p, &mut y, &mut jac)
                .unwrap();
            for j in 0..p.len() {
                for i in 0..m {
                    // Central differences with h: error h^2 f'''/6 + eps f / h, h^3 = eps.
                    let h = 6e-6;
                    let mut shifted = p.to_vec();
                    shifted[j] = p[j] + h;
                    let above = plain(model, x[i], &shifted);
                    shifted[j] = p[j] - h;
                    let slope = (above - plain(model, x[i], &shifted)) / (2.0 * h);
                    let error = (jac[j * m + i] - slope).abs();
                    let size = x[i].abs().powi(3).max(1.0) * 30.0;
                    assert!(
                        error <= 1e-10 * size,
                        "{model} by p[{j}] at {}: {error:e}",
                        x[i]
                    );
                }
            }
        }
    }
}

#[test]
fn values_alone_and_with_derivatives_agree_to_two_roundings() {
    for (model, p, [from, to]) in CASES {
        let x = Array1::linspace(from, to, 61);
        let alone = values(model, &x, p);
        let (mut y, mut jac) = (vec![0.0; 61], vec![0.0; 61 * p.len()]);
        model
            .values_and_derivatives(x.as_slice().unwrap(), p, &mut y, &mut jac)
            .unwrap();
        for (a, b) in alone.iter().zip(&y) {
            assert!(
                (a - b).abs() <= 2.0 * f64::EPSILON * a.abs().max(3.0),
                "{model}"
            );
        }
    }
}

#[test]
fn guesses_lead_every_model_to_the_truth() {
    for (model, truth, [from, to]) in CASES {
        let x = Array1::linspace(from, to, 120);
        let y = values(model, &x, truth);
        let fit = curve_fit(model, &x, &y, None, &CurveFitOptions::default()).unwrap();
        assert!(fit.status.converged(), "{model}: {}", fit.status);
        for (found, truth) in fit.popt.iter().zip(truth) {
            // Noise-free data: the steps end when the relative change is below 1.5e-8, and the
            // last one converges quadratically.
            assert!(
                (found - truth).abs() < 1e-7,
                "{model}: {} for {truth:?}",
                fit.popt
            );
        }
    }
}

#[test]
fn guesses_bear_any_data() {
    for (model, ..) in CASES {
        for (x, y) in [
            (vec![], vec![]),
            (vec![1.0], vec![2.0]),
            (vec![1.0; 9], vec![2.0; 9]),
            (vec![0.0, 1.0, f64::NAN], vec![1.0, f64::NAN, 2.0]),
            (vec![1.0, 2.0, 3.0], vec![5.0; 3]),
            (vec![-1e300, 0.0, 1e300], vec![1e300, -1e300, 0.0]),
        ] {
            assert_eq!(model.guess(&x, &y).unwrap().len(), model.parameters());
        }
        assert_eq!(
            model.guess(&[1.0], &[]).unwrap_err().to_string(),
            "`y` has length 0, expected 1"
        );
    }
}

#[test]
fn extreme_arguments_give_limits_not_nan() {
    let value = |model: Model, x: f64, p: &[f64]| {
        let (mut y, mut jac) = ([0.0], vec![0.0; p.len()]);
        model
            .values_and_derivatives(&[x], p, &mut y, &mut jac)
            .unwrap();
        assert!(jac.iter().all(|d| d.is_finite()), "{model} at {x}: {jac:?}");
        y[0]
    };
    assert_eq!(value(Model::Gaussian, 1.0, &[2.0, 0.0, 1e-300, 0.5]), 0.5);
    assert_eq!(value(Model::Gaussian, 0.0, &[2.0, 0.0, 0.0, 0.5]), 2.5);
    assert_eq!(value(Model::Lorentzian, 1.0, &[2.0, 0.0, 0.0, 0.5]), 0.5);
    assert_eq!(value(Model::Logistic, 1e300, &[2.0, 0.0, 1e300, 0.5]), 2.5);
    assert_eq!(value(Model::Logistic, -1e300, &[2.0, 0.0, 1e300, 0.5]), 0.5);
    assert_eq!(value(Model::Exponential, 800.0, &[2.0, 1.0, 0.5]), 0.5);
    assert_eq!(value(Model::Power, 0.0, &[2.0, 0.3, 0.5]), 0.5);
    let mut y = [0.0; 3];
    let p = [1.0, 0.5, 0.0];
    Model::Power
        .values(&[-1.0, f64::NAN, 5e-324], &p, &mut y)
        .unwrap();
    assert!(y[0].is_nan() && y[1].is_nan());
    assert_eq!(y[2], 5e-324_f64.sqrt());
    Model::Exponential
        .values(&[-800.0, f64::NAN, 0.0], &[1.0, 1.0, 0.0], &mut y)
        .unwrap();
    assert!(y[0] == f64::INFINITY && y[1].is_nan() && y[2] == 1.0);
}

#[test]
fn sine_keeps_the_phase_of_a_million_turns() {
    // The product of frequency and x is kept to twice the precision: the error is that of the
    // sine, not 2 pi f x eps = 1e-9.
    let x: Vec<f64> = (0..40).map(|i| 1.0e6 + f64::from(i)).collect();
    let mut y = vec![0.0; 40];
    Model::Sine
        .values(&x, &[1.0, 0.125, 0.0, 0.0], &mut y)
        .unwrap();
    for (x, y) in x.iter().zip(&y) {
        let turns = (x * 0.125).fract();
        let error = (y - (std::f64::consts::TAU * turns).sin()).abs();
        assert!(error <= 4.0 * f64::EPSILON, "{x}: {error:e}");
    }
}

#[test]
fn lengths_are_checked() {
    let error = |x: usize, p: usize, y: usize, jac: usize| {
        let (x, p) = (vec![1.0; x], vec![1.0; p]);
        let (mut y, mut jac) = (vec![0.0; y], vec![0.0; jac]);
        let result = Model::Gaussian.values_and_derivatives(&x, &p, &mut y, &mut jac);
        result.unwrap_err().to_string()
    };
    assert_eq!(error(3, 4, 2, 12), "`y` has length 2, expected 3");
    assert_eq!(error(3, 3, 3, 12), "`p` has length 3, expected 4");
    assert_eq!(error(3, 4, 3, 9), "`jac` has length 9, expected 12");
}
