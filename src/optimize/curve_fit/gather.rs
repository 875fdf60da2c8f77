//! The points of one fit, as the kernel takes them.

use ndarray::{ArrayView1, ArrayView2};

use super::data::{Data, Weighting, cholesky, row};
use super::{FitStatus, NanPolicy};

/// Memory for what cannot be taken where it lies.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    x: Vec<f64>,
    y: Vec<f64>,
    weight: Vec<f64>,
    factor: Vec<f64>,
    /// The points that are not NaN.
    kept: Vec<usize>,
}

/// Contiguous data: points by predictor, values, and what [`ft_curve_fit`](crate::ffi::ft_curve_fit)
/// calls weight and factor, empty where there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gathered<'a> {
    pub(super) x: &'a [f64],
    pub(super) y: &'a [f64],
    pub(super) weight: &'a [f64],
    pub(super) factor: &'a [f64],
}

impl Gatherer {
    /// The data of fit `k`, or what is wrong with them. A `y` that is not finite is left to the
    /// residuals, which it spoils.
    pub(super) fn gather<'a>(
        &'a mut self,
        data: &'a Data<'_>,
        k: usize,
        policy: NanPolicy,
    ) -> Result<Gathered<'a>, FitStatus> {
        let (x, y) = (data.x(k), data.y(k));
        let sigma = match data.weighting {
            Weighting::Points(rows) => Some(row(rows, k)),
            _ => None,
        };
        let omit = policy == NanPolicy::Omit && self.keep(x, y, sigma);
        if omit && self.kept.len() < data.n {
            return Err(FitStatus::TooFewPoints);
        }
        self.weigh(sigma, omit)?;
        let kept = omit.then_some(self.kept.as_slice());
        let factor = match (&data.weighting, kept) {
            (Weighting::Covariance(matrix, _), Some(kept)) => {
                let good = cholesky(*matrix, kept.iter().copied(), &mut self.factor);
                good.then_some(self.factor.as_slice())
            }
            (Weighting::Covariance(_, factor), None) => factor.as_deref(),
            _ => Some(&[][..]),
        };
        let x = match (kept, x.to_slice()) {
            (None, Some(x)) => x,
            (None, None) => filled(&mut self.x, x.iter().copied()),
            (Some(kept), _) => {
                let rows = x.rows().into_iter();
                let points = rows.flat_map(|row| kept.iter().map(move |&i| row[i]));
                filled(&mut self.x, points)
            }
        };
        if !data.finite_x && !x.iter().all(|x| x.is_finite()) {
            return Err(FitStatus::NonFiniteData);
        }
        let y = match (kept, y.to_slice()) {
            (None, Some(y)) => y,
            (None, None) => filled(&mut self.y, y.iter().copied()),
            (Some(kept), _) => filled(&mut self.y, kept.iter().map(|&i| y[i])),
        };
        Ok(Gathered {
            x,
            y,
            weight: &self.weight,
            factor: factor.ok_or(FitStatus::BadSigma)?,
        })
    }

    /// Lists the points that are not NaN; false if all are kept.
    fn keep(
        &mut self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sigma: Option<ArrayView1<'_, f64>>,
    ) -> bool {
        let good = |&i: &usize| {
            let sigma = sigma.is_none_or(|sigma| !sigma[i].is_nan());
            sigma && !y[i].is_nan() && x.column(i).iter().all(|x| !x.is_nan())
        };
        self.kept.clear();
        self.kept.extend((0..y.len()).filter(good));
        self.kept.len() < y.len()
    }

    /// Inverts the standard deviations, those of the points kept.
    fn weigh(&mut self, sigma: Option<ArrayView1<'_, f64>>, omit: bool) -> Result<(), FitStatus> {
        self.weight.clear();
        let Some(sigma) = sigma else { return Ok(()) };
        if omit {
            self.weight
                .extend(self.kept.iter().map(|&i| 1.0 / sigma[i]));
        } else {
            self.weight.extend(sigma.iter().map(|s| 1.0 / s));
        }
        if self.weight.iter().any(|w| w.is_nan()) {
            return Err(FitStatus::NonFiniteData);
        }
        match self
            .weight
            .iter()
            .all(|&w| (0.0..f64::INFINITY).contains(&w))
        {
            true => Ok(()),
            false => Err(FitStatus::BadSigma),
        }
    }
}

/// The memory with other content.
fn filled(memory: &mut Vec<f64>, content: impl Iterator<Item = f64>) -> &[f64] {
    memory.clear();
    memory.extend(content);
    memory
}
