//! Long batches: they show how far they are, and keep what is finished when they are stopped.
//!
//! ```ignore
//! let mut progress = Progress::new(py, argument, members, "fit")?;
//! let (rows, stopped) = progress.run(|counter| {
//!     // On all threads, without the GIL. The callback of a batch in Rust:
//!     par_batch(..., Some(&|done| counter.set(done)))
//! });
//! let result = build(rows)?;
//! match stopped {
//!     None => Ok(result),
//!     Some(error) => Err(interrupted(py, error, result)),
//! }
//! ```
//!
//! A Python callable, which needs the GIL, is driven by the calling thread: it tells
//! [`Progress::show`] itself.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::call::{self, Cancel};

/// So long a batch that the calling thread drives says nothing.
const QUIET: Duration = Duration::from_millis(50);

/// The argument `progress` of a batch.
pub(crate) struct Progress<'py> {
    py: Python<'py>,
    shown: Shown<'py>,
    total: usize,
    unit: &'static str,
    /// What was shown last.
    done: Option<usize>,
    next: Instant,
}

/// Where the numbers go.
enum Shown<'py> {
    Nowhere,
    /// `True`, before the first number.
    Unopened,
    /// A meter of `ferrotran._progress`.
    Meter(Bound<'py, PyAny>),
    /// The user's callable, which gets (done, total).
    Callable(Bound<'py, PyAny>),
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
        let shown = match argument {
            None => Shown::Nowhere,
            Some(flag) if flag.is_instance_of::<PyBool>() => match flag.is_truthy()? {
                true => Shown::Unopened,
                false => Shown::Nowhere,
            },
            Some(callable) if callable.is_callable() => Shown::Callable(callable.clone()),
            Some(other) => {
                return Err(PyTypeError::new_err(format!(
                    "`progress` is {}, expected True, False or a callable that takes (done, total)",
                    other.repr()?
                )));
            }
        };
        Ok(Self {
            py,
            shown,
            total,
            unit,
            done: None,
            next: Instant::now() + QUIET,
        })
    }

    /// Shows that `done` members are finished, unless that was shown within the last 50 ms.
    ///
    /// # Errors
    /// The exception of the callable, or of a signal handler.
    pub(crate) fn show(&mut self, done: usize) -> PyResult<()> {
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + QUIET;
        self.py.check_signals()?;
        self.tell(done)
    }

    /// Runs `work` inside the pool without the GIL, as [`call::interruptible`] does, and shows
    /// every 50 ms what it has counted. Ctrl-C, and an exception of the user's callable, set
    /// what `work` learns from its counter; what `work` returns then comes with the exception.
    ///
    /// A panic in `work` goes on here.
    pub(crate) fn run<R: Send>(
        &mut self,
        work: impl FnOnce(&Counter<'_>) -> R + Send,
    ) -> (R, Option<PyErr>) {
        let done = AtomicUsize::new(0);
        let (value, stopped) = call::watched(
            self.py,
            || self.tell(done.load(Ordering::Relaxed)),
            |cancel| {
                work(&Counter {
                    done: &done,
                    cancel,
                })
            },
        );
        let stopped = stopped.or_else(|| self.finish(done.load(Ordering::Relaxed)).err());
        (value, stopped)
    }

    /// Shows the last number; a bar stays as it is then.
    ///
    /// # Errors
    /// The exception of the callable.
    pub(crate) fn finish(&mut self, done: usize) -> PyResult<()> {
        self.tell(done)
    }

    /// Passes a number on if it is new.
    fn tell(&mut self, done: usize) -> PyResult<()> {
        if self.done == Some(done) || self.total == 0 {
            return Ok(());
        }
        self.done = Some(done);
        if matches!(self.shown, Shown::Unopened) {
            let module = self.py.import("ferrotran._progress")?;
            let meter = module.call_method1("meter", (self.total, self.unit))?;
            self.shown = Shown::Meter(meter);
        }
        let done = done.into_pyobject(self.py)?.into_any();
        match &self.shown {
            Shown::Nowhere | Shown::Unopened => {}
            Shown::Meter(meter) => {
                call::call(&meter.getattr("update")?, &done, &[])?;
            }
            Shown::Callable(callable) => {
                let total = self.total.into_pyobject(self.py)?.into_any();
                call::call(callable, &done, &[total])?;
            }
        }
        Ok(())
    }
}

impl Drop for Progress<'_> {
    /// Closes the bar, whatever happened.
    fn drop(&mut self) {
        if let Shown::Meter(meter) = &self.shown
            && let Err(error) = meter.call_method0("close")
        {
            error.write_unraisable(self.py, Some(meter));
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

/// The exception to raise for a batch that `error` stopped: `ferrotran.BatchInterrupted` with
/// the `result` for a `KeyboardInterrupt`, any other as it is.
pub(crate) fn interrupted(py: Python<'_>, error: PyErr, result: Bound<'_, PyAny>) -> PyErr {
    if !error.is_instance_of::<PyKeyboardInterrupt>(py) {
        return error;
    }
    let build = || {
        let class = py
            .import("ferrotran._progress")?
            .getattr("BatchInterrupted")?;
        let text = "the batch was interrupted; what is finished is in `result`";
        class.call1((text, result))
    };
    match build() {
        Ok(exception) => {
            let new = PyErr::from_value(exception);
            new.set_cause(py, Some(error));
            new
        }
        Err(_) => error,
    }
}
