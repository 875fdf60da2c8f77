//! Starting points from the data.

use super::{FitModel, Model};

/// Most half periods over the range of x that are tried for a sine.
const HALF_PERIODS: usize = 512;
/// Points whose values are in memory at a time.
const BLOCK: usize = 64;

/// Puts a starting point into `p`; what the data do not tell stays as it is.
pub(super) fn guess(model: Model, x: &[f64], y: &[f64], p: &mut [f64]) {
    let Some(data) = Data::new(x, y) else { return };
    match model {
        Model::Gaussian => data.peak(p, 1.0 / (8.0 * f64::ln(2.0)).sqrt()),
        Model::Lorentzian => data.peak(p, 0.5),
        Model::PseudoVoigt => {
            data.peak(&mut p[..4], 0.5);
            p[4] = p[3];
            p[3] = 0.5;
        }
        Model::Polynomial { .. } => {
            p.fill(0.0);
            p[0] = data.mean;
        }
        Model::Exponential => {
            let rates = (-3..=6).map(|k| 2f64.powi(k) / data.range);
            let rates = rates.flat_map(|rate| [rate, -rate]);
            if let Some(([rate], [a], c)) = data.best(model, rates.map(|r| [[1.0, r, 0.0]]), [1]) {
                p.copy_from_slice(&[a, rate, c]);
            }
        }
        Model::DoubleExponential => {
            let rate = move |k| 2f64.powi(k) / data.range;
            let pairs = (-1..=6).flat_map(|k| (-1..k).map(move |l| (rate(k), rate(l))));
            let trials = pairs.map(|(k, l)| [[1.0, k, 0.0, 1.0, 0.0], [0.0, k, 1.0, l, 0.0]]);
            if let Some(([k, l], [a, b], c)) = data.best(model, trials, [1, 3]) {
                p.copy_from_slice(&[a, k, b, l, c]);
            }
        }
        Model::Power => {
            let exponents = (-8..=8).filter(|&k| k != 0).map(|k| 0.5 * f64::from(k));
            let trials = exponents.map(|b| [[1.0, b, 0.0]]);
            if let Some(([b], [a], c)) = data.best(model, trials, [1]) {
                p.copy_from_slice(&[a, b, c]);
            }
        }
        Model::Logistic => {
            let centers = (1..8).map(|k| data.least + data.range * f64::from(k) / 8.0);
            let rates = (1..=6).map(|k| 2f64.powi(k) / data.range);
            let trials = centers.flat_map(|m| rates.clone().map(move |k| [[1.0, m, k, 0.0]]));
            if let Some(([m, k], [a], c)) = data.best(model, trials, [1, 2]) {
                p.copy_from_slice(&[a, m, k, c]);
            }
        }
        Model::Sine => {
            let most = x.len().min(HALF_PERIODS);
            let quarter = std::f64::consts::FRAC_PI_2;
            let trials = (1..=most).map(|k| {
                let f = 0.5 * k as f64 / data.range;
                [[1.0, f, 0.0, 0.0], [1.0, f, quarter, 0.0]]
            });
            if let Some(([f], [sine, cosine], c)) = data.best(model, trials, [1]) {
                p.copy_from_slice(&[sine.hypot(cosine), f, cosine.atan2(sine), c]);
            }
        }
    }
}

/// The data and what a first pass over them finds.
#[derive(Clone, Copy)]
struct Data<'a> {
    x: &'a [f64],
    y: &'a [f64],
    least: f64,
    range: f64,
    mean: f64,
}

impl<'a> Data<'a> {
    /// Nothing without two different, finite x.
    fn new(x: &'a [f64], y: &'a [f64]) -> Option<Self> {
        let least = x.iter().copied().fold(f64::INFINITY, f64::min);
        let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        let range = most - least;
        (range > 0.0 && range.is_finite() && mean.is_finite()).then_some(Self {
            x,
            y,
            least,
            range,
            mean,
        })
    }

    /// Amplitude, center, width as a share of the full width at half maximum, offset.
    fn peak(&self, p: &mut [f64], share: f64) {
        let at = |better: fn(&f64, &f64) -> bool| {
            (1..self.y.len()).fold(0, |k, i| if better(&self.y[i], &self.y[k]) { i } else { k })
        };
        let (high, low) = (at(f64::gt), at(f64::lt));
        let up = self.y[high] - self.mean >= self.mean - self.y[low];
        let (top, foot) = if up { (high, low) } else { (low, high) };
        let (offset, amplitude) = (self.y[foot], self.y[top] - self.y[foot]);
        let above = |y: &&f64| (**y - offset) * amplitude.signum() > 0.5 * amplitude.abs();
        let count = self.y.iter().filter(above).count().max(1);
        let full = self.range * count as f64 / (self.y.len() - 1) as f64;
        p.copy_from_slice(&[amplitude, self.x[top], full * share, offset]);
    }

    /// The best of the trials: the parameters at `places` of its first basis function (at the
    /// last of `places` for the last one), amplitudes of the basis functions, offset.
    fn best<const N: usize, const K: usize, const Q: usize>(
        &self,
        model: Model,
        trials: impl Iterator<Item = [[f64; N]; K]>,
        places: [usize; Q],
    ) -> Option<([f64; Q], [f64; K], f64)> {
        let mut best = None;
        let mut most = 0.0;
        for trial in trials {
            if let Some((gain, amplitudes, offset)) = self.project(model, &trial)
                && gain > most
            {
                most = gain;
                best = Some((places.map(|k| trial[K - 1][k]), amplitudes, offset));
            }
        }
        best
    }

    /// Linear least squares with one or two basis functions and a constant: by how much they
    /// lower the sum of squares, their amplitudes, the constant.
    fn project<const N: usize, const K: usize>(
        &self,
        model: Model,
        basis: &[[f64; N]; K],
    ) -> Option<(f64, [f64; K], f64)> {
        let (mut sum, mut with_y, mut squares) = ([0.0; K], [0.0; K], [[0.0; K]; K]);
        for (x, y) in self.x.chunks(BLOCK).zip(self.y.chunks(BLOCK)) {
            let mut values = [[0.0; BLOCK]; K];
            for (values, p) in values.iter_mut().zip(basis) {
                model.evaluate(x, p, &mut values[..x.len()], None).ok()?;
            }
            for j in 0..K {
                for (i, y) in y.iter().enumerate() {
                    sum[j] += values[j][i];
                    with_y[j] += values[j][i] * (y - self.mean);
                    for k in 0..=j {
                        squares[j][k] += values[j][i] * values[k][i];
                    }
                }
            }
        }
        let m = self.x.len() as f64;
        let centred = |j: usize, k: usize| squares[j][k] - sum[j] * sum[k] / m;
        let mut amplitudes = [0.0; K];
        let first = centred(0, 0);
        if K == 1 {
            amplitudes[0] = with_y[0] / first;
        } else {
            let (mixed, second) = (centred(1, 0), centred(1, 1));
            let determinant = first * second - mixed * mixed;
            if determinant <= 1e-12 * first * second {
                return None;
            }
            amplitudes[0] = (with_y[0] * second - with_y[1] * mixed) / determinant;
            amplitudes[1] = (with_y[1] * first - with_y[0] * mixed) / determinant;
        }
        if first <= 1e-12 * squares[0][0] {
            return None;
        }
        let gain = (0..K).map(|j| amplitudes[j] * with_y[j]).sum::<f64>();
        let offset = self.mean - (0..K).map(|j| amplitudes[j] * sum[j] / m).sum::<f64>();
        gain.is_finite().then_some((gain, amplitudes, offset))
    }
}
