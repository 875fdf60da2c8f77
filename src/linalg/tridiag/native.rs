//! The crossing into the kernels.

use ndarray::{ArrayRef2, ArrayView2, ArrayViewMut2};

use super::Pivoting;
use crate::{Real, ffi};

/// Solves the systems on this thread. The shapes fit together; `info` has one element for each.
pub(super) fn solve_systems<T: Real>(
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
    // SAFETY: the function is arithmetic on its arguments.
    let elements = unsafe { (T::WORK)(batch as isize, n as isize) };
    let elements = usize::try_from(elements).expect("a few times the size of an array that exists");
    work.resize(elements.max(work.len()), T::zero());
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
