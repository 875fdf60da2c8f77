use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ferrotran::Error;
use ferrotran::integrate::{
    Ivp, IvpOptions, IvpSolution, RightHandSide, par_solve_ivp_batch, solve_ivp_batch,
};
use ndarray::ArrayView2;
use numpy::PyReadonlyArray2;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::callable::{Callable, Jacobian};
use super::found::Found;
use super::native::Visit;
use super::settings::Settings;
use super::side_by_side::SideBySide;
use super::{Failure, Function};
use crate::call::Signals;
use crate::pool;
use crate::progress::Progress;
use crate::workers::Workers;

/// Solves an ensemble whose arguments Python has checked.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python")]
pub(super) fn _ivp_many<'py>(
    py: Python<'py>,
    fun: &Bound<'py, PyAny>,
    settings: Settings<'py>,
    y0: PyReadonlyArray2<'py, f64>,
    params: PyReadonlyArray2<'py, f64>,
    workers: Option<isize>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let _workers = Workers::set(workers)?;
    let ensemble = Ensemble {
        y0: y0.as_array(),
        params: params.as_array(),
        options: settings.ensemble_options()?,
        progress: Progress::new(py, progress, y0.as_array().nrows(), "member")?,
        shown: progress.is_some_and(|progress| progress.is_truthy().unwrap_or(true)),
        settings,
    };
    let (found, stopped) = match Function::new(fun, ensemble.settings.compiled_jac.as_ref())? {
        Function::Python(fun) => ensemble.python(&fun)?,
        Function::Compiled(compiled) => {
            let ensemble = &ensemble;
            compiled.visit(Visitor { py, ensemble })?
        }
    };
    found.into_dict(py, stopped)
}

/// Integrates a compiled function.
struct Visitor<'a, 'b, 'py> {
    py: Python<'py>,
    ensemble: &'a Ensemble<'b, 'py>,
}

impl Visit for Visitor<'_, '_, '_> {
    type Output = PyResult<Outcome>;

    fn visit<R>(self, rhs: R) -> Self::Output
    where
        R: RightHandSide<Error = Error> + Sync,
    {
        self.ensemble.compiled(self.py, &rhs)
    }
}

/// An ensemble but for its right-hand side.
struct Ensemble<'a, 'py> {
    y0: ArrayView2<'a, f64>,
    params: ArrayView2<'a, f64>,
    options: IvpOptions,
    progress: Progress<'py>,
    /// Whether the progress is to be shown.
    shown: bool,
    settings: Settings<'py>,
}

/// What was found, and the exception that stopped it.
type Outcome = (Found, Option<PyErr>);

impl<'py> Ensemble<'_, 'py> {
    /// Integrates a compiled function on all threads, without the GIL.
    fn compiled<S>(&self, py: Python<'py>, rhs: &S) -> PyResult<Outcome>
    where
        S: RightHandSide<Error = Error> + Sync,
    {
        if self.settings.jac.is_some() {
            return Err(PyValueError::new_err(
                "`jac` is a Python object, expected a compiled function in an ensemble of a \
                 compiled `fun`; without it differences are taken",
            ));
        }
        let span = (self.settings.t0, self.settings.tf);
        let (y0, params, options) = (self.y0, self.params, &self.options);
        // Waking the pool up takes longer than a small ensemble.
        if !self.shown && (pool::threads() == 1 || y0.nrows() == 1) {
            let (batch, signals) = py.detach(|| {
                let signals = Mutex::new(Signals::new());
                let tell = |_| {
                    let signals = signals.lock().unwrap_or_else(PoisonError::into_inner);
                    match signals.interrupted() {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                };
                let batch = solve_ivp_batch(rhs, span, &y0, &params, options, Some(&tell));
                (batch, signals)
            });
            let signals = signals.into_inner();
            let stopped = signals
                .unwrap_or_else(PoisonError::into_inner)
                .result()
                .err();
            let batch = batch.map_err(Failure::from)?;
            return Ok((Found::of(batch, stopped.is_some()), stopped));
        }
        let (batch, stopped) = self.progress.run(|counter| {
            let tell = |done| counter.set(done);
            par_solve_ivp_batch(rhs, span, &y0, &params, options, Some(&tell))
        });
        let batch = batch.map_err(Failure::from)?;
        Ok((Found::of(batch, stopped.is_some()), stopped))
    }

    /// Integrates a Python callable in this thread.
    fn python(&self, fun: &Bound<'py, PyAny>) -> PyResult<Outcome> {
        let fun = Callable::new(fun, self.settings.is_complex);
        if self.settings.vectorized && self.settings.jac.is_none() {
            return self.side_by_side(fun);
        }
        let fun = fun.in_a_column(self.settings.vectorized);
        let times = self.options.t_eval.as_deref().unwrap_or_default();
        let mut found = Found::new(self.y0.dim(), times);
        for k in 0..self.y0.nrows() {
            if !self.y0.row(k).iter().all(|y| y.is_finite()) {
                found.refuse(k, self.settings.t0, self.y0.row(k));
                continue;
            }
            let outcome = self.member(&fun, k).map_err(PyErr::from);
            let shown = outcome.and_then(|solution| {
                found.put(k, &solution);
                self.progress.show(k + 1)
            });
            if let Err(error) = shown {
                return Ok((found, Some(error)));
            }
        }
        self.progress.finish(self.y0.nrows())?;
        Ok((found, None))
    }

    /// Integrates one member.
    fn member(&self, fun: &Callable<'py>, k: usize) -> Result<IvpSolution, Failure> {
        let (y0, p) = (self.y0.row(k), self.params.row(k));
        let span = (self.settings.t0, self.settings.tf);
        let f = |t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| -> Result<(), Failure> {
            Ok(fun.derivative(t, y, dydt, p)?)
        };
        match &self.settings.jac {
            None => Ivp::with_params(&f, &p, span, &y0)?.solve(&self.options),
            Some(jac) => {
                let jacobian = Jacobian(Callable::new(jac, self.settings.is_complex));
                let jac = |t: f64, y: &[f64], jac: &mut [f64], p: &[f64]| {
                    jacobian.put(t, y, jac, p).map_err(Failure::from)
                };
                let rhs = f.with_jacobian(jac);
                Ivp::with_params(&rhs, &p, span, &y0)?.solve(&self.options)
            }
        }
    }

    /// Integrates a vectorised Python callable, several members at once.
    fn side_by_side(&self, fun: Callable<'py>) -> PyResult<Outcome> {
        let span = (self.settings.t0, self.settings.tf);
        let done = AtomicUsize::new(0);
        let calls = SideBySide::new(fun, self.params.ncols(), &self.progress, &done);
        let tell = |ended| {
            done.store(ended, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let (y0, params, rhs) = (&self.y0, &self.params, calls.rhs());
        let batch = solve_ivp_batch(&rhs, span, y0, params, &self.options, Some(&tell));
        let batch = batch.map_err(Failure::from)?;
        let stopped = calls.stopped();
        if stopped.is_none() {
            self.progress.finish(self.y0.nrows())?;
        }
        Ok((Found::of(batch, stopped.is_some()), stopped))
    }
}
