//! Options of a fit.

use std::ffi::c_int;

use ferrotran::optimize::{CurveFitOptions, FitStatus, LeastSquaresOptions, NanPolicy, Sigma};
use ndarray::ArrayView2;

use super::status;
use crate::arrays::{Array, Place, numbers};
use crate::call::entry;
use crate::failure::Done;
use crate::header::{self as ft, ft_fit_options};
use crate::options::{Options, choice, chosen, count, flag, init, read};

// SAFETY: begins with `size`; numbers and pointers.
unsafe impl Options for ft_fit_options {
    const LEAST: usize = size_of::<Self>();

    fn defaults() -> Self {
        let solver = CurveFitOptions::default().solver;
        Self {
            size: size_of::<Self>(),
            sigma: std::ptr::null(),
            sigma_row: 0,
            absolute_sigma: 0,
            nan_policy: ft::FT_NAN_REFUSE,
            ftol: solver.ftol,
            xtol: solver.xtol,
            gtol: solver.gtol,
            factor: solver.factor,
            diff_step: 0.0,
            max_nfev: 0,
            lower: std::ptr::null(),
            upper: std::ptr::null(),
            x_scale: std::ptr::null(),
        }
    }
}

/// The options of the caller as the crate has them, and where `sigma` is.
///
/// # Safety
/// The header's promises about the pointers.
pub(super) unsafe fn options<'a>(
    given: *const ft_fit_options,
    [batch, m, n]: [usize; 3],
) -> Done<(CurveFitOptions<'a>, Place)> {
    // SAFETY: the caller's promise.
    let from = unsafe { read(given)? };
    let rows = if from.sigma_row == 0 { 1 } else { batch };
    let lengths = if from.sigma.is_null() {
        [0, 0]
    } else {
        [rows, m]
    };
    let sigma = Array::input("options.sigma", from.sigma, &lengths, &[from.sigma_row, 1])?;
    // SAFETY: the caller's promise.
    let (view, lower, upper, x_scale) = unsafe {
        let view: ArrayView2<'a, f64> = sigma.view();
        let lower = numbers("options.lower", from.lower, n)?;
        let upper = numbers("options.upper", from.upper, n)?;
        (
            view,
            lower,
            upper,
            numbers("options.x_scale", from.x_scale, n)?,
        )
    };
    let policies = [NanPolicy::Refuse, NanPolicy::Omit];
    let options = CurveFitOptions {
        sigma: match from.sigma.is_null() {
            true => Sigma::Equal,
            false => Sigma::Points(view.into_dyn()),
        },
        absolute_sigma: flag("options.absolute_sigma", from.absolute_sigma)?,
        nan_policy: choice("options.nan_policy", from.nan_policy, &policies)?,
        solver: LeastSquaresOptions {
            ftol: from.ftol,
            xtol: from.xtol,
            gtol: from.gtol,
            factor: from.factor,
            diff_step: chosen(from.diff_step),
            max_nfev: count("options.max_nfev", from.max_nfev)?,
            lower,
            upper,
            x_scale,
            weights: Vec::new(),
        },
        progress: None,
    };
    Ok((options, sigma.place()))
}

/// The status of a fit as the header has it.
pub(super) fn fit_status(found: FitStatus) -> c_int {
    match found {
        FitStatus::Solved(solved) => status(solved),
        FitStatus::NonFiniteData => ft::FT_DATA_NOT_FINITE,
        FitStatus::BadSigma => ft::FT_BAD_SIGMA,
        FitStatus::BadStart => ft::FT_BAD_START,
        FitStatus::TooFewPoints => ft::FT_TOO_FEW_POINTS,
        FitStatus::Stopped => ft::FT_STOPPED,
        FitStatus::NotRun => ft::FT_NOT_RUN,
        _ => ft::FT_INTERNAL,
    }
}

entry! {
    fn ft_fit_options_init(options: *mut ft_fit_options, size: usize) {
        // SAFETY: the header makes the caller promise the struct.
        unsafe { init(options, size) }
    }
}
