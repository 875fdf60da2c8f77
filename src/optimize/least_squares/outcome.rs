use ndarray::{Array1, Array2, Array3, ShapeBuilder};

use super::{LeastSquaresStatus, LeastSquaresWorkspace, Summary};
use crate::{Error, Result};

/// The least squares as found.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// The parameters (n).
    pub x: Array1<f64>,
    /// Half the sum of the squares of the residuals.
    pub cost: f64,
    /// The residuals at `x` (m).
    pub fun: Array1<f64>,
    /// Their derivatives at `x` (m x n).
    pub jac: Array2<f64>,
    /// The inverse of `J^T J` (n x n); all NaN where `rank` is below n.
    pub cov: Array2<f64>,
    /// Number of columns of the Jacobian that are not combinations of others within roundoff.
    pub rank: usize,
    /// Largest element of the gradient `J^T r` in size, parameters held by a bound left out.
    pub optimality: f64,
    /// Evaluations of the residuals, also those for differences.
    pub nfev: usize,
    /// Evaluations of the derivatives.
    pub njev: usize,
    /// Why the search ended.
    pub status: LeastSquaresStatus,
}

/// The least squares of many starts or parameters, one member per row.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquaresBatch {
    /// The parameters (members x n); NaN where a member was not run.
    pub x: Array2<f64>,
    /// The inverses of `J^T J` (members x n x n); NaN where `rank` is below n.
    pub cov: Array3<f64>,
    /// Half the sums of the squares of the residuals (members).
    pub cost: Array1<f64>,
    /// Largest elements of the gradients (members), parameters held by a bound left out.
    pub optimality: Array1<f64>,
    /// Ranks of the Jacobians (members).
    pub rank: Array1<usize>,
    /// Evaluations of the residuals (members).
    pub nfev: Array1<usize>,
    /// Evaluations of the derivatives (members).
    pub njev: Array1<usize>,
    /// Why each search ended (members).
    pub status: Array1<LeastSquaresStatus>,
}

impl LeastSquares {
    /// The result, or an error where the search did not converge.
    ///
    /// # Errors
    /// [`Error::Accuracy`] with the cost and the optimality.
    pub fn converged(self) -> Result<Self> {
        if self.status.converged() {
            return Ok(self);
        }
        Err(Error::Accuracy {
            reason: self.status.reason(),
            value: self.cost,
            abs_error: self.optimality,
        })
    }

    /// Collects what a search left in its workspace.
    pub(super) fn collect(
        workspace: &LeastSquaresWorkspace,
        summary: &Summary,
        x: Vec<f64>,
        cov: Vec<f64>,
    ) -> Self {
        let (m, n) = (workspace.residuals().len(), x.len());
        let fit = "as many numbers as the shape has";
        let jac = workspace.jacobian().to_vec();
        Self {
            x: Array1::from_vec(x),
            cost: summary.cost,
            fun: Array1::from_vec(workspace.residuals().to_vec()),
            jac: Array2::from_shape_vec((m, n).f(), jac).expect(fit),
            cov: Array2::from_shape_vec((n, n), cov).expect(fit),
            rank: summary.rank,
            optimality: summary.optimality,
            nfev: summary.nfev,
            njev: summary.njev,
            status: summary.status,
        }
    }
}

impl LeastSquaresBatch {
    /// Collects the members of a batch.
    pub(super) fn collect(summaries: &[Summary], n: usize, x: Vec<f64>, cov: Vec<f64>) -> Self {
        let members = summaries.len();
        let fit = "as many numbers as the shape has";
        Self {
            x: Array2::from_shape_vec((members, n), x).expect(fit),
            cov: Array3::from_shape_vec((members, n, n), cov).expect(fit),
            cost: summaries.iter().map(|s| s.cost).collect(),
            optimality: summaries.iter().map(|s| s.optimality).collect(),
            rank: summaries.iter().map(|s| s.rank).collect(),
            nfev: summaries.iter().map(|s| s.nfev).collect(),
            njev: summaries.iter().map(|s| s.njev).collect(),
            status: summaries.iter().map(|s| s.status).collect(),
        }
    }
}
