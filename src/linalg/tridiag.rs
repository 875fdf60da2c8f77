//! Tridiagonal systems, one or a batch.
//!
//! [`solve_tridiagonal`] is for one system, [`par_solve_tridiagonal_batch`] for many: it
//! eliminates 16 systems (32 in single precision) side by side in SIMD registers and spreads
//! blocks of them over the current rayon pool. A system of a batch gets the same bits as alone,
//! with any number of threads. [`solve_tridiagonal_batch`] does it on one thread.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView2, Axis, Slice};
use rayon::prelude::*;

pub(crate) use native::Native;
use native::solve_systems;

use crate::{Error, Real, Result};

mod native;

/// Which rows the elimination may exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pivoting {
    /// Exchanges neighbouring rows so that the larger pivot is used: for any matrix. The
    /// elimination of LAPACK's `gtsv`.
    #[default]
    Partial,
    /// Exchanges nothing, the Thomas algorithm: for matrices that are diagonally dominant or
    /// symmetric positive definite, where it is as accurate (Higham, *Accuracy and Stability of
    /// Numerical Algorithms*, 2nd ed., SIAM 2002, section 9.6) and faster. For others the error
    /// is unbounded.
    None,
}

/// A system of a batch that has no solution, because a pivot is exactly zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SingularSystem {
    /// Index of the system in the batch.
    pub system: usize,
    /// Row of the first zero pivot, counted from 0.
    pub row: usize,
}

/// What [`par_solve_tridiagonal_batch`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct TridiagonalBatch<T> {
    /// The solutions, shape `(batch, n)`; the row of a singular system is NaN.
    pub x: Array2<T>,
    /// The singular systems, in order; empty if every system has a solution.
    pub singular: Vec<SingularSystem>,
}

/// Solves one tridiagonal system by elimination with partial pivoting.
///
/// `d` holds the diagonal, n elements; `dl` the subdiagonal and `du` the superdiagonal, n - 1
/// each (none for n = 0); `b` the right-hand side, n. Any stride is accepted and nothing is
/// copied. NaN in gives NaN out. The computed `x` solves a system whose matrix differs from the
/// given one by at most 4 n ε in norm.
///
/// ```
/// use ndarray::array;
/// let x = ferrotran::linalg::solve_tridiagonal(
///     &array![1.0, 1.0],
///     &array![2.0, 2.0, 2.0],
///     &array![1.0, 1.0],
///     &array![3.0, 4.0, 3.0],
/// )?;
/// assert_eq!(x, array![1.0, 1.0, 1.0]);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Length`] if a length does not fit that of `d`; [`Error::Singular`] if a pivot is
/// exactly zero.
pub fn solve_tridiagonal<T: Real>(
    dl: &ArrayRef1<T>,
    d: &ArrayRef1<T>,
    du: &ArrayRef1<T>,
    b: &ArrayRef1<T>,
) -> Result<Array1<T>> {
    let mut x = Array1::zeros(d.len());
    solve_tridiagonal_into(dl, d, du, b, Pivoting::Partial, &mut x)?;
    Ok(x)
}

/// Solves one tridiagonal system into `x`, with a choice of pivoting.
///
/// As [`solve_tridiagonal`]; `x` has n elements and any stride. The borrow checker keeps it apart
/// from the operands:
///
/// ```compile_fail,E0502
/// use ferrotran::linalg::{Pivoting, solve_tridiagonal_into};
/// let off = ndarray::array![1.0];
/// let d = ndarray::array![2.0, 2.0];
/// let mut b = ndarray::array![3.0, 3.0];
/// solve_tridiagonal_into(&off, &d, &off, &b, Pivoting::None, &mut b).unwrap();
/// ```
///
/// # Errors
///
/// As [`solve_tridiagonal`]. After [`Error::Singular`], `x` is NaN.
pub fn solve_tridiagonal_into<T: Real>(
    dl: &ArrayRef1<T>,
    d: &ArrayRef1<T>,
    du: &ArrayRef1<T>,
    b: &ArrayRef1<T>,
    pivoting: Pivoting,
    x: &mut ArrayRef1<T>,
) -> Result<()> {
    let n = d.len();
    for (argument, found, expected) in [
        ("dl", dl.len(), n.saturating_sub(1)),
        ("du", du.len(), n.saturating_sub(1)),
        ("b", b.len(), n),
        ("x", x.len(), n),
    ] {
        if found != expected {
            return Err(Error::Length {
                argument,
                expected,
                found,
            });
        }
    }
    let row = Axis(0);
    let operands = [dl, d, du, b].map(|a| a.view().insert_axis(row));
    let mut info = [0];
    solve_systems(
        operands,
        x.view_mut().insert_axis(row),
        pivoting,
        &mut Vec::new(),
        &mut info,
    );
    match usize::try_from(info[0] - 1) {
        Ok(row) => Err(Error::Singular { row }),
        Err(_) => Ok(()),
    }
}

/// Solves a batch of tridiagonal systems on this thread.
///
/// As [`par_solve_tridiagonal_batch`], to the last bit.
///
/// # Errors
///
/// [`Error::Shape`] if the shapes do not fit together.
pub fn solve_tridiagonal_batch<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
) -> Result<TridiagonalBatch<T>> {
    let mut x = solution([dl, d, du, b]);
    let singular = solve_tridiagonal_batch_into(dl, d, du, b, Pivoting::Partial, &mut x)?;
    Ok(TridiagonalBatch { x, singular })
}

/// Solves a batch of tridiagonal systems into `x` on this thread, with a choice of pivoting.
///
/// As [`par_solve_tridiagonal_batch_into`], to the last bit.
///
/// # Errors
///
/// [`Error::Shape`] if a shape does not fit that of `x`.
pub fn solve_tridiagonal_batch_into<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
    pivoting: Pivoting,
    x: &mut ArrayRef2<T>,
) -> Result<Vec<SingularSystem>> {
    let operands = broadcast(dl, d, du, b, x.dim())?;
    let mut info = vec![0; x.nrows()];
    solve_systems(operands, x.view_mut(), pivoting, &mut Vec::new(), &mut info);
    Ok(singular(&info))
}

/// Solves a batch of tridiagonal systems on all threads of the current rayon pool.
///
/// `d` and `b` have shape `(batch, n)`, `dl` and `du` `(batch, n - 1)`. An operand with one row
/// is used for the whole batch. Any stride is accepted and nothing is copied; rows that are
/// contiguous are fastest. Elimination is with partial pivoting.
///
/// A singular system is no error: its row is NaN, and the others are right.
///
/// ```
/// use ndarray::array;
/// let batch = ferrotran::linalg::par_solve_tridiagonal_batch(
///     &array![[1.0], [0.0]],
///     &array![[2.0, 2.0], [1.0, 0.0]],
///     &array![[1.0]],
///     &array![[3.0, 3.0]],
/// )?;
/// assert_eq!(batch.x.row(0), array![1.0, 1.0]);
/// assert_eq!((batch.singular[0].system, batch.singular[0].row), (1, 1));
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Shape`] if the shapes do not fit together.
pub fn par_solve_tridiagonal_batch<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
) -> Result<TridiagonalBatch<T>> {
    let mut x = solution([dl, d, du, b]);
    let singular = par_solve_tridiagonal_batch_into(dl, d, du, b, Pivoting::Partial, &mut x)?;
    Ok(TridiagonalBatch { x, singular })
}

/// Solves a batch of tridiagonal systems into `x`, with a choice of pivoting, on all threads of
/// the current rayon pool.
///
/// As [`par_solve_tridiagonal_batch`]; `x` has shape `(batch, n)`. Returns the singular systems.
///
/// # Errors
///
/// [`Error::Shape`] if a shape does not fit that of `x`.
pub fn par_solve_tridiagonal_batch_into<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
    pivoting: Pivoting,
    x: &mut ArrayRef2<T>,
) -> Result<Vec<SingularSystem>> {
    let (batch, n) = x.dim();
    if batch.saturating_mul(n) <= TASK_ROWS / 2 {
        return solve_tridiagonal_batch_into(dl, d, du, b, pivoting, x);
    }
    let operands = broadcast(dl, d, du, b, x.dim())?;
    // Whole blocks, unless that leaves threads without work; speed alone depends on it.
    let share = batch.div_ceil(rayon::current_num_threads());
    let systems = TASK_ROWS.div_ceil(n).next_multiple_of(64).min(share);
    let mut info = vec![0; batch];
    let tasks: Vec<_> = (x.axis_chunks_iter_mut(Axis(0), systems))
        .zip(info.chunks_mut(systems))
        .enumerate()
        .collect();
    tasks
        .into_par_iter()
        .for_each_init(Vec::new, |work, (task, (x, info))| {
            let rows = Slice::from(task * systems..task * systems + info.len());
            let part = operands.each_ref().map(|a| a.slice_axis(Axis(0), rows));
            solve_systems(part, x, pivoting, work, info);
        });
    Ok(singular(&info))
}

/// Rows of all systems of a task; half of it is not worth a second thread.
const TASK_ROWS: usize = 1 << 15;

/// Zeros in the shape of the solution.
fn solution<T: Real>(operands: [&ArrayRef2<T>; 4]) -> Array2<T> {
    let batch = operands
        .into_iter()
        .map(|a| a.nrows())
        .find(|&rows| rows != 1);
    Array2::zeros((batch.unwrap_or(1), operands[1].ncols()))
}

/// The systems with a zero pivot.
fn singular(info: &[isize]) -> Vec<SingularSystem> {
    let found = |(system, &info)| {
        let row = usize::try_from(info - 1).ok()?;
        Some(SingularSystem { system, row })
    };
    info.iter().enumerate().filter_map(found).collect()
}

/// Views the operands in shapes that fit a solution of shape `(batch, n)`, a lone row repeated.
fn broadcast<'a, T>(
    dl: &'a ArrayRef2<T>,
    d: &'a ArrayRef2<T>,
    du: &'a ArrayRef2<T>,
    b: &'a ArrayRef2<T>,
    (batch, n): (usize, usize),
) -> Result<[ArrayView2<'a, T>; 4]> {
    let view = |argument, a: &'a ArrayRef2<T>, columns| {
        let fits = a.ncols() == columns && (a.nrows() == batch || a.nrows() == 1);
        let view = a.broadcast((batch, columns)).filter(|_| fits);
        view.ok_or_else(|| Error::Shape {
            argument,
            expected: vec![batch, columns],
            found: a.shape().to_vec(),
        })
    };
    let off = n.saturating_sub(1);
    Ok([
        view("dl", dl, off)?,
        view("d", d, n)?,
        view("du", du, off)?,
        view("b", b, n)?,
    ])
}
