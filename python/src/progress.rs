//! Long batches: they show how far they are, and keep what is finished when they are stopped.
//!
//! ```ignore
//! let progress = Progress::new(py, argument, members, "fit")?;
//! let (rows, stopped) = progress.run(|counter| {
//!     // On all threads, without the GIL. The callback of a batch in Rust:
//!     par_batch(..., Some(&|done| counter.set(done)))
//! });
//! Ok((build(rows)?, stopped)) // Python's `interrupted` makes the exception of both.
//! ```
//!
//! A Python callable, which needs the GIL, is driven by the calling thread: it tells
//! [`Progress::show`] itself.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBool;

use crate::call::{self, Cancel};

/// The argument `progress` of a batch.
pub(crate) struct Progress<'py> {
    py: Python<'py>,
    /// A `ferrotran._progress.Reporter`, where anything is to be shown.
    reporter: Option<Bound<'py, PyAny>>,
}

impl<'py> Progress<'py> {
    /// Reads the argument: `None` and `False` show nothing, `True` shows a bar, a callable gets
    /// (done, total). `unit` is one of the `total` members, such as "fit".
    ///
    /// # Errors
    /// `TypeError` for anything else.
    pub(crate) fn new(
        py: Python<'py>,
        argument: Option<&Bound<'py, PyAny>>,
        total: usize,
        unit: &'static str,
    ) -> PyResult<Self> {
        static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let asked = argument.filter(|flag| !flag.is_none() && !flag.is(PyBool::new(py, false)));
        let reporter = match asked {
            None => None,
            Some(argument) => {
                let find = || Ok::<_, PyErr>(module(py)?.getattr("Reporter")?.unbind());
                let make = MAKE.get_or_try_init(py, find)?.bind(py);
                let total = total.into_pyobject(py)?.into_any();
                let unit = unit.into_pyobject(py)?.into_any();
                Some(call::call(make, argument, &[total, unit])?)
            }
        };
        Ok(Self { py, reporter })
    }

    /// Shows that `done` members are finished, unless that was done within the last 50 ms.
    ///
    /// # Errors
    /// The exception of the callable.
    pub(crate) fn show(&self, done: usize) -> PyResult<()> {
        self.call("show", done)
    }

    /// Runs `work` inside the pool without the GIL, as [`call::interruptible`] does, and shows
    /// every 50 ms what it has counted. Ctrl-C, and an exception of the user's callable, set
    /// what `work` learns from its counter; what `work` returns then comes with the exception.
    ///
    /// A panic in `work` goes on here.
    pub(crate) fn run<R: Send>(
        &self,
        work: impl FnOnce(&Counter<'_>) -> R + Send,
    ) -> (R, Option<PyErr>) {
        let done = AtomicUsize::new(0);
        let (value, stopped) = call::watched(
            self.py,
            || self.finish(done.load(Ordering::Relaxed)),
            |cancel| {
                work(&Counter {
                    done: &done,
                    cancel,
                })
            },
        );
        let stopped = stopped.or_else(|| self.finish(done.into_inner()).err());
        (value, stopped)
    }

    /// Shows the number, as the last one of a batch must be.
    ///
    /// # Errors
    /// The exception of the callable.
    pub(crate) fn finish(&self, done: usize) -> PyResult<()> {
        self.call("tell", done)
    }

    fn call(&self, method: &str, done: usize) -> PyResult<()> {
        if let Some(reporter) = &self.reporter {
            let done = done.into_pyobject(self.py)?.into_any();
            call::call(&reporter.getattr(method)?, &done, &[])?;
        }
        Ok(())
    }
}

impl Drop for Progress<'_> {
    /// Closes the bar, whatever happened.
    fn drop(&mut self) {
        if let Some(reporter) = &self.reporter {
            let none = self.py.None().into_bound(self.py);
            let close = reporter.getattr("close");
            if let Err(error) = close.and_then(|close| call::call(&close, &none, &[])) {
                error.write_unraisable(self.py, Some(reporter));
            }
        }
    }
}

/// What the threads of a batch count in.
pub(crate) struct Counter<'a> {
    done: &'a AtomicUsize,
    cancel: &'a Cancel,
}

impl Counter<'_> {
    /// Says that `done` members are finished so far: the callback of a batch in Rust.
    pub(crate) fn set(&self, done: usize) -> ControlFlow<()> {
        self.done.fetch_max(done, Ordering::Relaxed);
        match self.cancel.is_set() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    /// The request to stop, for work inside a member.
    pub(crate) fn cancel(&self) -> &Cancel {
        self.cancel
    }
}

/// The half in Python.
fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("ferrotran._progress")
}
