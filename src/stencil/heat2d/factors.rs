//! The factors of the scheme, and whether it is stable with them.

use ndarray::ArrayView2;
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
        Mean::Harmonic => two / (a.recip() + b.recip()),
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
    let bad = |x: &&T| !(x.is_finite() && **x >= T::zero());
    if let Some(bad) = d.iter().find(bad) {
        return Err(Error::Value {
            argument: "diffusivity",
            expected: NOT_NEGATIVE,
            found: bad.to_f64().unwrap_or(f64::NAN),
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
            let mut before = row[n - 1];
            for (j, (f, &here)) in fx.iter_mut().zip(row).enumerate() {
                if j > 0 || periodic {
                    *f = wx * mean(kind, before, here);
                }
                before = here;
            }
        }
        if wy > T::zero() && (i > 0 || periodic) {
            let above = d.row((i + m - 1) % m);
            for (f, (&up, &here)) in fy.iter_mut().zip(above.into_iter().zip(row)) {
                *f = wy * mean(kind, up, here);
            }
        }
    };
    let inner = if edges == Edges::Dirichlet { 1 } else { 0 };
    let sum = |fx: &[T], fy: &[T], i: usize| {
        let below = (i + 1) % m * n;
        let cells = (inner..n.saturating_sub(inner)).map(|j| {
            let after = (j + 1) % n;
            fx[i * n + j] + fx[i * n + after] + fy[i * n + j] + fy[below + j]
        });
        cells.fold(T::zero(), T::max)
    };
    let rows = inner..m.saturating_sub(inner);
    let largest = if parallel {
        (fx.par_chunks_mut(n).zip(fy.par_chunks_mut(n)))
            .enumerate()
            .for_each(fill);
        let sums = rows.into_par_iter().map(|i| sum(&fx, &fy, i));
        sums.reduce(T::zero, T::max)
    } else {
        (fx.chunks_mut(n).zip(fy.chunks_mut(n)))
            .enumerate()
            .for_each(fill);
        rows.map(|i| sum(&fx, &fy, i)).fold(T::zero(), T::max)
    };
    Ok((Factors::Faces(fx, fy), largest.to_f64().unwrap_or(f64::NAN)))
}
