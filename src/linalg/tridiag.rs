//! Tridiagonal systems, one or a batch.
//!
//! [`solve_tridiagonal`] is for one system. [`par_solve_tridiagonal`] is for many: it eliminates
//! 16 systems (32 in single precision) side by side in SIMD registers, and spreads blocks of them
//! over the current rayon pool. A system of a batch gets the same bits as alone, with any number
//! of threads.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

use crate::{Error, Real, Result, ffi};

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

/// What [`par_solve_tridiagonal`] returns.
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
/// let batch = ferrotran::linalg::par_solve_tridiagonal(
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
pub fn par_solve_tridiagonal<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
) -> Result<TridiagonalBatch<T>> {
    let rows = [dl, d, du, b].map(|a| a.nrows());
    let batch = rows.into_iter().find(|&rows| rows != 1).unwrap_or(1);
    let mut x = Array2::zeros((batch, d.ncols()));
    let singular = par_solve_tridiagonal_into(dl, d, du, b, Pivoting::Partial, &mut x)?;
    Ok(TridiagonalBatch { x, singular })
}

/// Solves a batch of tridiagonal systems into `x`, with a choice of pivoting, on all threads of
/// the current rayon pool.
///
/// As [`par_solve_tridiagonal`]; `x` has shape `(batch, n)`. Returns the singular systems.
///
/// # Errors
///
/// [`Error::Shape`] if a shape does not fit that of `x`.
pub fn par_solve_tridiagonal_into<T: Real>(
    dl: &ArrayRef2<T>,
    d: &ArrayRef2<T>,
    du: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
    pivoting: Pivoting,
    x: &mut ArrayRef2<T>,
) -> Result<Vec<SingularSystem>> {
    let (batch, n) = x.dim();
    let off = n.saturating_sub(1);
    let operands = [
        broadcast("dl", dl, (batch, off))?,
        broadcast("d", d, (batch, n))?,
        broadcast("du", du, (batch, off))?,
        broadcast("b", b, (batch, n))?,
    ];
    let mut info = vec![0; batch];
    let chunk = systems_per_task(batch, n);
    if chunk >= batch {
        solve_systems(operands, x.view_mut(), pivoting, &mut Vec::new(), &mut info);
    } else {
        let tasks: Vec<_> = x
            .axis_chunks_iter_mut(Axis(0), chunk)
            .zip(info.chunks_mut(chunk))
            .enumerate()
            .collect();
        tasks
            .into_par_iter()
            .for_each_init(Vec::new, |work, (k, (x, info))| {
                let systems = Slice::from(k * chunk..k * chunk + info.len());
                let part = operands.each_ref().map(|a| a.slice_axis(Axis(0), systems));
                solve_systems(part, x, pivoting, work, info);
            });
    }
    let singular = |(system, &info)| {
        let row = usize::try_from(info - 1).ok()?;
        Some(SingularSystem { system, row })
    };
    Ok(info.iter().enumerate().filter_map(singular).collect())
}

/// Views `a` with `shape`, its one row repeated if need be.
fn broadcast<'a, T>(
    argument: &'static str,
    a: &'a ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<ArrayView2<'a, T>> {
    let fits = a.ncols() == shape.1 && (a.nrows() == shape.0 || a.nrows() == 1);
    a.broadcast(shape)
        .filter(|_| fits)
        .ok_or_else(|| Error::Shape {
            argument,
            expected: vec![shape.0, shape.1],
            found: a.shape().to_vec(),
        })
}

/// Systems that one task solves: about 2^15 rows, whole blocks, and no less than all of a batch
/// too small to be worth a second thread. Speed alone depends on it.
fn systems_per_task(batch: usize, n: usize) -> usize {
    const ROWS: usize = 1 << 15;
    if batch.saturating_mul(n) <= ROWS / 2 {
        return batch;
    }
    let share = batch.div_ceil(rayon::current_num_threads());
    ROWS.div_ceil(n).next_multiple_of(64).min(share)
}

/// Solves the systems on this thread. The shapes fit together; `info` has one element for each.
fn solve_systems<T: Real>(
    operands: [ArrayView2<'_, T>; 4],
    mut x: ArrayViewMut2<'_, T>,
    pivoting: Pivoting,
    work: &mut Vec<T>,
    info: &mut [isize],
) {
    let (batch, n) = x.dim();
    debug_assert_eq!(info.len(), batch);
    if batch == 0 || n == 0 {
        return;
    }
    let kernel = match pivoting {
        Pivoting::Partial => T::PIVOT,
        Pivoting::None => T::THOMAS,
    };
    let lowest_x = x.as_mut_ptr().wrapping_offset(-layout(&x)[0]);
    let [dl, d, du, b] = operands
        .each_ref()
        .map(|a| a.as_ptr().wrapping_offset(-layout(a)[0]));
    let [dl_at, d_at, du_at, b_at] = operands.each_ref().map(|a| layout(a));
    let layouts = [dl_at, d_at, du_at, b_at, layout(&x)];
    // SAFETY: the kernel has no precondition but arithmetic on two sizes of arrays that exist.
    let elements = unsafe { (T::WORK)(batch as isize, n as isize) };
    work.resize(
        usize::try_from(elements).unwrap_or(0).max(work.len()),
        T::zero(),
    );
    let mut status = 0;
    // SAFETY: each operand is a view of shape (batch, n) or (batch, n - 1); its pointer, at the
    // lowest address the view reaches, and its layout make the kernel read exactly the view's
    // elements. `x` is an exclusive view of shape (batch, n), so it overlaps none of them.
    // `work` holds the elements the kernel asks for, `info` one per system.
    unsafe {
        kernel(
            batch as isize,
            n as isize,
            layouts.as_flattened().as_ptr(),
            dl,
            d,
            du,
            b,
            lowest_x,
            work.as_mut_ptr(),
            info.as_mut_ptr(),
            &mut status,
        );
    }
}

/// Elements from the lowest address that `a` reaches to its first, and its strides.
fn layout<T>(a: &ArrayRef2<T>) -> [isize; 3] {
    let ahead = |axis: usize| {
        let steps = a.shape()[axis].saturating_sub(1) as isize;
        steps * (-a.strides()[axis]).max(0)
    };
    [ahead(0) + ahead(1), a.strides()[0], a.strides()[1]]
}

/// A kernel: see `ft_tridiag_pivot_f64` in the header.
type Kernel<T> = unsafe fn(
    isize,
    isize,
    *const isize,
    *const T,
    *const T,
    *const T,
    *const T,
    *mut T,
    *mut T,
    *mut isize,
    *mut i32,
);

/// The entry points for one element type.
pub trait Native: Sized {
    /// With partial pivoting.
    const PIVOT: Kernel<Self>;
    /// Without.
    const THOMAS: Kernel<Self>;
    /// Size of the workspace.
    const WORK: unsafe fn(isize, isize) -> isize;
}

impl Native for f64 {
    const PIVOT: Kernel<f64> = ffi::ft_tridiag_pivot_f64;
    const THOMAS: Kernel<f64> = ffi::ft_tridiag_thomas_f64;
    const WORK: unsafe fn(isize, isize) -> isize = ffi::ft_tridiag_work_f64;
}

impl Native for f32 {
    const PIVOT: Kernel<f32> = ffi::ft_tridiag_pivot_f32;
    const THOMAS: Kernel<f32> = ffi::ft_tridiag_thomas_f32;
    const WORK: unsafe fn(isize, isize) -> isize = ffi::ft_tridiag_work_f32;
}
