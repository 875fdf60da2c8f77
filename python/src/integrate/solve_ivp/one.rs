use std::cell::Cell;

use ferrotran::Error;
use ferrotran::integrate::{Event, Ivp, IvpSolution, IvpStatus, RightHandSide};
use ndarray::aview1;
use numpy::{PyArray1, PyArray2, PyArrayDyn, PyReadonlyArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::callable::{Callable, Jacobian};
use super::dense::Interpolants;
use super::native::{Fun, Visit};
use super::settings::Settings;
use super::{Failure, Function, number, refused};
use crate::call::Signals;

/// Solves one problem whose arguments Python has checked.
#[pyfunction]
pub(super) fn _ivp_one<'py>(
    py: Python<'py>,
    fun: &Bound<'py, PyAny>,
    settings: Settings<'py>,
    y0: PyReadonlyArray1<'py, f64>,
    args: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let run = Run { settings, args };
    let y0 = y0.as_slice()?;
    let solution = match Function::new(fun, run.settings.compiled_jac.as_ref())? {
        Function::Python(fun) => run.python(&fun, y0)?,
        Function::Compiled(compiled) => {
            let p = match compiled.fun {
                Fun::System(system) if run.args.is_empty() => system.usual_parameters().to_vec(),
                _ => run.numbers()?,
            };
            let (run, p) = (&run, &p[..]);
            let solution = compiled.visit(Visitor { py, run, y0, p })?;
            if solution.status == IvpStatus::Stopped {
                return Err(refused(compiled.code()));
            }
            solution
        }
    };
    run.result(py, solution)
}

/// Integrates a compiled function.
struct Visitor<'a, 'py> {
    py: Python<'py>,
    run: &'a Run<'py>,
    y0: &'a [f64],
    p: &'a [f64],
}

impl Visit for Visitor<'_, '_> {
    type Output = Result<IvpSolution, Failure>;

    fn visit<R>(self, rhs: R) -> Self::Output
    where
        R: RightHandSide<Error = Error> + Sync,
    {
        self.run.compiled(self.py, rhs, self.y0, self.p)
    }
}

/// What does not depend on the kind of right-hand side.
struct Run<'py> {
    settings: Settings<'py>,
    args: Vec<Bound<'py, PyAny>>,
}

impl<'py> Run<'py> {
    /// The further arguments of a compiled function.
    fn numbers(&self) -> PyResult<Vec<f64>> {
        let number = |(i, arg): (usize, &Bound<'py, PyAny>)| {
            arg.extract().map_err(|_| {
                PyTypeError::new_err(format!(
                    "`args[{i}]` is {arg}, expected floats for a compiled `fun`"
                ))
            })
        };
        self.args.iter().enumerate().map(number).collect()
    }

    fn callable(&self, function: &Bound<'py, PyAny>) -> Callable<'py> {
        Callable::new(function, self.settings.is_complex).with(&self.args)
    }

    /// Integrates a Python callable.
    fn python(&self, fun: &Bound<'py, PyAny>, y0: &[f64]) -> Result<IvpSolution, Failure> {
        let fun = self.callable(fun).in_a_column(self.settings.vectorized);
        let f = |t: f64, y: &[f64], dydt: &mut [f64], _: &[f64]| -> Result<(), Failure> {
            Ok(fun.derivative(t, y, dydt, &[])?)
        };
        match self.jacobian() {
            None => self.here(&f, y0, &[]),
            Some(jacobian) => {
                let jac = |t: f64, y: &[f64], jac: &mut [f64], _: &[f64]| -> Result<(), Failure> {
                    Ok(jacobian.put(t, y, jac, &[])?)
                };
                self.here(&f.with_jacobian(jac), y0, &[])
            }
        }
    }

    /// Integrates a compiled function, without the GIL where no Python function is called.
    fn compiled<S>(
        &self,
        py: Python<'py>,
        rhs: S,
        y0: &[f64],
        p: &[f64],
    ) -> Result<IvpSolution, Failure>
    where
        S: RightHandSide<Error = Error> + Sync,
    {
        if let Some(jacobian) = self.jacobian() {
            let raised = Cell::new(None);
            let jac = |t: f64, y: &[f64], jac: &mut [f64], _: &[f64]| {
                jacobian.put(t, y, jac, &[]).map_err(|error| {
                    raised.set(Some(error));
                    Error::Stopped
                })
            };
            let outcome = self.here(&rhs.with_jacobian(jac), y0, p);
            return raised.take().map_or(outcome, |error| Err(error.into()));
        }
        if self.settings.events.is_some() {
            return self.here(&rhs, y0, p);
        }
        let (options, span) = (self.settings.options()?, self.span());
        let (outcome, signals) = py.detach(|| {
            let signals = Signals::new();
            let look = |_: f64, _: &[f64]| match signals.interrupted() {
                true => Err(Failure::Interrupted),
                false => Ok(1.0),
            };
            let problem = Ivp::<Failure>::with_params(&rhs, &aview1(p), span, &aview1(y0));
            let watched = problem.map(|problem| problem.event(Event::fallible(look)));
            let outcome = watched
                .map_err(Failure::from)
                .and_then(|mut w| w.solve(&options));
            (outcome, signals)
        });
        signals.result()?;
        outcome
    }

    /// Integrates with the GIL held.
    fn here<S>(&self, rhs: &S, y0: &[f64], p: &[f64]) -> Result<IvpSolution, Failure>
    where
        S: RightHandSide,
        Failure: From<S::Error>,
    {
        let problem = Ivp::with_params(rhs, &aview1(p), self.span(), &aview1(y0))?;
        self.watched(problem).solve(&self.settings.options()?)
    }

    fn span(&self) -> (f64, f64) {
        (self.settings.t0, self.settings.tf)
    }

    fn jacobian(&self) -> Option<Jacobian<'py>> {
        let jac = self.settings.jac.as_ref()?;
        Some(Jacobian(self.callable(jac)))
    }

    /// Adds the events in Python.
    fn watched<'a>(&'a self, mut problem: Ivp<'a, Failure>) -> Ivp<'a, Failure> {
        let events = self.settings.events.iter().flatten();
        for (index, (function, terminal, direction)) in events.enumerate() {
            let function = self.callable(function);
            let value = move |t: f64, y: &[f64]| Ok(function.number(t, y, index)?);
            let event = Event::fallible(value).terminal_after(*terminal);
            problem = problem.event(if *direction > 0.0 {
                event.rising()
            } else if *direction < 0.0 {
                event.falling()
            } else {
                event
            });
        }
        problem
    }

    /// What Python makes the result of.
    fn result(&self, py: Python<'py>, solution: IvpSolution) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("t", PyArray1::from_owned_array(py, solution.t))?;
        dict.set_item("y", PyArray2::from_owned_array(py, solution.y))?;
        if let Some(events) = &self.settings.events {
            let (times, states) = (PyList::empty(py), PyList::empty(py));
            for found in solution.events.into_iter().take(events.len()) {
                // SciPy's shapes: one state in each row, and (0,) where there is none.
                let y = found.y.reversed_axes().into_dyn();
                states.append(if found.t.is_empty() {
                    PyArray1::<f64>::zeros(py, 0, false).into_any()
                } else {
                    PyArrayDyn::from_owned_array(py, y).into_any()
                })?;
                times.append(PyArray1::from_owned_array(py, found.t))?;
            }
            dict.set_item("t_events", times)?;
            dict.set_item("y_events", states)?;
        } else {
            dict.set_item("t_events", py.None())?;
            dict.set_item("y_events", py.None())?;
        }
        dict.set_item("sol", solution.dense.map(Interpolants))?;
        dict.set_item("nfev", solution.nfev)?;
        dict.set_item("njev", solution.njev)?;
        dict.set_item("nlu", solution.nlu)?;
        dict.set_item("stiff", solution.stiff)?;
        dict.set_item("status", number(solution.status))?;
        Ok(dict)
    }
}
