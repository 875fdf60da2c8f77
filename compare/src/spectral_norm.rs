//! spectral-norm: the power method on an infinite matrix, cut at order n.

use std::num::NonZeroUsize;

use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, size};
use crate::pool;

/// Rows that one thread takes at a time: they stay in the first-level cache.
const ROWS: usize = 256;

/// Returns the estimate of the norm after ten rounds; 0 for order 0.
#[pyfunction]
pub(crate) fn spectral_norm(
    py: Python<'_>,
    language: Language,
    n: usize,
    threads: NonZeroUsize,
) -> PyResult<f64> {
    pool::run(py, threads, |threads| {
        let product = |transposed, v: &[f64], y: &mut [f64]| {
            let share = |(part, y): (usize, &mut [f64])| {
                rows(language, part * ROWS, transposed, v, y);
            };
            match threads {
                None => y.chunks_mut(ROWS).enumerate().for_each(share),
                Some(_) => y.par_chunks_mut(ROWS).enumerate().for_each(share),
            }
        };
        let (mut u, mut v, mut between) = (vec![1.0; n], vec![0.0; n], vec![0.0; n]);
        for _ in 0..10 {
            product(false, &u, &mut between);
            product(true, &between, &mut v);
            product(false, &v, &mut between);
            product(true, &between, &mut u);
        }
        let (mut uv, mut vv) = (0.0, 0.0);
        for (u, v) in u.iter().zip(&v) {
            uv += u * v;
            vv += v * v;
        }
        if n == 0 { 0.0_f64 } else { (uv / vv).sqrt() }
    })
}

/// Rows from `first` on of A v, or of its transpose.
fn rows(language: Language, first: usize, transposed: bool, v: &[f64], y: &mut [f64]) {
    let kernel = match language {
        Language::Fortran => ffi::cmp_spectral_rows_fortran,
        Language::C => ffi::cmp_spectral_rows_c,
        Language::Rust => return rust(first, transposed, v, y),
    };
    let (n, count) = (size(v.len()), size(y.len()));
    let (v, y) = (v.as_ptr(), y.as_mut_ptr());
    // SAFETY: `v` holds n numbers and `y` one for each row; slices do not overlap.
    unsafe { kernel(n, size(first), count, transposed.into(), v, y) };
}

fn rust(first: usize, transposed: bool, v: &[f64], y: &mut [f64]) {
    y.fill(0.0);
    for (j, v) in v.iter().enumerate() {
        let column = j as f64;
        if transposed {
            for (k, y) in y.iter_mut().enumerate() {
                *y += v / divisor(column, (first + k) as f64);
            }
        } else {
            for (k, y) in y.iter_mut().enumerate() {
                *y += v / divisor((first + k) as f64, column);
            }
        }
    }
}

/// 1 / A(i, j), exact below 2^53.
fn divisor(i: f64, j: f64) -> f64 {
    (i + j) * (i + j + 1.0) * 0.5 + i + 1.0
}
