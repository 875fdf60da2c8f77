use ndarray::{ArrayRef, ArrayRef2, Dimension};
use rayon::prelude::*;

use super::data::{Data, points};
use super::engine::{Engine, Fits};
use super::progress::Meter;
use super::{CurveFitBatch, CurveFitOptions, CurveFitOutput, FitModel, FitStatus};
use crate::Result;
use crate::optimize::least_squares::Bounds;

/// Most fits of a task.
const TASK: usize = 256;
/// Most fits between two looks at the progress.
const STEP: usize = 16;
/// Tasks for each thread, at least, so that none waits long for another at the end.
const SHARES: usize = 8;

/// Fits a model to many sets of data on this thread.
///
/// As [`par_curve_fit_batch`], to the last bit.
///
/// # Errors
/// As [`par_curve_fit_batch`].
pub fn curve_fit_batch<M: FitModel, D: Dimension>(
    model: M,
    x: &ArrayRef<f64, D>,
    y: &ArrayRef2<f64>,
    p0: Option<&ArrayRef2<f64>>,
    options: &CurveFitOptions<'_>,
) -> Result<CurveFitBatch, M::Error> {
    let job = Job::new(model, x, y, p0, options)?;
    let mut batch = CurveFitBatch::new(job.data.batch, job.data.n);
    job.run(batch.view_mut())?;
    Ok(batch)
}

/// Fits a model to many sets of data on this thread and puts the results into `output`.
///
/// As [`par_curve_fit_batch_into`], to the last bit.
///
/// # Errors
/// As [`par_curve_fit_batch_into`].
pub fn curve_fit_batch_into<M: FitModel, D: Dimension>(
    model: M,
    x: &ArrayRef<f64, D>,
    y: &ArrayRef2<f64>,
    p0: Option<&ArrayRef2<f64>>,
    options: &CurveFitOptions<'_>,
    output: CurveFitOutput<'_>,
) -> Result<(), M::Error> {
    Job::new(model, x, y, p0, options)?.run(output)
}

/// Fits a model to many sets of data on all threads of the current rayon pool.
///
/// `y` has shape (batch, m), a row per fit. `x` has shape (m,) for all fits, (batch, m), or
/// (batch, k, m) for a model of k predictors; `p0` (batch, n); `sigma` (m,) or (batch, m), or a
/// covariance matrix for all. A batch of 1 serves all fits. Rows that are contiguous are not
/// copied.
///
/// Each fit has the bits of [`curve_fit`](super::curve_fit), for any number of threads. One that
/// cannot be done says so in its status, its results are NaN, and the others are right. Memory is
/// allocated per thread, not per fit.
///
/// ```
/// use ferrotran::optimize::{CurveFitOptions, Model, par_curve_fit_batch};
/// use ndarray::{Array1, Array2, array};
///
/// let x = Array1::linspace(-5.0, 5.0, 64);
/// let means = [-1.0, 0.0, 1.5, f64::NAN];
/// let y = Array2::from_shape_fn((4, 64), |(k, i)| (-(x[i] - means[k]).powi(2) / 2.0).exp());
/// let p0 = array![[1.0, 0.0, 1.2, 0.0]];
/// let fits = par_curve_fit_batch(Model::Gaussian, &x, &y, Some(&p0), &CurveFitOptions::default())?;
/// assert!((fits.popt[[2, 1]] - 1.5).abs() < 1e-9);
/// assert_eq!(fits.failed().collect::<Vec<_>>(), [3]);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// The error of the model, which ends the batch; [`Error::Length`] and [`Error::Shape`] when
/// shapes disagree; [`Error::Value`] for fewer points than parameters, or for options that
/// contradict one another.
///
/// [`Error::Length`]: crate::Error::Length
/// [`Error::Shape`]: crate::Error::Shape
/// [`Error::Value`]: crate::Error::Value
pub fn par_curve_fit_batch<M, D>(
    model: M,
    x: &ArrayRef<f64, D>,
    y: &ArrayRef2<f64>,
    p0: Option<&ArrayRef2<f64>>,
    options: &CurveFitOptions<'_>,
) -> Result<CurveFitBatch, M::Error>
where
    M: FitModel<Error: Send> + Sync,
    D: Dimension,
{
    let job = Job::new(model, x, y, p0, options)?;
    let mut batch = CurveFitBatch::new(job.data.batch, job.data.n);
    job.par_run(batch.view_mut())?;
    Ok(batch)
}

/// Fits a model to many sets of data like [`par_curve_fit_batch`] and puts the results into
/// `output`: no array is allocated.
///
/// # Errors
/// As [`par_curve_fit_batch`]; also [`Error::Length`] and [`Error::Shape`] when a part of `output`
/// does not fit.
///
/// [`Error::Length`]: crate::Error::Length
/// [`Error::Shape`]: crate::Error::Shape
pub fn par_curve_fit_batch_into<M, D>(
    model: M,
    x: &ArrayRef<f64, D>,
    y: &ArrayRef2<f64>,
    p0: Option<&ArrayRef2<f64>>,
    options: &CurveFitOptions<'_>,
    output: CurveFitOutput<'_>,
) -> Result<(), M::Error>
where
    M: FitModel<Error: Send> + Sync,
    D: Dimension,
{
    Job::new(model, x, y, p0, options)?.par_run(output)
}

/// A batch whose arguments fit together.
struct Job<'a, 'o, M> {
    model: M,
    data: Data<'a>,
    bounds: Bounds,
    options: &'a CurveFitOptions<'o>,
}

impl<'a, 'o, M: FitModel> Job<'a, 'o, M> {
    fn new<D: Dimension>(
        model: M,
        x: &'a ArrayRef<f64, D>,
        y: &'a ArrayRef2<f64>,
        p0: Option<&'a ArrayRef2<f64>>,
        options: &'a CurveFitOptions<'o>,
    ) -> Result<Self> {
        let p0 = p0.map(|p| p.view());
        let data = Data::new(&model, points(x, true)?, y.view(), p0, &options.sigma)?;
        let bounds = options.solver.bounds(data.n)?;
        options.problem(&model, &data, &bounds)?;
        Ok(Self {
            model,
            data,
            bounds,
            options,
        })
    }

    fn run(&self, output: CurveFitOutput<'_>) -> Result<(), M::Error> {
        output.check(self.data.batch, self.data.n)?;
        let meter = Meter::new(self.options.progress, self.data.batch);
        let mut engine = Engine::default();
        let mut each = |(first, part)| self.part(&mut engine, first, part, &meter);
        tasks(output, self.data.batch, 1)
            .into_iter()
            .try_for_each(&mut each)
    }

    fn par_run(&self, output: CurveFitOutput<'_>) -> Result<(), M::Error>
    where
        M: FitModel<Error: Send> + Sync,
    {
        output.check(self.data.batch, self.data.n)?;
        let meter = Meter::new(self.options.progress, self.data.batch);
        let tasks = tasks(output, self.data.batch, rayon::current_num_threads());
        tasks
            .into_par_iter()
            .try_for_each_init(Engine::default, |engine, (first, part)| {
                self.part(engine, first, part, &meter)
            })
    }

    /// Does the fits from `first` on for which `output` has room.
    fn part(
        &self,
        engine: &mut Engine,
        first: usize,
        mut output: CurveFitOutput<'_>,
        meter: &Meter<'_>,
    ) -> Result<(), M::Error> {
        let fits = Fits {
            model: &self.model,
            data: &self.data,
            bounds: &self.bounds,
            problem: self
                .options
                .problem(&self.model, &self.data, &self.bounds)?,
            policy: self.options.nan_policy,
        };
        let range = first..first + output.popt.nrows();
        let step = (self.data.batch / 200).clamp(1, STEP);
        let mut untold = 0;
        let stopped = || meter.stopped();
        engine.run(&fits, range, stopped, |engine, k, found| {
            let summary = (found.status, found.cost, found.nfev);
            if found.points == 0 {
                output.set(k - first, (&[], &[]), summary);
            } else {
                engine.finish(found, self.options.absolute_sigma);
                output.set(k - first, (&engine.p, &engine.cov), summary);
            }
            if found.status != FitStatus::NotRun {
                untold += 1;
            }
            if untold == step {
                meter.add(untold);
                untold = 0;
            }
        })?;
        meter.add(untold);
        Ok(())
    }
}

/// Splits the batch into tasks, each with the number of its first fit.
fn tasks(
    mut output: CurveFitOutput<'_>,
    batch: usize,
    threads: usize,
) -> Vec<(usize, CurveFitOutput<'_>)> {
    let size = batch.div_ceil(SHARES * threads).clamp(1, TASK);
    let mut tasks = Vec::with_capacity(batch.div_ceil(size));
    let mut first = 0;
    while batch - first > size {
        let (part, rest) = output.split(size);
        tasks.push((first, part));
        output = rest;
        first += size;
    }
    tasks.push((first, output));
    tasks
}
