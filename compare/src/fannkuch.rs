//! fannkuch-redux: prefixes of every permutation turned over until the first number is in front.

use std::num::NonZeroUsize;

use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, integer, size, within};
use crate::pool;

/// Returns the checksum and the largest number of flips.
#[pyfunction]
pub(crate) fn fannkuch(
    py: Python<'_>,
    language: Language,
    n: usize,
    threads: NonZeroUsize,
) -> PyResult<(i64, i64)> {
    within("n", n, 12)?;
    let all: usize = (1..=n).product();
    pool::run(py, threads, |threads| {
        let Some(threads) = threads else {
            return part(language, n, 0, all);
        };
        let share = all.div_ceil(16 * threads);
        (0..all.div_ceil(share))
            .into_par_iter()
            .map(|k| part(language, n, k * share, share.min(all - k * share)))
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1.max(b.1)))
    })
}

/// `count` permutations from number `first` on.
fn part(language: Language, n: usize, first: usize, count: usize) -> (i64, i64) {
    let kernel = match language {
        Language::Fortran => ffi::cmp_fannkuch_part_fortran,
        Language::C => ffi::cmp_fannkuch_part_c,
        Language::Rust => return rust(n, first, count),
    };
    let mut result = [0; 2];
    // SAFETY: `n` is at most 12 (checked above), and `result` holds 2 integers.
    unsafe { kernel(size(n), integer(first), integer(count), result.as_mut_ptr()) };
    (result[0], result[1])
}

/// A permutation, and how often each of its prefixes has been rotated.
struct Permutation {
    n: usize,
    p: [u8; 16],
    turns: [u8; 16],
}

impl Permutation {
    /// Number `number`, from 0.
    fn new(n: usize, mut number: usize) -> Self {
        let mut new = Self {
            n,
            p: std::array::from_fn(|k| k as u8),
            turns: [0; 16],
        };
        for last in (1..n).rev() {
            let factorial: usize = (1..=last).product();
            new.turns[last] = (number / factorial) as u8;
            number %= factorial;
            new.p[..=last].rotate_left(new.turns[last].into());
        }
        new
    }

    fn next(&mut self) {
        for last in 1..self.n {
            let front = self.p[0];
            self.p.copy_within(1..=last, 0);
            self.p[last] = front;
            if usize::from(self.turns[last]) < last {
                self.turns[last] += 1;
                return;
            }
            self.turns[last] = 0;
        }
    }

    fn flips(&self) -> i64 {
        let mut q = self.p;
        let mut flips = 0;
        while q[0] != 0 {
            let (mut low, mut high) = (0, usize::from(q[0] & 15));
            while low < high {
                q.swap(low, high);
                low += 1;
                high -= 1;
            }
            flips += 1;
        }
        flips
    }
}

fn rust(n: usize, first: usize, count: usize) -> (i64, i64) {
    let mut permutation = Permutation::new(n, first);
    let (mut checksum, mut most) = (0, 0);
    for number in first..first + count {
        let flips = permutation.flips();
        checksum += if number % 2 == 0 { flips } else { -flips };
        most = flips.max(most);
        permutation.next();
    }
    (checksum, most)
}
