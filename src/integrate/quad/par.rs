use ndarray::{Array1, ArrayRef1};
use rayon::prelude::*;

use super::{Quad, QuadOptions, QuadWorkspace, fill};
use crate::{Error, Result};

/// Integrates `f(x, &params[i])` from `a[i]` to `b[i]` for all `i`, spread over the current
/// rayon pool.
///
/// `a`, `b` and `params` have one length, or length 1 where one value serves all. The result has
/// the bits of as many calls of [`quad_with`](super::quad_with), for any number of threads; a
/// member that misses its tolerance says so in its own status. Memory is allocated per thread,
/// not per integral.
///
/// ```
/// use ferrotran::integrate::{QuadOptions, par_quad};
/// use ndarray::{Array1, array};
///
/// let powers = Array1::linspace(1.0, 4.0, 4);
/// let f = |x: f64, power: &f64| x.powf(*power);
/// let results = par_quad(f, &array![0.0], &array![1.0], &powers, &QuadOptions::default())?;
/// assert!((results[2].value - 0.25).abs() < 1e-15);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] when the lengths disagree, else as [`quad_with`](super::quad_with).
pub fn par_quad<F, P>(
    f: F,
    a: &ArrayRef1<f64>,
    b: &ArrayRef1<f64>,
    params: &ArrayRef1<P>,
    options: &QuadOptions,
) -> Result<Array1<Quad>>
where
    F: Fn(f64, &P) -> f64 + Sync,
    P: Sync,
{
    let each = |x: &[f64], y: &mut [f64], p: &P| fill(x, y, |x| f(x, p));
    par_quad_nodes(each, a, b, params, options)
}

/// Integrates a vectorised `f(x, y, &params[i])` like [`par_quad`]; `f` is as in
/// [`quad_nodes`](super::quad_nodes).
///
/// # Errors
/// As [`par_quad`].
pub fn par_quad_nodes<F, P>(
    f: F,
    a: &ArrayRef1<f64>,
    b: &ArrayRef1<f64>,
    params: &ArrayRef1<P>,
    options: &QuadOptions,
) -> Result<Array1<Quad>>
where
    F: Fn(&[f64], &mut [f64], &P) + Sync,
    P: Sync,
{
    let lengths = [("a", a.len()), ("b", b.len()), ("params", params.len())];
    let n = lengths.iter().map(|l| l.1).find(|&n| n != 1).unwrap_or(1);
    if let Some(&(argument, found)) = lengths.iter().find(|l| l.1 != 1 && l.1 != n) {
        return Err(Error::Length {
            argument,
            expected: n,
            found,
        });
    }
    let (a, b, params) = (a.view(), b.view(), params.view());
    let results: Result<Vec<Quad>> = (0..n)
        .into_par_iter()
        .map_init(QuadWorkspace::new, |workspace, i| {
            let p = &params[if params.len() == 1 { 0 } else { i }];
            let a = a[if a.len() == 1 { 0 } else { i }];
            let b = b[if b.len() == 1 { 0 } else { i }];
            workspace.quad_nodes(|x, y| f(x, y, p), a, b, options)
        })
        .collect();
    results.map(Array1::from_vec)
}
