use std::fmt;

use ndarray::{Array1, Array2, Array3, ArrayViewMut, ArrayViewMut2, ArrayViewMut3, Dimension};

use crate::optimize::LeastSquaresStatus;
use crate::{Error, Result};

/// How a fit ended. Displays as words.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FitStatus {
    /// The solver ran; it says how it ended.
    Solved(LeastSquaresStatus),
    /// `x` or `y` is NaN or infinite somewhere, or `sigma` NaN.
    NonFiniteData,
    /// A standard deviation is zero or negative, or a covariance matrix not positive definite.
    BadSigma,
    /// The starting point is not finite or outside the bounds.
    BadStart,
    /// The points left without those that are NaN are fewer than the parameters.
    TooFewPoints,
    /// The compiled model returned nonzero.
    Stopped,
    /// The batch was stopped before this fit.
    NotRun,
}

impl FitStatus {
    /// Whether a tolerance is met.
    #[must_use]
    pub fn converged(self) -> bool {
        matches!(self, Self::Solved(status) if status.converged())
    }

    /// The status in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Solved(status) => status.reason(),
            Self::NonFiniteData => "the data are not finite",
            Self::BadSigma => "sigma is not positive",
            Self::BadStart => "the starting point is not finite or outside the bounds",
            Self::TooFewPoints => "there are fewer points than parameters",
            Self::Stopped => "the model stopped the fit",
            Self::NotRun => "the batch was stopped before this fit",
        }
    }
}

impl fmt::Display for FitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// What one fit found.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveFit {
    /// The parameters with the least sum of squares.
    pub popt: Array1<f64>,
    /// Their covariance, shape (n, n); infinite where the data do not determine it.
    pub pcov: Array2<f64>,
    /// The weighted residuals: model minus data, over `sigma`.
    pub residuals: Array1<f64>,
    /// Half the sum of their squares.
    pub cost: f64,
    /// Evaluations of the model for residuals.
    pub nfev: usize,
    /// Evaluations of its derivatives.
    pub njev: usize,
    /// How the fit ended.
    pub status: FitStatus,
}

impl CurveFit {
    /// The standard deviations of the parameters: the roots of the diagonal of `pcov`.
    #[must_use]
    pub fn standard_errors(&self) -> Array1<f64> {
        self.pcov.diag().mapv(f64::sqrt)
    }
}

/// What many fits found. A fit that could not be done has NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveFitBatch {
    /// The parameters, shape (batch, n).
    pub popt: Array2<f64>,
    /// Their covariances, shape (batch, n, n); infinite where the data do not determine them.
    pub pcov: Array3<f64>,
    /// Half the sums of squares of the weighted residuals.
    pub cost: Array1<f64>,
    /// Evaluations of the model for residuals.
    pub nfev: Array1<usize>,
    /// How each fit ended.
    pub status: Array1<FitStatus>,
}

impl CurveFitBatch {
    /// Room for `batch` fits of `n` parameters.
    pub(super) fn new(batch: usize, n: usize) -> Self {
        Self {
            popt: Array2::zeros((batch, n)),
            pcov: Array3::zeros((batch, n, n)),
            cost: Array1::zeros(batch),
            nfev: Array1::zeros(batch),
            status: Array1::from_elem(batch, FitStatus::NotRun),
        }
    }

    /// The numbers of the fits that did not converge, in order.
    pub fn failed(&self) -> impl Iterator<Item = usize> + '_ {
        let statuses = self.status.iter().enumerate();
        statuses.filter_map(|(k, status)| (!status.converged()).then_some(k))
    }

    /// The memory, to be written again by [`curve_fit_batch_into`](super::curve_fit_batch_into).
    pub fn view_mut(&mut self) -> CurveFitOutput<'_> {
        CurveFitOutput {
            popt: self.popt.view_mut(),
            pcov: Some(self.pcov.view_mut()),
            cost: self.cost.as_slice_mut(),
            nfev: self.nfev.as_slice_mut(),
            status: self.status.as_slice_mut(),
        }
    }
}

/// Where the results of a batch go; all but the parameters may be left out.
#[derive(Debug)]
pub struct CurveFitOutput<'a> {
    /// The parameters, shape (batch, n).
    pub popt: ArrayViewMut2<'a, f64>,
    /// Their covariances, shape (batch, n, n).
    pub pcov: Option<ArrayViewMut3<'a, f64>>,
    /// Half the sums of squares, one per fit.
    pub cost: Option<&'a mut [f64]>,
    /// Evaluations of the model, one per fit.
    pub nfev: Option<&'a mut [usize]>,
    /// How each fit ended, one per fit.
    pub status: Option<&'a mut [FitStatus]>,
}

impl CurveFitOutput<'_> {
    /// Checks the shapes for `batch` fits of `n` parameters.
    pub(super) fn check(&self, batch: usize, n: usize) -> Result<()> {
        let shapes = [
            ("popt", Some(self.popt.shape()), &[batch, n][..]),
            (
                "pcov",
                self.pcov.as_ref().map(|a| a.shape()),
                &[batch, n, n],
            ),
        ];
        for (argument, found, expected) in shapes {
            if let Some(found) = found.filter(|found| *found != expected) {
                let (expected, found) = (expected.to_vec(), found.to_vec());
                return Err(Error::Shape {
                    argument,
                    expected,
                    found,
                });
            }
        }
        let lengths = [
            ("cost", self.cost.as_ref().map(|a| a.len())),
            ("nfev", self.nfev.as_ref().map(|a| a.len())),
            ("status", self.status.as_ref().map(|a| a.len())),
        ];
        match lengths
            .into_iter()
            .find_map(|(a, l)| Some((a, l.filter(|&l| l != batch)?)))
        {
            Some((argument, found)) => Err(Error::Length {
                argument,
                expected: batch,
                found,
            }),
            None => Ok(()),
        }
    }

    /// The first `count` fits and the rest.
    pub(super) fn split(self, count: usize) -> (Self, Self) {
        let axis = ndarray::Axis(0);
        let (popt, popt2) = self.popt.split_at(axis, count);
        let (pcov, pcov2) = self.pcov.map(|a| a.split_at(axis, count)).unzip();
        let (cost, cost2) = self.cost.map(|a| a.split_at_mut(count)).unzip();
        let (nfev, nfev2) = self.nfev.map(|a| a.split_at_mut(count)).unzip();
        let (status, status2) = self.status.map(|a| a.split_at_mut(count)).unzip();
        let first = Self {
            popt,
            pcov,
            cost,
            nfev,
            status,
        };
        let rest = Self {
            popt: popt2,
            pcov: pcov2,
            cost: cost2,
            nfev: nfev2,
            status: status2,
        };
        (first, rest)
    }

    /// Sets fit `k`; no parameters and no covariance become NaN.
    pub(super) fn set(
        &mut self,
        k: usize,
        (popt, pcov): (&[f64], &[f64]),
        (status, cost, nfev): (FitStatus, f64, usize),
    ) {
        let axis = ndarray::Axis(0);
        fill(self.popt.row_mut(k), popt);
        if let Some(all) = &mut self.pcov {
            fill(all.index_axis_mut(axis, k), pcov);
        }
        if let Some(costs) = &mut self.cost {
            costs[k] = cost;
        }
        if let Some(nfevs) = &mut self.nfev {
            nfevs[k] = nfev;
        }
        if let Some(statuses) = &mut self.status {
            statuses[k] = status;
        }
    }
}

/// Puts the numbers, or NaN if there are none, into the array.
fn fill<D: Dimension>(mut array: ArrayViewMut<'_, f64, D>, numbers: &[f64]) {
    if numbers.is_empty() {
        array.fill(f64::NAN);
    } else {
        array.iter_mut().zip(numbers).for_each(|(a, n)| *a = *n);
    }
}
