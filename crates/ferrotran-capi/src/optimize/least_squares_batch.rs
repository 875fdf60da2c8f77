//! Many least squares of one size.

use std::ffi::{c_int, c_void};

use ferrotran::optimize::LeastSquaresWorkspace;
use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis, Ix1, Ix2, Ix3};
use rayon::prelude::*;

use super::least_squares::{nothing, options, refused, search};
use crate::arrays::{Array, apart, length};
use crate::call::entry;
use crate::callback::Context;
use crate::failure::{Done, Failure, Halt, batch as outcome};
use crate::header::{
    self as ft, ft_least_squares_options, ft_least_squares_result, ft_residuals_member,
};
use crate::options::flag;
use crate::threads::spread;
use crate::version::ft_status_converged;

/// What the entries are given; the names are those of the header.
struct Given {
    f: ft_residuals_member,
    ctx: *mut c_void,
    has_jacobian: c_int,
    members: isize,
    m: isize,
    n: isize,
    options: *const ft_least_squares_options,
    x: *mut f64,
    cov: *mut f64,
    results: *mut ft_least_squares_result,
}

/// Where a member is put: parameters, covariance, summary.
type Member<'a> = (
    usize,
    ArrayViewMut1<'a, f64>,
    Option<ArrayViewMut2<'a, f64>>,
    &'a mut ft_least_squares_result,
);

/// Searches for all members.
///
/// # Safety
/// The header's promises about the pointers and the function.
unsafe fn solve(given: &Given, parallel: bool) -> Done {
    let f = (given.f).ok_or_else(|| Failure::null("f", "a function"))?;
    let has_jacobian = flag("has_jacobian", given.has_jacobian)?;
    let members = length("members", given.members)?;
    let (m, n) = (length("m", given.m)?, length("n", given.n)?);
    let (width, area) = (given.n, n.saturating_mul(n) as isize);
    let x = Array::output("x", given.x, &[members, n], &[width, 1])?;
    let wanted = if given.cov.is_null() { 0 } else { members };
    let cov = Array::output("cov", given.cov, &[wanted, n, n], &[area, width, 1])?;
    let results = Array::output("results", given.results, &[members], &[1])?;
    apart(&[x.place(), cov.place(), results.place()], &[])?;
    // SAFETY: the caller promises the elements; the outputs are apart.
    let (options, mut x, mut cov, mut results) = unsafe {
        let options = options(given.options, m, n)?;
        let x = x.view_mut::<Ix2>();
        let cov = cov.view_mut::<Ix3>();
        (options, x, cov, results.view_mut::<Ix1>())
    };
    // Functions that stop at once come as far as the refusals.
    let mut workspace = LeastSquaresWorkspace::new();
    for start in x.rows() {
        let stop = |_, _, _| 1;
        let found = search(&mut workspace, stop, has_jacobian, (m, &start), &options);
        if let Err(Halt::Error(error)) = found {
            return Err(refused(error));
        }
    }
    results.fill(nothing(ft::FT_NOT_RUN));
    let mut covs: Vec<_> = cov.axis_iter_mut(Axis(0)).map(Some).collect();
    covs.resize_with(members, || None);
    let places: Vec<Member<'_>> = (x.rows_mut().into_iter().zip(covs).zip(&mut results))
        .enumerate()
        .map(|(k, ((x, cov), result))| (k, x, cov, result))
        .collect();

    let (ctx, rows, columns) = (Context::new(given.ctx), given.m, given.n);
    let one = |workspace: &mut LeastSquaresWorkspace, (k, mut x, cov, result): Member<'_>| {
        // SAFETY: the header makes the caller promise a function that returns.
        let f = |x, r, jac| unsafe { f(ctx.get(), k as isize, rows, columns, x, r, jac) };
        let found = search(workspace, f, has_jacobian, (m, &x), &options)?;
        x.assign(&found.x);
        if let Some(mut cov) = cov {
            cov.assign(&found.cov);
        }
        *result = (&found).into();
        Ok::<(), Halt>(())
    };
    spread(parallel, |parallel| {
        if parallel {
            let places = places.into_par_iter();
            return places.try_for_each_init(LeastSquaresWorkspace::new, one);
        }
        let mut places = places.into_iter();
        places.try_for_each(|place| one(&mut workspace, place))
    })??;
    let statuses = results.iter().map(|result| result.status);
    outcome(statuses, |status| ft_status_converged(status) == 1)
}

macro_rules! batches {
    ($($name:ident: $parallel:literal;)*) => {
        entry! {
            $(
                fn $name(
                    f: ft_residuals_member,
                    ctx: *mut c_void,
                    has_jacobian: c_int,
                    members: isize,
                    m: isize,
                    n: isize,
                    options: *const ft_least_squares_options,
                    x: *mut f64,
                    cov: *mut f64,
                    results: *mut ft_least_squares_result,
                ) {
                    let given =
                        Given { f, ctx, has_jacobian, members, m, n, options, x, cov, results };
                    // SAFETY: the header makes the caller promise the arrays and the function.
                    unsafe { solve(&given, $parallel) }
                }
            )*
        }
    };
}

batches! {
    ft_least_squares_batch: false;
    ft_par_least_squares_batch: true;
}
