//! `integrate`: a Python function called from Fortran.

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use pyo3::prelude::*;

use crate::native::ft_quad_f64;

/// What the callback finds behind `ctx`.
struct Call<'py> {
    f: Bound<'py, PyAny>,
    error: Option<PyErr>,
}

/// Calls the Python function at each node; keeps its exception.
///
/// # Safety
/// `ctx` is a [`Call`] that nobody else uses; `x` and `y` have `n` elements.
unsafe extern "C" fn nodes(ctx: *mut c_void, n: isize, x: *const f64, y: *mut f64) -> c_int {
    // SAFETY: by this function's contract.
    let (call, x, y) = unsafe {
        let n = n as usize;
        let x = slice::from_raw_parts(x, n);
        (
            &mut *ctx.cast::<Call<'_>>(),
            x,
            slice::from_raw_parts_mut(y, n),
        )
    };
    for (&x, y) in x.iter().zip(y) {
        match call.f.call1((x,)).and_then(|value| value.extract()) {
            Ok(value) => *y = value,
            Err(error) => {
                call.error = Some(error);
                return 1;
            }
        }
    }
    0
}

/// Integrate `f` from `a` to `b`; return the integral and an estimate of its error.
#[pyfunction]
pub fn integrate(f: Bound<'_, PyAny>, a: f64, b: f64) -> PyResult<(f64, f64)> {
    const LIMIT: usize = 50;
    let mut call = Call { f, error: None };
    let [mut alist, mut blist, mut rlist, mut elist] = [[0.0; LIMIT]; 4];
    let [mut iord, mut level, mut ndin] = [[0; LIMIT]; 3];
    let (mut value, mut error, mut neval, mut last, mut status) = (0.0, 0.0, 0, 0, 0);
    // SAFETY: the lists have LIMIT elements, and `nodes` gets the `Call` that it expects.
    unsafe {
        ft_quad_f64(
            nodes,
            ptr::from_mut(&mut call).cast(),
            a,
            b,
            0,
            ptr::null(),
            1.5e-8,
            1.5e-8,
            LIMIT as isize,
            alist.as_mut_ptr(),
            blist.as_mut_ptr(),
            rlist.as_mut_ptr(),
            elist.as_mut_ptr(),
            iord.as_mut_ptr(),
            level.as_mut_ptr(),
            ndin.as_mut_ptr(),
            &mut value,
            &mut error,
            &mut neval,
            &mut last,
            &mut status,
        );
    }
    call.error.map_or(Ok((value, error)), Err)
}
