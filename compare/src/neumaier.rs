//! A compensated sum.

use std::num::NonZeroUsize;

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, size};
use crate::pool;

/// Terms of a part. The parts are the same for any number of threads, so the sum is too.
const PART: usize = 1 << 16;

/// Returns the sum of a contiguous `x`.
#[pyfunction]
pub(crate) fn neumaier(
    py: Python<'_>,
    language: Language,
    x: PyReadonlyArray1<'_, f64>,
    threads: NonZeroUsize,
) -> PyResult<f64> {
    let x = x.as_slice()?;
    pool::run(py, threads, |threads| {
        let sum = |x: &[f64]| part(language, x);
        let parts: Vec<[f64; 2]> = match threads {
            None => x.chunks(PART).map(sum).collect(),
            Some(_) => x.par_chunks(PART).map(sum).collect(),
        };
        let [sum, lost] = part(language, parts.as_flattened());
        sum + lost
    })
}

/// The plain sum and its correction.
fn part(language: Language, x: &[f64]) -> [f64; 2] {
    let kernel = match language {
        Language::Fortran => ffi::cmp_neumaier_fortran,
        Language::C => ffi::cmp_neumaier_c,
        Language::Rust => return rust(x),
    };
    let mut result = [0.0; 2];
    // SAFETY: `x` holds as many numbers as it says, `result` 2.
    unsafe { kernel(size(x.len()), x.as_ptr(), result.as_mut_ptr()) };
    result
}

fn rust(x: &[f64]) -> [f64; 2] {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for &x in x {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() {
            (sum - next) + x
        } else {
            (x - next) + sum
        };
        sum = next;
    }
    [sum, lost]
}
