//! The longest Collatz chain: integers and branches that no processor foresees.

use std::num::NonZeroUsize;

use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, integer, within};
use crate::pool;

/// Returns the start below `n` of the longest chain, the smallest such, and its number of terms;
/// zeros if there is no start.
#[pyfunction]
pub(crate) fn collatz(
    py: Python<'_>,
    language: Language,
    n: usize,
    threads: NonZeroUsize,
) -> PyResult<(i64, i64)> {
    within("n", n, 1 << 32)?; // no term of these chains leaves 64 bits
    let starts = n.saturating_sub(1);
    pool::run(py, threads, |threads| {
        let Some(threads) = threads else {
            return part(language, 1, starts);
        };
        let share = starts.div_ceil(32 * threads).max(1);
        (0..starts.div_ceil(share))
            .into_par_iter()
            .map(|k| part(language, 1 + k * share, share.min(starts - k * share)))
            .reduce(|| (0, 0), |a, b| if b.1 > a.1 { b } else { a })
    })
}

/// `count` starts from `first` on.
fn part(language: Language, first: usize, count: usize) -> (i64, i64) {
    let (first, count) = (integer(first), integer(count));
    let kernel = match language {
        Language::Fortran => ffi::cmp_collatz_part_fortran,
        Language::C => ffi::cmp_collatz_part_c,
        Language::Rust => return rust(first, count),
    };
    let mut result = [0; 2];
    // SAFETY: `first` is at least 1, and `result` holds 2 integers.
    unsafe { kernel(first, count, result.as_mut_ptr()) };
    (result[0], result[1])
}

fn rust(first: i64, count: i64) -> (i64, i64) {
    let (mut best, mut longest) = (0, 0);
    for start in first..first + count {
        let (mut terms, mut k) = (1, start);
        while k != 1 {
            k = if k % 2 == 0 { k / 2 } else { 3 * k + 1 };
            terms += 1;
        }
        if terms > longest {
            (best, longest) = (start, terms);
        }
    }
    (best, longest)
}
