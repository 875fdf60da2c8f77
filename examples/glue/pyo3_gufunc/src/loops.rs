//! The inner loops. NumPy has freed the GIL when it calls one, and reads the floating-point flags
//! after it: what the kernels raise in lanes that they throw away is none of its business.

use std::ffi::{c_char, c_int, c_void};
use std::mem::MaybeUninit;

use numpy::npyffi::PyUFuncObject;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::native::{FT_SINGULAR, ft_erf_f64, ft_tridiag_pivot_f64, ft_tridiag_work_f64};

const DOUBLE: isize = size_of::<f64>() as isize;
/// `FE_INVALID` of `<fenv.h>` on x86-64 and AArch64.
const FE_INVALID: c_int = 1;

/// Room for `fenv_t`, which has 32 bytes on x86-64 and 8 on AArch64.
#[repr(C, align(16))]
struct Environment([u8; 64]);

unsafe extern "C" {
    fn feholdexcept(environment: *mut Environment) -> c_int;
    fn fesetenv(environment: *const Environment) -> c_int;
    fn feraiseexcept(excepts: c_int) -> c_int;
}

/// Runs `work`, puts the flags back, and raises `invalid` if `work` says so.
fn isolate(work: impl FnOnce() -> bool) {
    let mut flags = MaybeUninit::uninit();
    // SAFETY: compiled code does not read the flags, and NumPy runs with all exceptions masked.
    unsafe {
        feholdexcept(flags.as_mut_ptr());
        let invalid = work();
        fesetenv(flags.as_ptr());
        if invalid {
            feraiseexcept(FE_INVALID);
        }
    }
}

/// # Safety
/// As NumPy calls the loop of a ufunc with one input and one output.
pub unsafe extern "C" fn erf(
    args: *mut *mut c_char,
    dims: *mut isize,
    steps: *mut isize,
    _: *mut c_void,
) {
    // SAFETY: by this function's contract; NumPy aligns the elements.
    isolate(|| unsafe {
        let (n, step_x, step_y) = (*dims, *steps, *steps.add(1));
        let (x, y) = ((*args).cast_const(), *args.add(1));
        if (step_x, step_y) == (DOUBLE, DOUBLE) {
            ft_erf_f64(n, x.cast(), y.cast());
        } else {
            for i in 0..n {
                let (x, y) = (x.offset(i * step_x), y.offset(i * step_y));
                ft_erf_f64(1, x.cast(), y.cast());
            }
        }
        false
    });
}

/// The lowest address of an operand with `nsys` x `n` elements, and where they are from there, for
/// strides in bytes.
fn place(start: *mut c_char, nsys: isize, across: isize, n: isize, along: isize) -> Placed {
    let (across, along) = (across / DOUBLE, along / DOUBLE);
    let first = ((1 - nsys) * across).max(0) + ((1 - n) * along).max(0);
    let lowest = start.cast::<f64>().wrapping_offset(-first);
    (lowest, [first, across, along])
}

type Placed = (*mut f64, [isize; 3]);

/// # Safety
/// As NumPy calls the loop of a gufunc `(m),(n),(m),(n)->(n)` that [`core_dims`] lets through.
pub unsafe extern "C" fn solve_tridiagonal(
    args: *mut *mut c_char,
    dims: *mut isize,
    steps: *mut isize,
    _: *mut c_void,
) {
    // SAFETY: by this function's contract; each layout is that of its operand, `work` has the size
    // that is asked for, and `info` one element for each system.
    isolate(|| unsafe {
        let (nsys, m, n) = (*dims, *dims.add(1), *dims.add(2));
        let rows = [m, n, m, n, n];
        let operands: [Placed; 5] = std::array::from_fn(|i| {
            place(
                *args.add(i),
                nsys,
                *steps.add(i),
                rows[i],
                *steps.add(5 + i),
            )
        });
        let layout = operands.map(|(_, layout)| layout);
        let [dl, d, du, b, x] = operands.map(|(lowest, _)| lowest);
        let mut work = vec![0.0; ft_tridiag_work_f64(nsys, n) as usize];
        let mut info = vec![0; nsys as usize];
        let mut status = 0;
        ft_tridiag_pivot_f64(
            nsys,
            n,
            layout.as_ptr().cast(),
            dl,
            d,
            du,
            b,
            x,
            work.as_mut_ptr(),
            info.as_mut_ptr(),
            &mut status,
        );
        status == FT_SINGULAR
    });
}

/// # Safety
/// NumPy calls it with the GIL held and the sizes of m and n.
pub unsafe extern "C" fn core_dims(_: *mut PyUFuncObject, sizes: *mut isize) -> c_int {
    // SAFETY: by this function's contract.
    let (m, n, py) = unsafe { (*sizes, *sizes.add(1), Python::assume_attached()) };
    if n == m + 1 {
        return 0;
    }
    let text = format!("dl and du have length {m}, d and b {n}");
    PyValueError::new_err(text).restore(py);
    -1
}
