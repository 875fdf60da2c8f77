use ndarray::{ArrayRef1, ArrayRef2, ArrayViewMut2};
use rayon::prelude::*;

use super::{
    LeastSquaresBatch, LeastSquaresOptions, LeastSquaresStatus, LeastSquaresWorkspace, Summary,
};
use crate::optimize::Progress;
use crate::optimize::curve_fit::Meter;
use crate::{Error, Result};

/// Minimises the sum of the squares of the residuals of `f(x, r, &params[k])` from row `k` of `x0`
/// for all `k`, spread over the current rayon pool.
///
/// `x0` (members x n) and `params` (members) have one length, or length 1 where one start or one
/// parameter serves all. Each member has the bits of
/// [`least_squares`](super::least_squares), for any number of threads, and a status of its own.
/// Memory is allocated per thread, not per member; residuals and Jacobians are not kept.
/// `progress` is told how many members are finished; when it breaks, the others are left with
/// [`LeastSquaresStatus::NotRun`] and NaN.
///
/// ```
/// use ferrotran::optimize::{LeastSquaresOptions, par_least_squares};
/// use ndarray::array;
///
/// // The square roots of three numbers.
/// let f = |x: &[f64], r: &mut [f64], square: &f64| r[0] = x[0] * x[0] - square;
/// let options = LeastSquaresOptions::default();
/// let squares = array![4.0, 9.0, 16.0];
/// let result = par_least_squares(f, 1, &array![[1.0]], &squares, &options, None)?;
/// assert!((result.x[[2, 0]] - 4.0).abs() < 1e-8);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] when the lengths disagree, else as
/// [`least_squares`](super::least_squares).
pub fn par_least_squares<F, P>(
    f: F,
    m: usize,
    x0: &ArrayRef2<f64>,
    params: &ArrayRef1<P>,
    options: &LeastSquaresOptions,
    progress: Option<Progress<'_>>,
) -> Result<LeastSquaresBatch>
where
    F: Fn(&[f64], &mut [f64], &P) + Sync,
    P: Sync,
{
    let none = |_: &[f64], _: ArrayViewMut2<'_, f64>, _: &P| {};
    batch(f, none, m, true, x0, params, options, progress)
}

/// Minimises as [`par_least_squares`] does, with the derivatives of `jac`, as in
/// [`least_squares_jac`](super::least_squares_jac).
///
/// # Errors
/// As [`par_least_squares`].
pub fn par_least_squares_jac<F, J, P>(
    f: F,
    jac: J,
    m: usize,
    x0: &ArrayRef2<f64>,
    params: &ArrayRef1<P>,
    options: &LeastSquaresOptions,
    progress: Option<Progress<'_>>,
) -> Result<LeastSquaresBatch>
where
    F: Fn(&[f64], &mut [f64], &P) + Sync,
    J: Fn(&[f64], ArrayViewMut2<'_, f64>, &P) + Sync,
    P: Sync,
{
    batch(f, jac, m, false, x0, params, options, progress)
}

/// Runs all members; `jac` is not called with `differences`.
#[expect(
    clippy::too_many_arguments,
    reason = "those of the public functions and one"
)]
fn batch<F, J, P>(
    f: F,
    jac: J,
    m: usize,
    differences: bool,
    x0: &ArrayRef2<f64>,
    params: &ArrayRef1<P>,
    options: &LeastSquaresOptions,
    progress: Option<Progress<'_>>,
) -> Result<LeastSquaresBatch>
where
    F: Fn(&[f64], &mut [f64], &P) + Sync,
    J: Fn(&[f64], ArrayViewMut2<'_, f64>, &P) + Sync,
    P: Sync,
{
    let (starts, n) = x0.dim();
    let members = if starts == 1 { params.len() } else { starts };
    if params.len() != 1 && params.len() != members {
        return Err(Error::Length {
            argument: "params",
            expected: members,
            found: params.len(),
        });
    }
    let bounds = options.bounds(n)?;
    let problem = options.problem(m, n, &bounds, differences)?;
    let x0 = x0.as_standard_layout();
    let x0 = x0.as_slice().expect("the layout is standard");
    x0.chunks(n).try_for_each(|x0| bounds.check_start(x0))?;
    // Found out here that the memory does not suffice, rather than in each thread.
    LeastSquaresWorkspace::new().prepare(m, n)?;

    let mut x = vec![f64::NAN; members * n];
    let mut cov = vec![f64::NAN; members * n * n];
    let not_run = Summary {
        cost: f64::NAN,
        optimality: f64::NAN,
        rank: 0,
        nfev: 0,
        njev: 0,
        status: LeastSquaresStatus::NotRun,
    };
    let mut summaries = vec![not_run; members];
    let meter = Meter::new(progress, members);
    let params = params.view();
    x.par_chunks_mut(n)
        .zip(cov.par_chunks_mut(n * n))
        .zip(&mut summaries)
        .enumerate()
        .try_for_each_init(LeastSquaresWorkspace::new, |workspace, (k, member_k)| {
            if meter.stopped() {
                return Ok(());
            }
            let ((x, cov), summary) = member_k;
            x.copy_from_slice(&x0[if starts == 1 { 0 } else { k * n }..][..n]);
            let p = &params[if params.len() == 1 { 0 } else { k }];
            let f = |x: &[f64], r: &mut [f64]| {
                f(x, r, p);
                Ok(())
            };
            let jac = |x: &[f64], a: ArrayViewMut2<'_, f64>| {
                jac(x, a, p);
                Ok(())
            };
            *summary = workspace.search_in::<_, _, Error>(f, jac, &problem, x, cov)?;
            meter.add(1);
            Ok(())
        })?;
    Ok(LeastSquaresBatch::collect(&summaries, n, x, cov))
}
