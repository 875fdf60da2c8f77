//! mandelbrot: a bitmap, eight pixels a byte.

use std::num::NonZeroUsize;

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, size, within};
use crate::pool;

/// Returns the bitmap, shape `(n, (n + 7) // 8)`.
#[pyfunction]
pub(crate) fn mandelbrot(
    py: Python<'_>,
    language: Language,
    n: usize,
    threads: NonZeroUsize,
) -> PyResult<Bound<'_, PyArray2<u8>>> {
    within("n", n, 1 << 16)?;
    let width = n.div_ceil(8);
    let mut bits = vec![0; n * width];
    pool::run(py, threads, |threads| {
        let row = |(row, bits): (usize, &mut [u8])| rows(language, n, row, bits);
        match threads {
            None => rows(language, n, 0, &mut bits),
            Some(_) if n > 0 => bits.par_chunks_mut(width).enumerate().for_each(row),
            Some(_) => {}
        }
    })?;
    let bits = Array2::from_shape_vec((n, width), bits).expect("made in this shape");
    Ok(bits.into_pyarray(py))
}

/// Rows from `first` on, as many as fit `bits`.
fn rows(language: Language, n: usize, first: usize, bits: &mut [u8]) {
    let width = n.div_ceil(8).max(1);
    let kernel = match language {
        Language::Fortran => ffi::cmp_mandelbrot_rows_fortran,
        Language::C => ffi::cmp_mandelbrot_rows_c,
        Language::Rust => {
            let rows = bits.chunks_exact_mut(width).zip(first..);
            return rows.for_each(|(bits, row)| rust(n, row, bits));
        }
    };
    let count = bits.len() / width;
    // SAFETY: `bits` holds `count` rows of `width` bytes, and u8 may be written as i8.
    unsafe { kernel(size(n), size(first), size(count), bits.as_mut_ptr().cast()) };
}

/// One row.
fn rust(n: usize, row: usize, bits: &mut [u8]) {
    let ci = 2.0 * row as f64 / n as f64 - 1.0;
    for (k, byte) in bits.iter_mut().enumerate() {
        *byte = eight(n, 8 * k, ci);
    }
}

/// Eight pixels. A point that has escaped stays so: |c| is below 2, and NaN is below nothing.
fn eight(n: usize, column: usize, ci: f64) -> u8 {
    let cr: [f64; 8] = std::array::from_fn(|k| 2.0 * (column + k) as f64 / n as f64 - 1.5);
    let [mut zr, mut zi, mut rr, mut ii] = [[0.0; 8]; 4];
    for _ in 0..10 {
        for _ in 0..5 {
            for k in 0..8 {
                zi[k] = 2.0 * zr[k] * zi[k] + ci;
                zr[k] = rr[k] - ii[k] + cr[k];
                rr[k] = zr[k] * zr[k];
                ii[k] = zi[k] * zi[k];
            }
        }
        if !(0..8).fold(false, |inside, k| inside | (rr[k] + ii[k] <= 4.0)) {
            return 0;
        }
    }
    (0..8).fold(0, |byte, k| {
        2 * byte + u8::from(rr[k] + ii[k] <= 4.0 && column + k < n)
    })
}
