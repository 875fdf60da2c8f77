//! The factors of the scheme, and whether it is stable with them.

use ndarray::{ArrayView2, ArrayViewMut1, Zip, s};
use rayon::prelude::*;

use super::options::{Diffusivity, Edges, Heat2d, Mean, NOT_NEGATIVE};
use crate::{Error, Real, Result};

/// What the differences of neighbours are multiplied by in one step: D dt / dx² or D dt / dy².
#[derive(Debug)]
pub(super) enum Factors<T> {
    /// Between columns, between rows.
    Constant(T, T),
    /// Of the face before each cell of a row, of the face above each cell.
    Faces(Vec<T>, Vec<T>),
}

impl<T: Real> Factors<T> {
    /// Makes the factors for a grid of this shape, whose axes are exchanged if `turned`, and the
    /// largest sum of the four factors of a cell that moves. With a sum of 1 a cell becomes a
    /// mean of its neighbours; above, the scheme is unstable.
    pub(super) fn of(
        shape: (usize, usize),
        options: &Heat2d<'_, T>,
        turned: bool,
        parallel: bool,
    ) -> Result<(Self, f64)> {
        let (m, n) = shape;
        let (dx, dy) = if turned {
            (options.dy, options.dx)
        } else {
            (options.dx, options.dy)
        };
        let fixed = options.edges == Edges::Dirichlet;
        // A cell that is its own neighbour exchanges nothing with it.
        let weight = |len: usize, h: f64| {
            if len > 1 || fixed {
                options.dt / h / h
            } else {
                0.0
            }
        };
        let (wx, wy) = (weight(n, dx), weight(m, dy));
        let still = m == 0 || n == 0 || (fixed && (m < 3 || n < 3));
        match options.diffusivity {
            Diffusivity::Constant(d) => {
                let (cx, cy) = if d == 0.0 {
                    (0.0, 0.0)
                } else {
                    (d * wx, d * wy)
                };
                let sum = if still { 0.0 } else { 2.0 * (cx + cy) };
                Ok((Self::Constant(real(cx), real(cy)), sum))
            }
            Diffusivity::PerCell(d) => {
                let d = if turned { d.reversed_axes() } else { d };
                faces(d, (wx, wy), options.edges, options.mean, parallel)
            }
        }
    }
}

/// Rounds to the type of the grid.
fn real<T: Real>(x: f64) -> T {
    T::from(x).unwrap_or_else(T::nan)
}

fn mean<T: Real>(kind: Mean, a: T, b: T) -> T {
    let two = T::one() + T::one();
    match kind {
        // 2 a b / (a + b), without a product that over- or underflows.
        Mean::Harmonic => {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            let share = high / (a + b);
            if low > T::zero() {
                two * low * share
            } else {
                T::zero()
            }
        }
        Mean::Arithmetic => (a + b) / two,
    }
}

/// The factors of the faces and the largest sum around a cell that moves.
fn faces<T: Real>(
    d: ArrayView2<'_, T>,
    (wx, wy): (f64, f64),
    edges: Edges,
    kind: Mean,
    parallel: bool,
) -> Result<(Factors<T>, f64)> {
    let (m, n) = d.dim();
    let good = |x: &T| x.is_finite() & (*x >= T::zero());
    if !d.fold(true, |all, x| all & good(x)) {
        let bad = d.iter().find(|x| !good(x));
        return Err(Error::Value {
            argument: "diffusivity",
            expected: NOT_NEGATIVE,
            found: bad.and_then(|x| x.to_f64()).unwrap_or(f64::NAN),
        });
    }
    let (wx, wy) = (real::<T>(wx), real::<T>(wy));
    if d.is_empty() || !(wx + wy).is_finite() {
        let sum = if d.is_empty() { 0.0 } else { f64::INFINITY };
        return Ok((Factors::Faces(Vec::new(), Vec::new()), sum));
    }
    let periodic = edges == Edges::Periodic;
    let mut fx = vec![T::zero(); m * n];
    let mut fy = vec![T::zero(); m * n];
    let fill = |(i, (fx, fy)): (usize, (&mut [T], &mut [T]))| {
        let row = d.row(i);
        if wx > T::zero() {
            Zip::from(ArrayViewMut1::from(&mut fx[1..]))
                .and(row.slice(s![..n - 1]))
                .and(row.slice(s![1..]))
                .for_each(|f, &before, &here| *f = wx * mean(kind, before, here));
            if periodic {
                fx[0] = wx * mean(kind, row[n - 1], row[0]);
            }
        }
        if wy > T::zero() && (i > 0 || periodic) {
            Zip::from(ArrayViewMut1::from(fy))
                .and(d.row((i + m - 1) % m))
                .and(row)
                .for_each(|f, &above, &here| *f = wy * mean(kind, above, here));
        }
    };
    if parallel {
        (fx.par_chunks_mut(n).zip(fy.par_chunks_mut(n)))
            .enumerate()
            .for_each(fill);
    } else {
        (fx.chunks_mut(n).zip(fy.chunks_mut(n)))
            .enumerate()
            .for_each(fill);
    }
    let (inner, row) = (usize::from(edges == Edges::Dirichlet), |i: usize| i % m * n);
    let sum = |i: usize| {
        let (here, below) = (row(i), row(i + 1));
        let (fx, fy, fy_below) = (&fx[here..][..n], &fy[here..][..n], &fy[below..][..n]);
        let cells = (fx.iter().zip(&fx[1..])).zip(fy.iter().zip(fy_below));
        let sums =
            cells.map(|((before, after), (above, below))| (*before + *after) + (*above + *below));
        let largest = sums.skip(inner).fold(T::zero(), larger);
        if inner == 0 {
            larger(largest, (fx[n - 1] + fx[0]) + (fy[n - 1] + fy_below[n - 1]))
        } else {
            largest
        }
    };
    let rows = inner..m.saturating_sub(inner);
    let largest = if parallel {
        rows.into_par_iter().map(sum).reduce(T::zero, larger)
    } else {
        rows.map(sum).fold(T::zero(), larger)
    };
    Ok((Factors::Faces(fx, fy), largest.to_f64().unwrap_or(f64::NAN)))
}

/// The larger of two numbers that are not NaN.
fn larger<T: Real>(a: T, b: T) -> T {
    if a < b { b } else { a }
}
