//! Tridiagonal systems in plain Rust and plain C; the Fortran is the library's.

use std::num::NonZeroUsize;

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::ffi;
use crate::language::{Language, length, size};
use crate::pool;

/// The scratch of one system: its three diagonals, which elimination overwrites.
type Scratch = [Vec<f64>; 3];

/// Returns the solutions of a batch: `d` and `b` of shape `(batch, n)`, `dl` and `du` of shape
/// `(batch, n - 1)`, all contiguous. A singular system gives NaN.
#[pyfunction]
pub(crate) fn solve_tridiagonal<'py>(
    py: Python<'py>,
    language: Language,
    dl: PyReadonlyArray2<'py, f64>,
    d: PyReadonlyArray2<'py, f64>,
    du: PyReadonlyArray2<'py, f64>,
    b: PyReadonlyArray2<'py, f64>,
    threads: NonZeroUsize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let solve = match language {
        Language::C => c,
        Language::Rust => rust,
        Language::Fortran => {
            return Err(PyValueError::new_err(
                "the Fortran of this kernel is ferrotran.linalg.solve_tridiagonal",
            ));
        }
    };
    let (batch, n) = d.as_array().dim();
    let off = n.saturating_sub(1);
    length("dl", dl.as_array().len(), batch * off)?;
    length("du", du.as_array().len(), batch * off)?;
    length("b", b.as_array().len(), batch * n)?;
    let mut x: Vec<f64> = b.as_array().iter().copied().collect();
    let (dl, d, du) = (dl.as_slice()?, d.as_slice()?, du.as_slice()?);
    let system = |scratch: &mut Scratch, (s, x): (usize, &mut [f64])| {
        let diagonals = [
            &dl[s * off..][..off],
            &d[s * n..][..n],
            &du[s * off..][..off],
        ];
        for (to, from) in scratch.iter_mut().zip(diagonals) {
            to.clear();
            to.extend_from_slice(from);
        }
        solve(scratch, x);
    };
    if n > 0 {
        pool::run(py, threads, |threads| match threads {
            None => {
                let mut scratch = Scratch::default();
                let systems = x.chunks_exact_mut(n).enumerate();
                systems.for_each(|one| system(&mut scratch, one));
            }
            Some(_) => {
                let systems = x.par_chunks_exact_mut(n).enumerate();
                systems.for_each_init(Scratch::default, system);
            }
        })?;
    }
    let x = Array2::from_shape_vec((batch, n), x).expect("as many numbers as in `b`");
    Ok(x.into_pyarray(py))
}

fn c([dl, d, du]: &mut Scratch, x: &mut [f64]) {
    let (dl, d, du) = (dl.as_mut_ptr(), d.as_mut_ptr(), du.as_mut_ptr());
    // SAFETY: `d` and `x` hold n numbers, `dl` and `du` n - 1 (cut so above); none overlaps.
    unsafe { ffi::cmp_tridiagonal_c(size(x.len()), dl, d, du, x.as_mut_ptr()) };
}

/// Elimination with partial pivoting. Golub and Van Loan, *Matrix Computations*, section 4.3.
fn rust([dl, d, du]: &mut Scratch, x: &mut [f64]) {
    let n = x.len();
    for i in 0..n - 1 {
        if d[i].abs() >= dl[i].abs() {
            let factor = dl[i] / d[i];
            d[i + 1] -= factor * du[i];
            x[i + 1] -= factor * x[i];
            dl[i] = 0.0;
        } else {
            let factor = d[i] / dl[i];
            let below = d[i + 1];
            d[i] = dl[i];
            d[i + 1] = du[i] - factor * below;
            du[i] = below;
            dl[i] = 0.0;
            if i + 2 < n {
                dl[i] = du[i + 1];
                du[i + 1] *= -factor;
            }
            x.swap(i, i + 1);
            x[i + 1] -= factor * x[i];
        }
    }
    if d.contains(&0.0) {
        x.fill(f64::NAN);
        return;
    }
    for i in (0..n).rev() {
        let mut sum = x[i];
        if i + 1 < n {
            sum -= du[i] * x[i + 1];
        }
        if i + 2 < n {
            sum -= dl[i] * x[i + 2];
        }
        x[i] = sum / d[i];
    }
}
