//! a = b + s c: two loads and a store for each two operations.

use std::num::NonZeroUsize;

use numpy::{PyReadonlyArray1, PyReadwriteArray1};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, length, size};
use crate::pool;

/// Writes `b + s * c` into `a`; all are contiguous.
#[pyfunction]
pub(crate) fn triad(
    py: Python<'_>,
    language: Language,
    s: f64,
    b: PyReadonlyArray1<'_, f64>,
    c: PyReadonlyArray1<'_, f64>,
    mut a: PyReadwriteArray1<'_, f64>,
    threads: NonZeroUsize,
) -> PyResult<()> {
    let (b, c, a) = (b.as_slice()?, c.as_slice()?, a.as_slice_mut()?);
    length("b", b.len(), a.len())?;
    length("c", c.len(), a.len())?;
    pool::run(py, threads, |threads| match threads {
        None => part(language, s, b, c, a),
        Some(threads) => {
            let share = a.len().div_ceil(threads).max(1);
            let operands = b.par_chunks(share).zip(c.par_chunks(share));
            a.par_chunks_mut(share)
                .zip(operands)
                .for_each(|(a, (b, c))| part(language, s, b, c, a));
        }
    })
}

fn part(language: Language, s: f64, b: &[f64], c: &[f64], a: &mut [f64]) {
    let kernel = match language {
        Language::Fortran => ffi::cmp_triad_fortran,
        Language::C => ffi::cmp_triad_c,
        Language::Rust => {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = b + s * c;
            }
            return;
        }
    };
    let n = size(a.len());
    // SAFETY: all three hold n numbers (checked above, and cut alike); slices do not overlap.
    unsafe { kernel(n, s, b.as_ptr(), c.as_ptr(), a.as_mut_ptr()) };
}
