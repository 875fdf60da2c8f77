//! Least squares.

use std::ffi::{c_int, c_void};

use ferrotran::optimize::{LeastSquares, LeastSquaresOptions, LeastSquaresWorkspace};
use ndarray::{ArrayRef1, ArrayViewMut2, Ix1, Ix2};

use super::status;
use crate::arrays::{Array, apart, length, numbers};
use crate::call::entry;
use crate::callback::out;
use crate::failure::{Done, Failure, Halt, outcome};
use crate::header::{self as ft, ft_least_squares_options, ft_least_squares_result, ft_residuals};
use crate::options::{Options, chosen, count, flag, init, read};
use crate::version::ft_status_converged;

// SAFETY: begins with `size`; numbers and pointers.
unsafe impl Options for ft_least_squares_options {
    const LEAST: usize = size_of::<Self>();

    fn defaults() -> Self {
        let usual = LeastSquaresOptions::default();
        Self {
            size: size_of::<Self>(),
            ftol: usual.ftol,
            xtol: usual.xtol,
            gtol: usual.gtol,
            factor: usual.factor,
            diff_step: 0.0,
            max_nfev: 0,
            lower: std::ptr::null(),
            upper: std::ptr::null(),
            x_scale: std::ptr::null(),
            weights: std::ptr::null(),
        }
    }
}

/// The options of the caller as the crate has them.
///
/// # Safety
/// The header's promises about the pointers.
pub(super) unsafe fn options(
    given: *const ft_least_squares_options,
    m: usize,
    n: usize,
) -> Done<LeastSquaresOptions> {
    // SAFETY: the caller's promise.
    unsafe {
        let from = read(given)?;
        Ok(LeastSquaresOptions {
            ftol: from.ftol,
            xtol: from.xtol,
            gtol: from.gtol,
            max_nfev: count("options.max_nfev", from.max_nfev)?,
            factor: from.factor,
            lower: numbers("options.lower", from.lower, n)?,
            upper: numbers("options.upper", from.upper, n)?,
            x_scale: numbers("options.x_scale", from.x_scale, n)?,
            weights: numbers("options.weights", from.weights, m)?,
            diff_step: chosen(from.diff_step),
        })
    }
}

/// Searches with `f(x, r, jac)`, which gets null for what is not asked for.
pub(super) fn search(
    workspace: &mut LeastSquaresWorkspace,
    f: impl Fn(*const f64, *mut f64, *mut f64) -> c_int,
    has_jacobian: bool,
    (m, start): (usize, &ArrayRef1<f64>),
    options: &LeastSquaresOptions,
) -> Result<LeastSquares, Halt> {
    let null = std::ptr::null_mut();
    let residuals = |x: &[f64], r: &mut [f64]| out(|| f(x.as_ptr(), r.as_mut_ptr(), null));
    if !has_jacobian {
        return workspace.try_least_squares(residuals, m, start, options);
    }
    // The columns of the matrix are contiguous.
    let derivatives =
        |x: &[f64], mut jac: ArrayViewMut2<'_, f64>| out(|| f(x.as_ptr(), null, jac.as_mut_ptr()));
    workspace.try_least_squares_jac(residuals, derivatives, m, start, options)
}

impl From<&LeastSquares> for ft_least_squares_result {
    fn from(found: &LeastSquares) -> Self {
        Self {
            cost: found.cost,
            optimality: found.optimality,
            rank: found.rank as isize,
            nfev: found.nfev as isize,
            njev: found.njev as isize,
            status: status(found.status),
        }
    }
}

/// A search that has no result.
pub(super) const fn nothing(status: c_int) -> ft_least_squares_result {
    ft_least_squares_result {
        cost: f64::NAN,
        optimality: f64::NAN,
        rank: 0,
        nfev: 0,
        njev: 0,
        status,
    }
}

/// The failure of an error of the crate.
pub(super) fn refused(error: ferrotran::Error) -> Failure {
    Failure::from(error).renamed("x0", "x")
}

entry! {
    fn ft_least_squares_options_init(options: *mut ft_least_squares_options, size: usize) {
        // SAFETY: the header makes the caller promise the struct.
        unsafe { init(options, size) }
    }
    fn ft_least_squares(
        f: ft_residuals,
        ctx: *mut c_void,
        has_jacobian: c_int,
        m: isize,
        n: isize,
        given: *const ft_least_squares_options,
        x: *mut f64,
        fun: *mut f64,
        jac: *mut f64,
        cov: *mut f64,
        result: *mut ft_least_squares_result,
    ) {
        let f = f.ok_or_else(|| Failure::null("f", "a function"))?;
        let has_jacobian = flag("has_jacobian", has_jacobian)?;
        let (rows, columns) = (length("m", m)?, length("n", n)?);
        let there = |data: *mut f64, length: usize| if data.is_null() { 0 } else { length };
        let x = Array::output("x", x, &[columns], &[1])?;
        let fun = Array::output("fun", fun, &[there(fun, rows)], &[1])?;
        let jac = Array::output("jac", jac, &[there(jac, columns), rows], &[m, 1])?;
        let cov = Array::output("cov", cov, &[there(cov, columns), columns], &[n, 1])?;
        let end = Array::output("result", result, &[1], &[1])?;
        let outputs = [x.place(), fun.place(), jac.place(), cov.place(), end.place()];
        apart(&outputs, &[])?;
        // SAFETY: the header makes the caller promise the arrays and the struct.
        let (options, start) = unsafe {
            let start = x.view::<Ix1>().to_owned();
            (options(given, rows, columns)?, start)
        };

        // SAFETY: the header makes the caller promise a function that returns.
        let f = |x, r, jac| unsafe { f(ctx, m, n, x, r, jac) };
        let mut workspace = LeastSquaresWorkspace::new();
        let found = match search(&mut workspace, f, has_jacobian, (rows, &start), &options) {
            Ok(found) => found,
            Err(Halt::Error(error)) => return Err(refused(error)),
            Err(halt) => {
                // SAFETY: the header makes the caller promise the struct.
                unsafe { end.write(nothing(ft::FT_STOPPED)) };
                return Err(halt.into());
            }
        };
        // SAFETY: the header makes the caller promise the arrays, which are apart.
        unsafe {
            x.view_mut::<Ix1>().assign(&found.x);
            if !fun.is_empty() {
                fun.view_mut::<Ix1>().assign(&found.fun);
            }
            if !jac.is_empty() {
                jac.view_mut::<Ix2>().assign(&found.jac.t());
            }
            if !cov.is_empty() {
                cov.view_mut::<Ix2>().assign(&found.cov);
            }
        }
        let summary = ft_least_squares_result::from(&found);
        // SAFETY: the header makes the caller promise the struct.
        unsafe { end.write(summary) };
        match ft_status_converged(summary.status) {
            1 => Ok(()),
            _ => outcome(summary.status),
        }
    }
}
