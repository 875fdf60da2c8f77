use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ferrotran::integrate::{QuadOptions, QuadWorkspace};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::columns::{Columns, Operands};
use super::integrand::{Callable, Integrand};
use super::native::Native;
use super::single::untaken;
use super::{Failure, break_points, keep_inside, members, positive, report};
use crate::call::{self, Signals};
use crate::pool;
use crate::workers::Workers;

/// So long the calling thread works alone, before other threads are worth waking up.
const ALONE: Duration = Duration::from_micros(50);
/// The work that a thread takes at a time lasts about as long.
const PIECE: Duration = Duration::from_micros(20);
/// The status of a member whose compiled integrand returned an error code.
const REFUSED: isize = 7;

/// Integrate a function over many ranges or with many parameters at once.
///
/// Does for every member of the broadcast `a`, `b` and `args` what `quad` does for one. A
/// compiled integrand runs on all threads, with the GIL free; the results have the bits of
/// `quad`, for any number of threads.
///
/// Parameters
/// ----------
/// func : callable, LowLevelCallable, cfunc, ctypes function or PyCapsule
///     The integrand, as for `quad`. A Python callable gets floats and runs in the calling
///     thread alone. A compiled integrand is called from several threads at once.
/// a, b : array_like of float
///     The limits.
/// args : tuple of array_like of float, optional
///     Further arguments of `func`; they broadcast against `a` and `b`.
/// epsabs, epsrel, limit, points : optional
///     As for `quad`, the same for all members.
/// workers : int, optional
///     Number of threads; -1 for one on each core. By default that of `get_num_threads`.
///
/// Returns
/// -------
/// QuadBatch
///     Named tuple of arrays of the broadcast shape: ``value``, ``abserr``, ``status`` and
///     ``neval``. Status 0 means that the tolerance is met; 1 that `limit` is reached, 2
///     roundoff, 3 a badly behaved integrand, 4 an extrapolation that does not converge, 5 a
///     probably divergent integral (QUADPACK's numbers), and 7 that a compiled integrand
///     returned an error code, with NaN as the value.
///
/// Raises
/// ------
/// ValueError
///     If tolerances, `limit`, `points`, `workers` or the signature of `func` are not
///     acceptable, or the shapes do not broadcast.
/// TypeError
///     If `func` cannot be called or does not return a float, or the others are no numbers.
///
/// Warns
/// -----
/// IntegrationWarning
///     Once, if the status of any member is not 0.
///
/// See Also
/// --------
/// quad : One integral.
///
/// Examples
/// --------
/// >>> import numpy as np
/// >>> from ferrotran.integrate import quad_batch
/// >>> powers = np.array([1.0, 2.0, 3.0])
/// >>> result = quad_batch(lambda x, p: x**p, 0, 1, args=(powers,))
/// >>> np.allclose(result.value, 1 / (powers + 1))
/// True
/// >>> result.neval
/// array([21, 21, 21])
#[pyfunction]
#[pyo3(
    signature = (
        func, a, b, args=None, *, epsabs=1.49e-8, epsrel=1.49e-8, limit=50, points=None,
        workers=None,
    ),
    text_signature = "(func, a, b, args=(), *, epsabs=1.49e-08, epsrel=1.49e-08, limit=50, \
        points=None, workers=None)"
)]
#[expect(clippy::too_many_arguments, reason = "as quad")]
pub(super) fn quad_batch<'py>(
    py: Python<'py>,
    func: &Bound<'py, PyAny>,
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
    args: Option<&Bound<'py, PyAny>>,
    epsabs: f64,
    epsrel: f64,
    limit: isize,
    points: Option<&Bound<'py, PyAny>>,
    workers: Option<isize>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = QuadOptions {
        epsabs,
        epsrel,
        limit: positive(limit)?,
        points: break_points(points)?,
    };
    let _workers = Workers::set(workers)?;
    let operands = Operands::new(py, a, b, &members(args))?;
    let columns = operands.columns()?;
    let mut rows = vec![Row::FAILED; operands.count()];
    match Integrand::new(func)? {
        Integrand::Callable(callable) => serial(callable, &columns, &options, &mut rows)?,
        Integrand::Native(native) if columns.args.is_empty() || native.takes_parameters() => {
            parallel(py, native, &columns, &options, &mut rows)?;
        }
        Integrand::Native(_) => return Err(untaken(columns.args.len())),
    }
    let failed = rows.iter().filter(|row| row.status != 0).count();
    if failed > 0 {
        let count = rows.len();
        let text = format!(
            "{failed} of {count} integrals may miss the tolerance; `status` says which and why"
        );
        report::warn(py, &text)?;
    }
    result(py, &rows, operands.shape())
}

/// The outcome of one member.
#[derive(Clone, Copy)]
struct Row {
    value: f64,
    abserr: f64,
    status: isize,
    neval: isize,
}

impl Row {
    const FAILED: Self = Self {
        value: f64::NAN,
        abserr: f64::NAN,
        status: REFUSED,
        neval: 0,
    };
}

/// What one thread needs for one member after the other.
struct Worker<'a> {
    columns: &'a Columns<'a>,
    all_points: &'a [f64],
    options: QuadOptions,
    workspace: QuadWorkspace,
    /// Room for x, then the parameters of the member.
    xx: Vec<f64>,
}

impl<'a> Worker<'a> {
    fn new(columns: &'a Columns<'a>, options: &'a QuadOptions) -> Self {
        Self {
            columns,
            all_points: &options.points,
            options: options.clone(),
            workspace: QuadWorkspace::new(),
            xx: vec![0.0; 1 + columns.args.len()],
        }
    }

    /// Integrates member `i`; `evaluate` gets nodes, room for the values, and x and the
    /// parameters.
    fn integrate(
        &mut self,
        i: usize,
        evaluate: impl Fn(&[f64], &mut [f64], &mut [f64]) -> Result<(), Failure>,
    ) -> Result<Row, Failure> {
        let (a, b) = (self.columns.a.at(i), self.columns.b.at(i));
        for (x, arg) in self.xx[1..].iter_mut().zip(&self.columns.args) {
            *x = arg.at(i);
        }
        if !self.all_points.is_empty() {
            self.options.points.clear();
            self.options.points.extend(self.all_points);
            keep_inside(&mut self.options.points, a, b);
        }
        let xx = &mut self.xx;
        let each = |x: &[f64], y: &mut [f64]| evaluate(x, y, xx);
        match self.workspace.try_quad_nodes(each, a, b, &self.options) {
            Ok(quad) => Ok(Row {
                value: quad.value,
                abserr: quad.abs_error,
                status: isize::from(quad.status.ier()),
                neval: quad.evaluations as isize,
            }),
            Err(Failure::Refused { .. }) => Ok(Row::FAILED),
            Err(failure) => Err(failure),
        }
    }
}

/// Integrates a Python callable for every member.
fn serial(
    mut callable: Callable<'_>,
    columns: &Columns<'_>,
    options: &QuadOptions,
    rows: &mut [Row],
) -> Result<(), Failure> {
    let mut worker = Worker::new(columns, options);
    for (i, row) in rows.iter_mut().enumerate() {
        callable.set(columns.args.iter().map(|arg| arg.at(i)));
        *row = worker.integrate(i, |x, y, _| callable.evaluate(x, y, None))?;
    }
    Ok(())
}

/// Integrates a compiled function for every member, without the GIL: a little while in this
/// thread, which measures the work, then in all of the pool.
fn parallel(
    py: Python<'_>,
    native: Native,
    columns: &Columns<'_>,
    options: &QuadOptions,
    rows: &mut [Row],
) -> PyResult<()> {
    let (outcome, signals) = py.detach(|| {
        let signals = Signals::new();
        let outcome = alone(native, columns, options, rows, &signals);
        (outcome, signals)
    });
    signals.result()?;
    let (done, cost) = outcome?;
    if done == rows.len() {
        return Ok(());
    }
    let piece = (PIECE.as_nanos() / cost.as_nanos().max(1)).clamp(1, 256) as usize;
    let pieces = Mutex::new(rows[done..].chunks_mut(piece).enumerate());
    let failure: Mutex<Option<Failure>> = Mutex::new(None);
    call::interruptible(py, |cancel| {
        let drain = || {
            let mut worker = Worker::new(columns, options);
            loop {
                let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((k, rows)) = next else {
                    return Ok(());
                };
                for (j, row) in rows.iter_mut().enumerate() {
                    *row = worker.integrate(done + k * piece + j, |x, y, xx| {
                        if cancel.is_set() {
                            return Err(Failure::Interrupted);
                        }
                        native.evaluate(x, y, xx)
                    })?;
                }
            }
        };
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| {
                    if let Err(error) = drain() {
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
        });
    })?;
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

/// Integrates members from the first on until the time is up; returns how many, and the time
/// for one.
fn alone(
    native: Native,
    columns: &Columns<'_>,
    options: &QuadOptions,
    rows: &mut [Row],
    signals: &Signals,
) -> Result<(usize, Duration), Failure> {
    let start = Instant::now();
    let mut worker = Worker::new(columns, options);
    let one_thread = pool::threads() == 1;
    for (i, row) in rows.iter_mut().enumerate() {
        let spent = start.elapsed();
        if i > 0 && spent > ALONE && !one_thread {
            return Ok((i, spent / i as u32));
        }
        *row = worker.integrate(i, |x, y, xx| {
            if signals.interrupted() {
                return Err(Failure::Interrupted);
            }
            native.evaluate(x, y, xx)
        })?;
    }
    Ok((rows.len(), Duration::ZERO))
}

/// The named tuple of arrays.
fn result<'py>(py: Python<'py>, rows: &[Row], shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let find = || {
        let module = py.import("ferrotran.integrate")?;
        Ok::<_, PyErr>(module.getattr("QuadBatch")?.unbind())
    };
    let class = CLASS.get_or_try_init(py, find)?.bind(py);
    class.call1((
        PyArray1::from_iter(py, rows.iter().map(|row| row.value)).reshape(shape)?,
        PyArray1::from_iter(py, rows.iter().map(|row| row.abserr)).reshape(shape)?,
        PyArray1::from_iter(py, rows.iter().map(|row| row.status)).reshape(shape)?,
        PyArray1::from_iter(py, rows.iter().map(|row| row.neval)).reshape(shape)?,
    ))
}
