//! The 27 nonlinear sets of NIST's Statistical Reference Datasets, from both starts.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use ferrotran::optimize::{LeastSquares, LeastSquaresOptions, least_squares, least_squares_jac};
use ndarray::{Array1, ArrayViewMut2};

use crate::dual::{Dual, duals};

#[derive(Debug, Default)]
struct Set {
    starts: [Vec<f64>; 2],
    certified: Vec<f64>,
    deviations: Vec<f64>,
    y: Vec<f64>,
    x: Vec<Vec<f64>>,
}

fn sets() -> BTreeMap<&'static str, Set> {
    let mut sets: BTreeMap<&str, Set> = BTreeMap::new();
    let number = |word: &str| word.parse::<f64>().unwrap();
    for line in include_str!("../data/nist/parameters.csv").lines().skip(1) {
        let words: Vec<_> = line.split(',').collect();
        let set = sets.entry(words[0]).or_default();
        set.starts[0].push(number(words[2]));
        set.starts[1].push(number(words[3]));
        set.certified.push(number(words[4]));
        set.deviations.push(number(words[5]));
    }
    for line in include_str!("../data/nist/data.csv").lines().skip(1) {
        let (name, numbers) = line.split_once(',').unwrap();
        let numbers: Vec<_> = numbers.split(',').map(number).collect();
        let set = sets.get_mut(name).unwrap();
        // Nelson's model is that of the logarithm.
        set.y.push(if name == "Nelson" {
            numbers[0].ln()
        } else {
            numbers[0]
        });
        set.x.push(numbers[1..].to_vec());
    }
    sets
}

fn polynomial(b: &[Dual], x: f64) -> Dual {
    b.iter().rev().fold(0.0.into(), |sum, &b| sum * x + b)
}

fn model(name: &str, b: &[Dual], x: &[f64]) -> Dual {
    let v = x[0];
    match name {
        "Bennett5" => b[0] * (b[1] + v).pow(-1.0 / b[2]),
        "BoxBOD" | "Misra1a" => b[0] * (1.0 - (-b[1] * v).exp()),
        "Chwirut1" | "Chwirut2" => (-b[0] * v).exp() / (b[1] + b[2] * v),
        "DanWood" => b[0] * Dual::from(v).pow(b[1]),
        "ENSO" => {
            let wave = |c: Dual, s: Dual, period: Dual| {
                let angle = 2.0 * PI * v / period;
                c * angle.cos() + s * angle.sin()
            };
            b[0] + wave(b[1], b[2], 12.0.into()) + wave(b[4], b[5], b[3]) + wave(b[7], b[8], b[6])
        }
        "Eckerle4" => b[0] / b[1] * (-0.5 * ((v - b[2]) / b[1]).powi(2)).exp(),
        "Gauss1" | "Gauss2" | "Gauss3" => {
            let bell = |k: usize| b[k] * (-((v - b[k + 1]) / b[k + 2]).powi(2)).exp();
            b[0] * (-b[1] * v).exp() + bell(2) + bell(5)
        }
        "Hahn1" | "Thurber" => polynomial(&b[..4], v) / (1.0 + polynomial(&b[4..], v) * v),
        "Kirby2" => polynomial(&b[..3], v) / (1.0 + polynomial(&b[3..], v) * v),
        "Lanczos1" | "Lanczos2" | "Lanczos3" => {
            let decay = |k: usize| b[k] * (-b[k + 1] * v).exp();
            decay(0) + decay(2) + decay(4)
        }
        "MGH09" => b[0] * (v * v + b[1] * v) / (v * v + b[2] * v + b[3]),
        "MGH10" => b[0] * (b[1] / (v + b[2])).exp(),
        "MGH17" => b[0] + b[1] * (-b[3] * v).exp() + b[2] * (-b[4] * v).exp(),
        "Misra1b" => b[0] * (1.0 - (1.0 + b[1] * v / 2.0).powi(-2)),
        "Misra1c" => b[0] * (1.0 - 1.0 / (1.0 + 2.0 * b[1] * v).sqrt()),
        "Misra1d" => b[0] * b[1] * v / (1.0 + b[1] * v),
        "Nelson" => b[0] - b[1] * v * (-b[2] * x[1]).exp(),
        "Rat42" => b[0] / (1.0 + (b[1] - b[2] * v).exp()),
        "Rat43" => b[0] / (1.0 + (b[1] - b[2] * v).exp()).pow(1.0 / b[3]),
        "Roszman1" => b[0] - b[1] * v - (b[2] / (v - b[3])).atan() / PI,
        _ => panic!("no model for {name}"),
    }
}

fn fit(name: &str, set: &Set, start: usize, analytic: bool) -> LeastSquares {
    // Moré's own scaling and first radius, and as much accuracy as there is to be had.
    let options = LeastSquaresOptions {
        ftol: 1e-15,
        xtol: 1e-15,
        gtol: 1e-15,
        max_nfev: Some(10_000),
        ..Default::default()
    };
    let x0 = Array1::from_vec(set.starts[start].clone());
    let f = |b: &[f64], r: &mut [f64]| {
        let b = duals(b, None);
        for ((r, x), y) in r.iter_mut().zip(&set.x).zip(&set.y) {
            *r = model(name, &b, x).value - y;
        }
    };
    let jac = |b: &[f64], mut jac: ArrayViewMut2<'_, f64>| {
        for (j, mut column) in jac.columns_mut().into_iter().enumerate() {
            let b = duals(b, Some(j));
            for (a, x) in column.iter_mut().zip(&set.x) {
                *a = model(name, &b, x).slope;
            }
        }
    };
    if analytic {
        least_squares_jac(f, jac, set.y.len(), &x0, &options).unwrap()
    } else {
        least_squares(f, set.y.len(), &x0, &options).unwrap()
    }
}

/// Digits on which two numbers agree: NIST's log relative error.
fn digits(found: f64, certified: f64) -> f64 {
    let error = ((found - certified) / certified).abs();
    if error.is_nan() {
        0.0
    } else {
        -error.max(1e-11).log10()
    }
}

/// Digits of the worst parameter and of the worst standard deviation.
fn agreement(set: &Set, result: &LeastSquares) -> (f64, f64) {
    let worst = |pairs: &mut dyn Iterator<Item = f64>| pairs.fold(11.0, f64::min);
    let pairs = result.x.iter().zip(&set.certified);
    let parameters = worst(&mut pairs.map(|(&x, &c)| digits(x, c)));
    let freedom = (set.y.len() - set.certified.len()) as f64;
    let variance = 2.0 * result.cost / freedom;
    let pairs = result.cov.diag().into_iter().zip(&set.deviations);
    let deviations = worst(&mut pairs.map(|(&v, &c)| digits((v * variance).sqrt(), c)));
    (parameters, deviations)
}

/// Fits all sets, prints a line each, and returns how many reach `wanted` digits in every
/// parameter.
fn count(start: usize, analytic: bool, wanted: f64) -> usize {
    let mut good = 0;
    for (name, set) in sets() {
        let result = fit(name, &set, start, analytic);
        let (parameters, deviations) = agreement(&set, &result);
        eprintln!(
            "{name:9} {parameters:5.1} {deviations:5.1} {:5} {:?}",
            result.nfev, result.status
        );
        if parameters < wanted {
            continue;
        }
        good += 1;
        assert!(result.status.converged(), "{name}: {}", result.status);
        assert_eq!(result.rank, set.certified.len(), "{name}");
        // The residuals of Lanczos1 are some hundred roundoffs of its data, so that no more
        // than their two leading digits are left.
        let least = if name == "Lanczos1" {
            2.0
        } else {
            wanted - 2.0
        };
        assert!(deviations >= least, "{name}: {deviations} digits");
    }
    good
}

#[test]
fn nist_sets_have_six_digits_from_the_near_start() {
    assert_eq!(count(1, true, 6.0), 27);
}

#[test]
fn nist_sets_have_six_digits_from_the_far_start() {
    assert_eq!(count(0, true, 6.0), 27);
}

/// Forward differences are off by about 1e-8, which shifts the minimum where the residuals are
/// large or the condition is bad: Bennett5 and Lanczos3 stay below six digits. From its far
/// start BoxBOD comes where a derivative is below the resolution of differences.
#[test]
fn nist_sets_have_five_digits_without_derivatives() {
    assert!(count(1, false, 5.0) >= 26);
    assert!(count(0, false, 5.0) >= 25);
}
