//! Ensembles: many members of one system, each with steps of its own.

mod ensemble;
mod rows;
mod watch;
mod worker;

use ndarray::{Array1, Array3, ArrayRef2};
use rayon::prelude::*;

use super::options::IvpOptions;
use super::rhs::RightHandSide;
use super::solution::IvpStatus;
use crate::Result;
use ensemble::Request;

pub use watch::IvpProgress;

/// What an ensemble comes to.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct IvpBatch {
    /// Times of the outputs: `t_eval`, or the two ends of the span.
    pub t: Array1<f64>,
    /// States there, (members x n x outputs); NaN behind the time that a member has reached.
    pub y: Array3<f64>,
    /// What became of each member.
    pub members: Array1<IvpMember>,
}

/// What became of a member of an ensemble.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IvpMember {
    /// Why its integration ended.
    pub status: IvpStatus,
    /// The time it reached.
    pub t: f64,
    /// Evaluations of the right-hand side.
    pub nfev: usize,
    /// Evaluations of the Jacobian.
    pub njev: usize,
    /// LU decompositions.
    pub nlu: usize,
    /// Steps that were accepted.
    pub accepted: usize,
    /// Steps that were tried again with a shorter one.
    pub rejected: usize,
    /// Steps at which an explicit method found the problem stiff.
    pub stiff: usize,
}

impl IvpMember {
    const NOT_RUN: Self = Self {
        status: IvpStatus::NotRun,
        t: f64::NAN,
        nfev: 0,
        njev: 0,
        nlu: 0,
        accepted: 0,
        rejected: 0,
        stiff: 0,
    };
}

/// Integrates an ensemble: member `i` starts from row `i` of `y0` (members x n) and has row `i`
/// of `params` (members x parameters); one row serves all members.
///
/// Every member has steps of its own and the bits that it has alone, with
/// [`Ivp::with_params`](super::Ivp::with_params). [`LANES`](super::LANES) members advance side by
/// side; where one ends the next enters. A member that cannot go on has NaN from there on and a
/// status that says why, and the rest are as they would be without it: a start that is not finite
/// is no error. Memory is allocated for the results, not per member.
///
/// `progress` is called about 200 times, and every 20 ms or so where no member ends; after `Break`
/// the members that have not ended are [`IvpStatus::NotRun`] and NaN. Events and dense output are
/// for single problems.
///
/// ```
/// use ferrotran::integrate::{IvpOptions, solve_ivp_batch};
/// use ndarray::array;
///
/// let decay = |_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| dydt[0] = -p[0] * y[0];
/// let rates = array![[0.5], [1.0], [2.0]];
/// let options = IvpOptions { rtol: 1e-8, atol: 1e-10.into(), ..Default::default() };
/// let batch = solve_ivp_batch(&decay, (0.0, 1.0), &array![[1.0]], &rates, &options, None)?;
/// assert_eq!(batch.y.dim(), (3, 1, 2));
/// assert!((batch.y[[2, 0, 1]] - (-2f64).exp()).abs() < 1e-7);
/// assert!(batch.members.iter().all(|member| member.status.is_success()));
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] when the rows of `y0` and `params` disagree, when a built-in system has other
/// numbers of components or parameters, or for `atol`; [`Error::Value`] when an end of the span is
/// not finite, when an option is outside its domain, with `dense_output`, or when the results have
/// no room in memory. An error of the closure ends the batch and comes out of it.
///
/// [`Error::Length`]: crate::Error::Length
/// [`Error::Value`]: crate::Error::Value
pub fn solve_ivp_batch<R: RightHandSide>(
    rhs: &R,
    t_span: (f64, f64),
    y0: &ArrayRef2<f64>,
    params: &ArrayRef2<f64>,
    options: &IvpOptions,
    progress: Option<&IvpProgress<'_>>,
) -> Result<IvpBatch, R::Error> {
    let request = Request {
        rhs,
        t_span,
        y0,
        params,
        options,
        progress,
    };
    request.solve(1, |_, ensemble| ensemble.work())
}

/// Integrates an ensemble as [`solve_ivp_batch`] does, spread over the current rayon pool: the
/// same bits for any number of threads.
///
/// ```
/// use ferrotran::integrate::{IvpOptions, System, par_solve_ivp_batch};
/// use ndarray::{Array2, array};
///
/// let starts = Array2::from_shape_fn((100, 3), |(k, i)| 1.0 + 1e-3 * (k * (i + 1)) as f64);
/// let usual = array![[10.0, 28.0, 8.0 / 3.0]];
/// let options = IvpOptions { t_eval: Some(vec![0.0, 0.5, 1.0]), ..Default::default() };
/// let batch = par_solve_ivp_batch(&System::Lorenz, (0.0, 1.0), &starts, &usual, &options, None)?;
/// assert_eq!(batch.y.dim(), (100, 3, 3));
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// As [`solve_ivp_batch`].
pub fn par_solve_ivp_batch<R>(
    rhs: &R,
    t_span: (f64, f64),
    y0: &ArrayRef2<f64>,
    params: &ArrayRef2<f64>,
    options: &IvpOptions,
    progress: Option<&IvpProgress<'_>>,
) -> Result<IvpBatch, R::Error>
where
    R: RightHandSide + Sync,
    R::Error: Send,
{
    let request = Request {
        rhs,
        t_span,
        y0,
        params,
        options,
        progress,
    };
    request.solve(rayon::current_num_threads(), |workers, ensemble| {
        let workers = (0..workers).into_par_iter().with_max_len(1);
        let ended: Vec<_> = workers.map(|_| ensemble.work()).collect();
        ended.into_iter().collect()
    })
}
