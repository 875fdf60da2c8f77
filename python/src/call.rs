//! Long work and Python: stopped by Ctrl-C, safe when the interpreter exits.
//!
//! CPython up to 3.13 ends a daemon thread that asks for the GIL after the interpreter has begun
//! to shut down by `pthread_exit`, which unwinds the thread's stack. Rust frames that take no
//! unwinding abort the process. In `Python::detach` and `Python::attach` pyo3 guards against
//! it: the unwinding meets a guard in the innermost Rust frame, where the thread sleeps until
//! the process is gone. (CPython 3.14 itself lets such threads sleep.) A Python callable may ask
//! for the GIL anywhere inside, and pyo3 does not guard those calls; [`call`] and [`float`] do.
//!
//! | work | how |
//! |---|---|
//! | native code on this thread, GIL free | `py.detach`; long loops ask [`Signals::interrupted`] |
//! | native code on all threads, GIL free | [`interruptible`]; long loops ask [`Cancel::is_set`] |
//! | the same in a batch that reports, and keeps what is finished | [`crate::progress::Progress::run`] |
//! | a Python callable inside native code | [`call`] and [`float`], with the GIL held |
//! | a C function of the user's, which may be Python behind ctypes | [`guarded`] |

use std::cell::{Cell, RefCell};
use std::ffi::c_double;
use std::hint::black_box;
use std::iter;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::pool;

/// How often the signals are looked at.
const POLL: Duration = Duration::from_millis(50);
/// As many questions are answered without a look at the clock while they come quickly.
const UNTIMED: u32 = 15;
/// So quickly: that many within this time.
const QUICK: Duration = Duration::from_millis(1);

/// Asks Python for signals from inside long work on one thread, with or without the GIL:
///
/// ```ignore
/// let (value, signals) = py.detach(|| {
///     let signals = Signals::new();
///     let value = work(|| signals.interrupted());
///     (value, signals)
/// });
/// signals.result()?;
/// ```
pub(crate) struct Signals {
    next_poll: Cell<Instant>,
    last_look: Cell<Instant>,
    untimed: Cell<u32>,
    error: RefCell<Option<PyErr>>,
}

impl Signals {
    /// Starts the clock.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            next_poll: Cell::new(now + POLL),
            last_look: Cell::new(now),
            untimed: Cell::new(0),
            error: RefCell::new(None),
        }
    }

    /// Tells whether a signal handler has raised (Ctrl-C), so that the work should stop. Costs
    /// one look at the clock (25 ns), every 16th time if asked often, and every 50 ms one look
    /// at Python.
    pub(crate) fn interrupted(&self) -> bool {
        if let Some(left) = self.untimed.get().checked_sub(1) {
            self.untimed.set(left);
            return self.error.borrow().is_some();
        }
        let now = Instant::now();
        if now < self.last_look.replace(now) + QUICK {
            self.untimed.set(UNTIMED);
        }
        if now >= self.next_poll.get() {
            self.next_poll.set(now + POLL);
            if self.error.borrow().is_none() {
                let error = Python::attach(|py| py.check_signals().err());
                self.error.replace(error);
            }
        }
        self.error.borrow().is_some()
    }

    /// The exception that the signal handler raised, as an error.
    pub(crate) fn result(self) -> PyResult<()> {
        self.error.into_inner().map_or(Ok(()), Err)
    }
}

/// A request to stop, seen by all threads.
#[derive(Default)]
pub(crate) struct Cancel(AtomicBool);

impl Cancel {
    /// Tells whether the work should stop. Costs a load.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs `work` inside the pool without the GIL, while this thread looks at the signals every
/// 50 ms: Ctrl-C sets the [`Cancel`] that `work` asks between its steps.
///
/// `work` must not touch Python. It costs some 10 microseconds more than the work itself; what
/// takes less than 100 is better done by `py.detach` alone.
///
/// # Errors
/// The exception of the signal handler, once `work` has returned; what `work` returned is
/// dropped. A panic in `work` goes on in the calling thread.
pub(crate) fn interruptible<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Cancel) -> R + Send,
) -> PyResult<R> {
    match watched(py, || Ok(()), work) {
        (value, None) => Ok(value),
        (_, Some(error)) => Err(error),
    }
}

/// Runs `work` like [`interruptible`], and `tick` every 50 ms in this thread with the GIL; what
/// `work` returned comes with the exception of the signal handler or of `tick`, which sets the
/// [`Cancel`] too.
pub(crate) fn watched<R: Send>(
    py: Python<'_>,
    mut tick: impl FnMut() -> PyResult<()>,
    work: impl FnOnce(&Cancel) -> R + Send,
) -> (R, Option<PyErr>) {
    let cancel = Cancel::default();
    let Some(pool) = pool::pool(pool::threads()) else {
        return (py.detach(|| work(&cancel)), None);
    };
    let outcome = Mutex::new(None);
    let done = Condvar::new();
    let wait = |limit| {
        let slot = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = done.wait_timeout_while(slot, limit, |slot| slot.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_some()
    };
    let error = pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            let value = catch_unwind(AssertUnwindSafe(|| work(&cancel)));
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            done.notify_one();
        });
        while !py.detach(|| wait(POLL)) {
            if let Err(error) = py.check_signals().and_then(|()| tick()) {
                cancel.0.store(true, Ordering::Relaxed);
                py.detach(|| wait(Duration::MAX));
                return Some(error);
            }
        }
        None
    });
    match outcome.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(Ok(value)) => (value, error),
        Some(Err(panic)) => resume_unwind(panic),
        None => unreachable!("the wait ends when the outcome is there"),
    }
}

/// Calls `callable(first, *rest)` from inside native work.
///
/// # Errors
/// The exception that the call raised.
pub(crate) fn call<'py>(
    callable: &Bound<'py, PyAny>,
    first: &Bound<'py, PyAny>,
    rest: &[Bound<'py, PyAny>],
) -> PyResult<Bound<'py, PyAny>> {
    // The functions' pointers are hidden from the optimiser, so that it does not conclude from
    // pyo3's declarations that the calls cannot unwind.
    let with_list = black_box(PyObject_CallFunctionObjArgs as CallFunctionObjArgs);
    let with_tuple = black_box(PyObject_CallObject as CallObject);
    let (f, x) = (callable.as_ptr(), first.as_ptr());
    let end = ptr::null_mut::<ffi::PyObject>();
    let result = match rest {
        // SAFETY: the `Bound`s show that the objects are alive and the GIL is held; the list
        // ends with a null pointer.
        [] => guarded(|| unsafe { with_list(f, x, end) }),
        // SAFETY: likewise.
        [second] => guarded(|| unsafe { with_list(f, x, second.as_ptr(), end) }),
        _ => {
            let all: Vec<_> = iter::once(first).chain(rest).collect();
            let all = PyTuple::new(callable.py(), all)?;
            // SAFETY: likewise, and `all` is a tuple.
            guarded(|| unsafe { with_tuple(f, all.as_ptr()) })
        }
    };
    // SAFETY: a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(callable.py(), result) }
}

/// Converts the result of a callable to a number; `__float__` may be Python code.
///
/// # Errors
/// The exception of the conversion: `TypeError` where there is none.
pub(crate) fn float(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let convert = black_box(PyFloat_AsDouble as FloatAsDouble);
    // SAFETY: the object is alive and the GIL is held.
    let number = guarded(|| unsafe { convert(value.as_ptr()) });
    if number == -1.0
        && let Some(error) = PyErr::take(value.py())
    {
        return Err(error);
    }
    Ok(number)
}

/// Runs `f`, whose calls of `extern "C-unwind"` functions may wait for the GIL.
pub(crate) fn guarded<T>(f: impl FnOnce() -> T) -> T {
    let parked = Parked;
    let value = f();
    forget(parked);
    value
}

/// Sleeps for ever when it is dropped by the unwinding of `pthread_exit`; a call that comes
/// back forgets it, and a panic passes.
struct Parked;

impl Drop for Parked {
    fn drop(&mut self) {
        while !std::thread::panicking() {
            std::thread::park();
        }
    }
}

type FloatAsDouble = unsafe extern "C-unwind" fn(*mut ffi::PyObject) -> c_double;
type CallObject =
    unsafe extern "C-unwind" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;
type CallFunctionObjArgs =
    unsafe extern "C-unwind" fn(*mut ffi::PyObject, ...) -> *mut ffi::PyObject;

// As in pyo3's `ffi`, but allowed to unwind.
unsafe extern "C-unwind" {
    fn PyFloat_AsDouble(value: *mut ffi::PyObject) -> c_double;
    fn PyObject_CallObject(
        callable: *mut ffi::PyObject,
        args: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
    fn PyObject_CallFunctionObjArgs(callable: *mut ffi::PyObject, ...) -> *mut ffi::PyObject;
}
