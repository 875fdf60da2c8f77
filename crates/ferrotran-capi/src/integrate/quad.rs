//! One quadrature.

use std::ffi::{c_int, c_void};

use ferrotran::integrate::{Quad, QuadOptions, QuadStatus, QuadWorkspace};

use crate::arrays::{Array, length, numbers};
use crate::call::entry;
use crate::callback::out;
use crate::failure::{Done, Failure, Halt, outcome};
use crate::header::{
    self as ft, ft_integrand, ft_integrand_nodes, ft_quad_options, ft_quad_result,
};
use crate::options::{Options, init, read};

// SAFETY: begins with `size`; numbers and a pointer.
unsafe impl Options for ft_quad_options {
    const LEAST: usize = size_of::<Self>();

    fn defaults() -> Self {
        let QuadOptions {
            epsabs,
            epsrel,
            limit,
            points: _,
        } = QuadOptions::default();
        Self {
            size: size_of::<Self>(),
            epsabs,
            epsrel,
            limit: limit as isize,
            npoints: 0,
            points: std::ptr::null(),
        }
    }
}

/// The options of the caller as the crate has them.
///
/// # Safety
/// As [`read`]; the points are there.
pub(super) unsafe fn options(options: *const ft_quad_options) -> Done<QuadOptions> {
    // SAFETY: the caller's promise.
    let options = unsafe { read(options)? };
    let npoints = length("options.npoints", options.npoints)?;
    if npoints > 0 && options.points.is_null() {
        let expected = "a pointer to `options.npoints` numbers";
        return Err(Failure::null("options.points", expected));
    }
    // SAFETY: the caller's promise.
    let points = unsafe { numbers("options.points", options.points, npoints)? };
    Ok(QuadOptions {
        epsabs: options.epsabs,
        epsrel: options.epsrel,
        limit: length("options.limit", options.limit)?,
        points,
    })
}

/// The status of a quadrature as the header has it.
pub(super) fn status(status: QuadStatus) -> c_int {
    match status {
        QuadStatus::Converged => ft::FT_OK,
        QuadStatus::MaxSubdivisions => ft::FT_MAX_SUBDIVISIONS,
        QuadStatus::Roundoff => ft::FT_ROUNDOFF,
        QuadStatus::BadIntegrand => ft::FT_BAD_INTEGRAND,
        QuadStatus::NoConvergence => ft::FT_NO_CONVERGENCE,
        QuadStatus::Divergent => ft::FT_DIVERGENT,
        _ => ft::FT_INTERNAL,
    }
}

impl From<Quad> for ft_quad_result {
    fn from(found: Quad) -> Self {
        Self {
            value: found.value,
            abs_error: found.abs_error,
            evaluations: found.evaluations as isize,
            subintervals: found.subintervals as isize,
            status: status(found.status),
        }
    }
}

/// A member that has no result.
pub(super) const fn nothing(status: c_int) -> ft_quad_result {
    ft_quad_result {
        value: f64::NAN,
        abs_error: f64::NAN,
        evaluations: 0,
        subintervals: 0,
        status,
    }
}

/// Integrates into `result`.
///
/// # Safety
/// `result` is null or may be written; `given` is as [`options`] has it.
unsafe fn integrate(
    f: impl FnMut(&[f64], &mut [f64]) -> Result<(), Halt>,
    (a, b): (f64, f64),
    given: *const ft_quad_options,
    result: *mut ft_quad_result,
) -> Done {
    let result = Array::output("result", result, &[1], &[1])?;
    // SAFETY: the caller's promise.
    let options = unsafe { options(given)? };
    let (found, outcome) = match QuadWorkspace::new().try_quad_nodes(f, a, b, &options) {
        Ok(found) => (found.into(), outcome(status(found.status))),
        Err(Halt::Error(error)) => return Err(error.into()),
        Err(halt) => (nothing(ft::FT_STOPPED), Err(halt.into())),
    };
    // SAFETY: the caller's promise.
    unsafe { result.write(found) };
    outcome
}

/// Calls a function of one node for each of `x`; a number other than 0 ends the loop.
pub(super) fn each(
    x: &[f64],
    y: &mut [f64],
    f: impl Fn(f64, *mut f64) -> c_int,
) -> Result<(), Halt> {
    let mut pairs = x.iter().zip(y);
    out(|| {
        pairs
            .find_map(|(x, y)| Some(f(*x, y)).filter(|code| *code != 0))
            .unwrap_or(0)
    })
}

/// The failure of a call without a function.
pub(super) fn no_function() -> Failure {
    Failure::null("f", "a function")
}

entry! {
    fn ft_quad_options_init(options: *mut ft_quad_options, size: usize) {
        // SAFETY: the header makes the caller promise the struct.
        unsafe { init(options, size) }
    }
    fn ft_quad(
        f: ft_integrand,
        ctx: *mut c_void,
        a: f64,
        b: f64,
        options: *const ft_quad_options,
        result: *mut ft_quad_result,
    ) {
        let f = f.ok_or_else(no_function)?;
        // SAFETY: the header makes the caller promise a function that returns.
        let call = |x: &[f64], y: &mut [f64]| each(x, y, |x, y| unsafe { f(ctx, x, y) });
        // SAFETY: the header makes the caller promise the structs.
        unsafe { integrate(call, (a, b), options, result) }
    }
    fn ft_quad_nodes(
        f: ft_integrand_nodes,
        ctx: *mut c_void,
        a: f64,
        b: f64,
        options: *const ft_quad_options,
        result: *mut ft_quad_result,
    ) {
        let f = f.ok_or_else(no_function)?;
        let call = |x: &[f64], y: &mut [f64]| {
            // SAFETY: as in `ft_quad`; both slices have that length.
            out(|| unsafe { f(ctx, x.len() as isize, x.as_ptr(), y.as_mut_ptr()) })
        };
        // SAFETY: the header makes the caller promise the structs.
        unsafe { integrate(call, (a, b), options, result) }
    }
}
