//! Explicit diffusion in plain Rust; the Fortran and the C are the library's.

use std::mem;
use std::num::NonZeroUsize;

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::pool;

/// Returns `u` after `steps` steps of ratio `r` = D dt / dx², edges closed.
#[pyfunction]
pub(crate) fn heat2d<'py>(
    py: Python<'py>,
    u: PyReadonlyArray2<'py, f64>,
    r: f64,
    steps: usize,
    threads: NonZeroUsize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let shape = u.as_array().dim();
    let mut old: Vec<f64> = u.as_array().iter().copied().collect();
    let (rows, columns) = shape;
    if rows > 0 && columns > 0 {
        let mut new = vec![0.0; old.len()];
        pool::run(py, threads, |threads| {
            for _ in 0..steps {
                let row = |(i, to): (usize, &mut [f64])| step(&old, r, i, to);
                match threads {
                    None => new.chunks_exact_mut(columns).enumerate().for_each(row),
                    Some(_) => new.par_chunks_exact_mut(columns).enumerate().for_each(row),
                }
                mem::swap(&mut old, &mut new);
            }
        })?;
    }
    let u = Array2::from_shape_vec(shape, old).expect("as many cells as before");
    Ok(u.into_pyarray(py))
}

/// Row `i` after one step; a missing neighbour counts as equal to the cell.
fn step(old: &[f64], r: f64, i: usize, to: &mut [f64]) {
    let n = to.len();
    let at = |i: usize| &old[i * n..][..n];
    let (row, above, below) = (
        at(i),
        at(i.saturating_sub(1)),
        at((i + 1).min(old.len() / n - 1)),
    );
    let cell = |j: usize, left: f64, right: f64| {
        let here = row[j];
        here + r * (above[j] - 2.0 * here + below[j]) + r * (left - 2.0 * here + right)
    };
    if n == 1 {
        to[0] = cell(0, row[0], row[0]);
        return;
    }
    to[0] = cell(0, row[0], row[1]);
    for j in 1..n - 1 {
        to[j] = cell(j, row[j - 1], row[j + 1]);
    }
    to[n - 1] = cell(n - 1, row[n - 2], row[n - 1]);
}
