//! The methods: pairs of formulas, one to go on with and one to measure the error by.

use std::ffi::{c_int, c_void};

use crate::ffi;
use crate::integrate::solve_ivp::stepper::{Rhs, RhsFn};

/// The arrays of an `Explicit` as its kernels take them.
#[derive(Debug, Clone, Copy)]
pub(in crate::integrate::solve_ivp) struct Arrays {
    pub(super) n: isize,
    pub(super) npar: isize,
    pub(super) p: *const f64,
    pub(super) rtol: f64,
    pub(super) atol: *const f64,
    pub(super) lane: *mut f64,
    pub(super) tally: *mut isize,
    pub(super) y: *mut f64,
    pub(super) k: *mut f64,
    pub(super) dense: *mut f64,
}

/// A method: its sizes and its kernels.
pub(in crate::integrate::solve_ivp) trait Pair {
    /// Derivatives that a step keeps, those of the dense output with them.
    const STAGES: usize;
    /// Coefficients of the dense output for each component.
    const PARTS: usize;

    /// Tries a step in each busy lane.
    ///
    /// # Safety
    /// `arrays` are those of an `Explicit` with this method and `lanes`, 1 or 8; `rhs` may be
    /// called on this thread and does not unwind.
    unsafe fn attempt(lanes: usize, rhs: &Rhs, arrays: &Arrays) -> c_int;

    /// Sets the dense output of the wanted lanes.
    ///
    /// # Safety
    /// As `attempt`.
    unsafe fn prepare(lanes: usize, rhs: &Rhs, arrays: &Arrays) -> c_int;
}

/// Dormand and Prince's method of order 5(4).
#[derive(Debug)]
pub(in crate::integrate::solve_ivp) enum DormandPrince54 {}

impl Pair for DormandPrince54 {
    const STAGES: usize = 7;
    const PARTS: usize = 5;

    unsafe fn attempt(lanes: usize, rhs: &Rhs, arrays: &Arrays) -> c_int {
        let kernel = if lanes == 1 {
            ffi::ft_rk45_x1_f64
        } else {
            ffi::ft_rk45_x8_f64
        };
        // SAFETY: the caller's promise.
        unsafe { call(kernel, rhs, arrays) }
    }

    unsafe fn prepare(lanes: usize, _rhs: &Rhs, a: &Arrays) -> c_int {
        let kernel = if lanes == 1 {
            ffi::ft_rk45_x1_dense_f64
        } else {
            ffi::ft_rk45_x8_dense_f64
        };
        // SAFETY: the caller's promise.
        unsafe { kernel(a.n, a.lane, a.y, a.k, a.dense) };
        ffi::FT_OK
    }
}

/// Dormand and Prince's method of order 8(5,3).
#[derive(Debug)]
pub(in crate::integrate::solve_ivp) enum DormandPrince853 {}

impl Pair for DormandPrince853 {
    const STAGES: usize = 16;
    const PARTS: usize = 8;

    unsafe fn attempt(lanes: usize, rhs: &Rhs, arrays: &Arrays) -> c_int {
        let kernel = if lanes == 1 {
            ffi::ft_dop853_x1_f64
        } else {
            ffi::ft_dop853_x8_f64
        };
        // SAFETY: the caller's promise.
        unsafe { call(kernel, rhs, arrays) }
    }

    unsafe fn prepare(lanes: usize, rhs: &Rhs, a: &Arrays) -> c_int {
        let kernel = if lanes == 1 {
            ffi::ft_dop853_x1_dense_f64
        } else {
            ffi::ft_dop853_x8_dense_f64
        };
        let (f, mut status) = (Some(rhs.f), 0);
        // SAFETY: the caller's promise.
        unsafe {
            kernel(
                f,
                rhs.ctx,
                a.n,
                a.npar,
                a.p,
                a.lane,
                a.tally,
                a.y,
                a.k,
                a.dense,
                &mut status,
            );
        }
        status
    }
}

/// The kernels that try a step.
type AttemptFn = unsafe fn(
    Option<RhsFn>,
    *mut c_void,
    isize,
    isize,
    *const f64,
    f64,
    *const f64,
    *mut f64,
    *mut isize,
    *mut f64,
    *mut f64,
    *mut c_int,
);

/// Calls `kernel`.
///
/// # Safety
/// As `Pair::attempt`, for a kernel of that method and number of lanes.
unsafe fn call(kernel: AttemptFn, rhs: &Rhs, a: &Arrays) -> c_int {
    let mut status = 0;
    // SAFETY: the caller's promise.
    unsafe {
        kernel(
            Some(rhs.f),
            rhs.ctx,
            a.n,
            a.npar,
            a.p,
            a.rtol,
            a.atol,
            a.lane,
            a.tally,
            a.y,
            a.k,
            &mut status,
        );
    }
    status
}
