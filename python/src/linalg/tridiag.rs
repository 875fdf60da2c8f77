//! `solve_tridiagonal` and `solve_tridiagonal_dominant`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use ferrotran::Real;
use ferrotran::linalg::{Pivoting, solve_tridiagonal_batch_into};
use ndarray::{ArrayView2, ArrayViewMut2, Axis, Ix2, Slice};
use pyo3::prelude::*;

use crate::fpstatus::Flags;
use crate::pool;
use crate::public::Public;
use crate::ufunc::{Batch, Gufunc, Lane, docstring};

/// Nanoseconds for one row of one system.
const COST: f64 = 3.0;
/// Rows of all systems that a thread takes at a time: about 50 microseconds.
const PIECE_ROWS: usize = 1 << 14;

/// Adds both functions.
pub(super) fn add_to(public: &Public<'_, '_>) -> PyResult<()> {
    public.gufunc(&PARTIAL)?;
    public.gufunc(&DOMINANT)
}

/// Solves the systems of a batch; a singular one is NaN and invalid.
fn solve<T: Lane + Real>(batch: &mut Batch<'_, T>, pivoting: Pivoting) -> Flags {
    let x = batch.output::<Ix2>(0);
    let rows = x.len();
    let [mut dl, d, mut du, b] = [0, 1, 2, 3].map(|i| batch.input::<Ix2>(i));
    for off in [&mut dl, &mut du] {
        off.slice_axis_inplace(Axis(1), Slice::from(..d.ncols().saturating_sub(1)));
    }
    let operands = [dl, d, du, b];
    let regular = if pool::worth_threads(rows, COST) {
        spread(&operands, pivoting, x)
    } else {
        serial(&operands, pivoting, x)
    };
    if regular { Flags::NONE } else { Flags::INVALID }
}

/// Solves all systems on this thread and tells whether none is singular.
fn serial<T: Real>(
    [dl, d, du, b]: &[ArrayView2<'_, T>; 4],
    pivoting: Pivoting,
    mut x: ArrayViewMut2<'_, T>,
) -> bool {
    solve_tridiagonal_batch_into(dl, d, du, b, pivoting, &mut x)
        .expect("NumPy keeps to the core dimensions")
        .is_empty()
}

/// Does as [`serial`], to the bit, with the threads of the pool beside this one.
fn spread<T: Real>(
    operands: &[ArrayView2<'_, T>; 4],
    pivoting: Pivoting,
    mut x: ArrayViewMut2<'_, T>,
) -> bool {
    let (batch, n) = x.dim();
    let share = batch.div_ceil(pool::threads());
    let systems = PIECE_ROWS.div_ceil(n).next_multiple_of(64).min(share);
    let pieces = Mutex::new(x.axis_chunks_iter_mut(Axis(0), systems).enumerate());
    let regular = AtomicBool::new(true);
    pool::share(pool::threads(), &|| {
        loop {
            let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((piece, x)) = next else {
                return;
            };
            let rows = Slice::from(piece * systems..piece * systems + x.nrows());
            let part = operands.each_ref().map(|a| a.slice(ndarray::s![rows, ..]));
            if !serial(&part, pivoting, x) {
                regular.store(false, Ordering::Relaxed);
            }
        }
    });
    regular.into_inner()
}

/// Checks the lengths of `dl, d, du, b`. Each has a dimension of its own: NumPy would report
/// two that must agree, and do not, by position only. For n = 1, `dl` and `du` may also have one
/// element, which is not used: dask finds the result's type by a call with all lengths 1.
fn check(lengths: &mut [isize]) -> Result<(), String> {
    let &mut [dl, n, du, b] = lengths else {
        return Err(format!("{} core dimensions, expected 4", lengths.len()));
    };
    let off = (n - 1).max(0);
    for (argument, found, expected) in [("dl", dl, off), ("du", du, off), ("b", b, n)] {
        let probe = argument != "b" && (n, found) == (1, 1);
        if found != expected && !probe {
            return Err(format!(
                "`{argument}` has length {found}, expected {expected}, as `d` has {n}"
            ));
        }
    }
    Ok(())
}

/// What the docstrings of both functions share.
macro_rules! parameters {
    () => {
        "
Leading dimensions count systems; each operand is broadcast against the others, so that one
matrix may serve many right-hand sides. A batch is solved by SIMD side by side and spread
over threads.

Parameters
----------
dl : (..., n - 1) array_like
    Subdiagonals.
d : (..., n) array_like
    Diagonals.
du : (..., n - 1) array_like
    Superdiagonals.
b : (..., n) array_like
    Right-hand sides.
out : (..., n) ndarray, optional
    Where the solutions go; it may be an operand.
**kwargs
    Other arguments of a generalized ufunc, such as `axes`.

Returns
-------
(..., n) ndarray
    Solutions, in float32 if all operands are, else in float64. Where a pivot is exactly
    zero the whole solution is NaN, and the floating-point flag *invalid* is raised.

Raises
------
ValueError
    If the lengths do not fit together.
FloatingPointError
    If a pivot is zero and ``numpy.errstate(invalid='raise')`` is in force.

"
    };
}

static PARTIAL: Gufunc = Gufunc {
    name: c"solve_tridiagonal",
    signature: c"(l),(n),(u),(r)->(n)",
    doc: docstring!(
        "\
Solve tridiagonal systems, one or a batch, for any matrix.

Elimination is with partial pivoting, as in LAPACK's ``gtsv``.
",
        parameters!(),
        "\
See Also
--------
solve_tridiagonal_dominant : Faster; for diagonally dominant matrices.

Notes
-----
The computed solution solves a system whose matrix differs from the given one by at most
``4 n eps`` in norm. A system has the same bits in a batch as alone, with any number of
threads. NaN in an operand makes a solution NaN without a flag.

References
----------
.. [1] G. H. Golub and C. F. Van Loan, *Matrix Computations*, 4th ed., Johns Hopkins
   University Press, 2013, section 4.3.

Examples
--------
>>> from ferrotran.linalg import solve_tridiagonal
>>> solve_tridiagonal([1, 1], [2, 2, 2], [1, 1], [3, 4, 3])
array([1., 1., 1.])

One matrix, two right-hand sides:

>>> solve_tridiagonal([1, 1], [0, 0, 1], [1, 1], [[1, 2, 2], [0, 2, 2]])
array([[1., 1., 1.],
       [0., 0., 2.]])"
    ),
    f64: |batch| solve(batch, Pivoting::Partial),
    f32: |batch| solve(batch, Pivoting::Partial),
    core_dims: check,
};

static DOMINANT: Gufunc = Gufunc {
    name: c"solve_tridiagonal_dominant",
    signature: c"(l),(n),(u),(r)->(n)",
    doc: docstring!(
        "\
Solve diagonally dominant tridiagonal systems, one or a batch.

Elimination is without pivoting, the Thomas algorithm. It is as accurate as
`solve_tridiagonal` if each matrix is diagonally dominant, by rows or by columns, or
symmetric positive definite, as in splines and implicit time steps; nothing checks that. For
other matrices the error is unbounded.
",
        parameters!(),
        "\
See Also
--------
solve_tridiagonal : For any matrix.

References
----------
.. [1] N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM, 2002,
   section 9.6, :doi:`10.1137/1.9780898718027`.

Examples
--------
>>> from ferrotran.linalg import solve_tridiagonal_dominant
>>> solve_tridiagonal_dominant([1, 1], [2, 2, 2], [1, 1], [3, 4, 3])
array([1., 1., 1.])"
    ),
    f64: |batch| solve(batch, Pivoting::None),
    f32: |batch| solve(batch, Pivoting::None),
    core_dims: check,
};
