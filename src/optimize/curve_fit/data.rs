//! The data of a batch in one shape: rows of points, each its own or one for all.

use ndarray::{
    ArrayRef, ArrayRef2, ArrayView1, ArrayView2, ArrayView3, ArrayViewD, Axis, Dimension,
};

use super::FitModel;
use crate::{Error, Result, ffi};

/// The uncertainty of the data.
#[non_exhaustive]
#[derive(Debug, Clone, Default)]
pub enum Sigma<'a> {
    /// The same for all points, and unknown.
    #[default]
    Equal,
    /// A standard deviation for each point, shape (m,), or (batch, m) in a batch.
    Points(ArrayViewD<'a, f64>),
    /// The covariance matrix of the points, shape (m, m). Its lower triangle is read.
    Covariance(ArrayView2<'a, f64>),
}

impl<'a> Sigma<'a> {
    /// A standard deviation for each point, shape (m,), or (batch, m) in a batch.
    #[must_use]
    pub fn points<D: Dimension>(sigma: &'a ArrayRef<f64, D>) -> Self {
        Self::Points(sigma.view().into_dyn())
    }

    /// The covariance matrix of the points, shape (m, m).
    #[must_use]
    pub fn covariance(matrix: &'a ArrayRef2<f64>) -> Self {
        Self::Covariance(matrix.view())
    }
}

/// [`Sigma`] with its shape checked.
pub(super) enum Weighting<'a> {
    Equal,
    Points(ArrayView2<'a, f64>),
    /// The matrix, and its Cholesky factor by columns; none where it is not positive definite.
    Covariance(ArrayView2<'a, f64>, Option<Vec<f64>>),
}

impl<'a> Weighting<'a> {
    fn new(sigma: &'a Sigma<'_>, m: usize) -> Result<Self> {
        let view = match sigma {
            Sigma::Equal => return Ok(Self::Equal),
            Sigma::Covariance(matrix) if matrix.dim() == (m, m) => {
                let matrix = matrix.view();
                let mut factor = Vec::new();
                let good = cholesky(matrix, 0..m, &mut factor);
                return Ok(Self::Covariance(matrix, good.then_some(factor)));
            }
            Sigma::Covariance(matrix) => return Err(shape("sigma", &[m, m], matrix.shape())),
            Sigma::Points(view) => view.view(),
        };
        let found = view.shape().to_vec();
        let rows = match view.ndim() {
            1 => view.insert_axis(Axis(0)),
            _ => view,
        };
        match rows.into_dimensionality() {
            Ok(rows) if ArrayView2::ncols(&rows) == m => Ok(Self::Points(rows)),
            _ => Err(shape("sigma", &[m], &found)),
        }
    }
}

/// Puts the Cholesky factor, by columns, of the rows and columns `kept` of a matrix into `factor`;
/// false if it has none.
pub(super) fn cholesky(
    matrix: ArrayView2<'_, f64>,
    kept: impl ExactSizeIterator<Item = usize> + Clone,
    factor: &mut Vec<f64>,
) -> bool {
    let m = kept.len();
    factor.clear();
    for column in kept.clone() {
        factor.extend(
            kept.clone()
                .map(|row| matrix[[row.max(column), row.min(column)]]),
        );
    }
    let mut status = 0;
    // SAFETY: `factor` holds m x m numbers.
    unsafe { ffi::ft_cholesky_f64(m as isize, factor.as_mut_ptr(), &mut status) };
    status == ffi::FT_OK
}

/// Views `x` in the shape (batch or 1, predictors, m): in a batch from (m,), (batch, m) or
/// (batch, predictors, m), else from (m,) or (predictors, m).
pub(super) fn points<D: Dimension>(
    x: &ArrayRef<f64, D>,
    in_batch: bool,
) -> Result<ArrayView3<'_, f64>> {
    let mut view = x.view().into_dyn();
    let predictors = Axis(usize::from(in_batch && view.ndim() > 1));
    let most = if in_batch { 3 } else { 2 };
    if view.ndim() == 0 || view.ndim() > most {
        let expected = "1 or 2, in a batch 1 to 3";
        let found = x.ndim() as f64;
        return Err(Error::Value {
            argument: "x.ndim()",
            expected,
            found,
        });
    }
    if view.ndim() < most {
        view = view.insert_axis(predictors);
    }
    if view.ndim() < 3 {
        view = view.insert_axis(Axis(0));
    }
    Ok(view.into_dimensionality().expect("three axes are there"))
}

fn length(argument: &'static str, expected: usize, found: usize) -> Error {
    Error::Length {
        argument,
        expected,
        found,
    }
}

fn shape(argument: &'static str, expected: &[usize], found: &[usize]) -> Error {
    Error::Shape {
        argument,
        expected: expected.to_vec(),
        found: found.to_vec(),
    }
}

/// The data of a batch with their shapes checked.
pub(super) struct Data<'a> {
    x: ArrayView3<'a, f64>,
    y: ArrayView2<'a, f64>,
    p0: Option<ArrayView2<'a, f64>>,
    pub(super) weighting: Weighting<'a>,
    /// Fits.
    pub(super) batch: usize,
    /// Points of a fit.
    pub(super) m: usize,
    /// Parameters.
    pub(super) n: usize,
    /// Numbers in `x` for each point.
    pub(super) predictors: usize,
    /// Whether `x` serves all fits and is finite.
    pub(super) finite_x: bool,
}

impl<'a> Data<'a> {
    /// `x` is as [`points`] leaves it.
    pub(super) fn new<M: FitModel>(
        model: &M,
        x: ArrayView3<'a, f64>,
        y: ArrayView2<'a, f64>,
        p0: Option<ArrayView2<'a, f64>>,
        sigma: &'a Sigma<'_>,
    ) -> Result<Self> {
        let m = y.ncols();
        let (_, predictors, points) = x.dim();
        if points != m {
            return Err(length("x", m, points));
        }
        if predictors == 0 || model.predictors().is_some_and(|k| k != predictors) {
            let expected = match model.predictors() {
                None | Some(0) => "at least 1",
                Some(_) => "the number that the model takes",
            };
            return Err(Error::Value {
                argument: "predictors",
                expected,
                found: predictors as f64,
            });
        }
        let n = match (model.parameters(), p0.map(|p| p.ncols())) {
            (Some(n), Some(found)) if n != found => return Err(length("p0", n, found)),
            (Some(n), _) | (None, Some(n)) => n,
            (None, None) => return Err(length("p0", 1, 0)),
        };
        if n == 0 || m < n {
            let expected = "at least one, and no more than points";
            let found = n as f64;
            return Err(Error::Value {
                argument: "parameters",
                expected,
                found,
            });
        }
        let weighting = Weighting::new(sigma, m)?;
        let sigmas = match weighting {
            Weighting::Points(rows) => rows.nrows(),
            _ => 1,
        };
        let counts = [
            ("y", y.nrows()),
            ("x", x.dim().0),
            ("p0", p0.map_or(1, |p| p.nrows())),
            ("sigma", sigmas),
        ];
        let batch = counts.iter().map(|c| c.1).find(|&b| b != 1).unwrap_or(1);
        match counts.iter().find(|c| c.1 != 1 && c.1 != batch) {
            Some(&(argument, found)) => Err(length(argument, batch, found)),
            None => Ok(Self {
                x,
                y,
                p0,
                weighting,
                batch,
                m,
                n,
                predictors,
                finite_x: x.dim().0 == 1 && x.iter().all(|x| x.is_finite()),
            }),
        }
    }

    /// The points of fit `k`, shape (predictors, m).
    pub(super) fn x(&self, k: usize) -> ArrayView2<'a, f64> {
        let k = if self.x.dim().0 == 1 { 0 } else { k };
        self.x.index_axis_move(Axis(0), k)
    }

    /// The values of fit `k`.
    pub(super) fn y(&self, k: usize) -> ArrayView1<'a, f64> {
        row(self.y, k)
    }

    /// The starting point of fit `k`.
    pub(super) fn p0(&self, k: usize) -> Option<ArrayView1<'a, f64>> {
        self.p0.map(|p| row(p, k))
    }
}

/// Row `k`, or the only one.
pub(super) fn row(rows: ArrayView2<'_, f64>, k: usize) -> ArrayView1<'_, f64> {
    let k = if rows.nrows() == 1 { 0 } else { k };
    rows.index_axis_move(Axis(0), k)
}
