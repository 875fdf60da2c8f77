//! `cargo bench -p ferrotran-benches --bench curve_fit`: batches of fits against the crate
//! `levenberg-marquardt`, in one process.
//!
//! 10^4 gaussians on an offset: amplitude U(.5, 2), mean U(-1.5, 1.5), sigma U(.6, 1.6), offset
//! U(-.2, .2), 64 points on [-5, 5], noise .02, start (1, 0, 1, 0), tolerances 1.49e-8. The peer
//! keeps everything in arrays of fixed size on the stack and its exponentials from residuals to
//! derivatives; it makes no covariance. Answers are compared first; then rounds call each in turn.
//! Printed: the median time of a fit, and the median and quartiles of the ratio to the peer within
//! a round, above 1 where ferrotran is faster. `-- --json FILE` writes the times of all rounds for
//! `make bench`, which makes its table from them.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use ferrotran::optimize::{
    CurveFitBatch, CurveFitOptions, Model, curve_fit_batch_into, par_curve_fit_batch_into,
};
use ferrotran_benches::quartiles;
use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{Const, SMatrix, SVector};
use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, array};
use rayon::prelude::*;

const BATCH: usize = 10_000;
const POINTS: usize = 64;
const ROUNDS: usize = 25;
const TOLERANCE: f64 = 1.49012e-8;

/// `x` and the rows of `y`.
struct Data {
    x: Array1<f64>,
    y: Array2<f64>,
}

/// Parameters and noise by a linear congruential generator.
fn data() -> Data {
    let mut state = 1_u64;
    let mut uniform = |low: f64, high: f64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        low + (high - low) * (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let x = Array1::linspace(-5.0, 5.0, POINTS);
    let mut y = Array2::zeros((BATCH, POINTS));
    for mut row in y.rows_mut() {
        let (a, mean) = (uniform(0.5, 2.0), uniform(-1.5, 1.5));
        let (sigma, offset) = (uniform(0.6, 1.6), uniform(-0.2, 0.2));
        for (y, x) in row.iter_mut().zip(&x) {
            let size = (-2.0 * (1.0 - uniform(0.0, 1.0)).ln()).sqrt();
            let noise = size * (std::f64::consts::TAU * uniform(0.0, 1.0)).cos();
            *y = a * (-0.5 * ((x - mean) / sigma).powi(2)).exp() + offset + 0.02 * noise;
        }
    }
    Data { x, y }
}

/// The peer's fit.
struct Peer<'a> {
    x: &'a [f64],
    y: ArrayView1<'a, f64>,
    p: SVector<f64, 4>,
    exp: SVector<f64, POINTS>,
}

impl LeastSquaresProblem<f64, Const<POINTS>, Const<4>> for Peer<'_> {
    type ParameterStorage = Owned<f64, Const<4>>;
    type ResidualStorage = Owned<f64, Const<POINTS>>;
    type JacobianStorage = Owned<f64, Const<POINTS>, Const<4>>;

    fn set_params(&mut self, p: &SVector<f64, 4>) {
        self.p = *p;
        for (e, x) in self.exp.iter_mut().zip(self.x) {
            let z = (x - p[1]) / p[2];
            *e = (-0.5 * z * z).exp();
        }
    }

    fn params(&self) -> SVector<f64, 4> {
        self.p
    }

    fn residuals(&self) -> Option<SVector<f64, POINTS>> {
        let residual = |i, _| self.p[0] * self.exp[i] + self.p[3] - self.y[i];
        Some(SVector::from_fn(residual))
    }

    fn jacobian(&self) -> Option<SMatrix<f64, POINTS, 4>> {
        let mut jac = SMatrix::<f64, POINTS, 4>::zeros();
        for i in 0..POINTS {
            let z = (self.x[i] - self.p[1]) / self.p[2];
            let by_mean = self.p[0] * self.exp[i] * z / self.p[2];
            jac[(i, 0)] = self.exp[i];
            jac[(i, 1)] = by_mean;
            jac[(i, 2)] = by_mean * z;
            jac[(i, 3)] = 1.0;
        }
        Some(jac)
    }
}

fn peer_row(x: &[f64], y: ArrayView1<'_, f64>, mut popt: ArrayViewMut1<'_, f64>) {
    let mut problem = Peer {
        x,
        y,
        p: SVector::zeros(),
        exp: SVector::zeros(),
    };
    problem.set_params(&SVector::from([1.0, 0.0, 1.0, 0.0]));
    let solver = LevenbergMarquardt::new()
        .with_ftol(TOLERANCE)
        .with_xtol(TOLERANCE)
        .with_gtol(0.0);
    let (problem, report) = solver.minimize(problem);
    assert!(report.termination.was_successful(), "{report:?}");
    popt.iter_mut()
        .zip(problem.p.iter())
        .for_each(|(o, p)| *o = *p);
}

fn peer(data: &Data, results: &mut CurveFitBatch) {
    let x = data.x.as_slice().expect("a new array is contiguous");
    for (y, popt) in data.y.rows().into_iter().zip(results.popt.rows_mut()) {
        peer_row(x, y, popt);
    }
}

fn par_peer(data: &Data, results: &mut CurveFitBatch) {
    let x = data.x.as_slice().expect("a new array is contiguous");
    let rows: Vec<_> = (data.y.rows().into_iter().zip(results.popt.rows_mut())).collect();
    let rows = rows.into_par_iter().with_min_len(64);
    rows.for_each(|(y, popt)| peer_row(x, y, popt));
}

fn ours(data: &Data, results: &mut CurveFitBatch, parallel: bool) {
    let p0 = array![[1.0, 0.0, 1.0, 0.0]];
    let options = CurveFitOptions::default();
    let (model, output) = (Model::Gaussian, results.view_mut());
    let run = match parallel {
        true => par_curve_fit_batch_into(model, &data.x, &data.y, Some(&p0), &options, output),
        false => curve_fit_batch_into(model, &data.x, &data.y, Some(&p0), &options, output),
    };
    run.expect("the shapes fit together");
}

fn main() {
    type Call = fn(&Data, &mut CurveFitBatch);
    let calls: [(&str, Call); 4] = [
        ("levenberg-marquardt", peer),
        ("ferrotran", |d, r| ours(d, r, false)),
        ("levenberg-marquardt, rayon", par_peer),
        ("ferrotran, rayon", |d, r| ours(d, r, true)),
    ];
    let data = data();
    let p0 = array![[1.0, 0.0, 1.0, 0.0]];
    let options = CurveFitOptions::default();
    let fits = ferrotran::optimize::curve_fit_batch(
        Model::Gaussian,
        &data.x,
        &data.y,
        Some(&p0),
        &options,
    );
    let mut results = fits.expect("the shapes fit together");
    assert_eq!(results.failed().count(), 0, "every fit converges");
    let reference = results.popt.clone();
    let evaluations = results.nfev.sum() as f64 / BATCH as f64;
    println!("{evaluations:.2} evaluations per fit");
    for (who, call) in calls {
        call(&data, &mut results);
        for (found, expected) in results.popt.iter().zip(&reference) {
            // Each ends where a step is below 1.5e-8 of the scaled parameters.
            let difference = (found.abs() - expected.abs()).abs();
            assert!(difference < 1e-6, "{who}: {difference:e}");
        }
    }
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for ((_, call), times) in calls.iter().zip(&mut times) {
            let start = Instant::now();
            call(&data, &mut results);
            times.push(start.elapsed().as_secs_f64() * 1e6 / BATCH as f64);
        }
    }
    for (k, (who, _)) in calls.iter().enumerate() {
        let [_, median, _] = quartiles(times[k].clone());
        let peer = &times[k / 2 * 2];
        let ratios = peer.iter().zip(&times[k]).map(|(peer, ours)| peer / ours);
        let [low, ratio, high] = quartiles(ratios.collect());
        println!("{who:<28} {median:>7.3} us/fit   ratio {ratio:>5.2} ({low:.2} to {high:.2})");
    }
    let mut arguments = std::env::args().skip_while(|argument| argument != "--json");
    if let Some(file) = arguments.nth(1) {
        let threads = rayon::current_num_threads();
        let pair = |name, threads, k: usize| {
            let (peer, ours) = (&times[k], &times[k + 1]);
            format!(
                r#"{{"case": "{name}", "threads": {threads}, "peer": {peer:?}, "ours": {ours:?}}}"#
            )
        };
        let serial = pair("optimize::curve_fit_batch", 1, 0);
        let parallel = pair("optimize::par_curve_fit_batch", threads, 2);
        std::fs::write(&file, format!("[{serial}, {parallel}]\n"))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}
