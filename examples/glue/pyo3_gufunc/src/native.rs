//! The prototypes of the kernels, and the values of `ferrotran_status.def`.

use std::ffi::{c_int, c_void};

pub const FT_SINGULAR: c_int = 1;

/// Evaluates the integrand at `n` nodes; anything but 0 stops the kernel.
pub type Nodes = unsafe extern "C" fn(*mut c_void, isize, *const f64, *mut f64) -> c_int;

unsafe extern "C" {
    pub fn ft_erf_f64(n: isize, x: *const f64, y: *mut f64);
    pub fn ft_tridiag_work_f64(nsys: isize, n: isize) -> isize;
    pub fn ft_tridiag_pivot_f64(
        nsys: isize,
        n: isize,
        layout: *const isize,
        dl: *const f64,
        d: *const f64,
        du: *const f64,
        b: *const f64,
        x: *mut f64,
        work: *mut f64,
        info: *mut isize,
        status: *mut c_int,
    );
    pub fn ft_quad_f64(
        f: Nodes,
        ctx: *mut c_void,
        a: f64,
        b: f64,
        npoints: isize,
        points: *const f64,
        epsabs: f64,
        epsrel: f64,
        limit: isize,
        alist: *mut f64,
        blist: *mut f64,
        rlist: *mut f64,
        elist: *mut f64,
        iord: *mut isize,
        level: *mut isize,
        ndin: *mut isize,
        result: *mut f64,
        abserr: *mut f64,
        neval: *mut isize,
        last: *mut isize,
        status: *mut c_int,
    );
}
