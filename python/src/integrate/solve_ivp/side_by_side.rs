use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrotran::integrate::CompiledRhs;
use ndarray::{ArrayView2, ArrayViewMut2};
use pyo3::prelude::*;

use super::callable::Callable;
use crate::progress::Progress;

/// A vectorised Python callable as a C function. Unlike the error of a closure, a stop without a
/// reason leaves the members that are finished.
pub(super) struct SideBySide<'a, 'py> {
    function: Callable<'py>,
    parameters: usize,
    progress: &'a Progress<'py>,
    /// Members that are finished.
    done: &'a AtomicUsize,
    shown: Cell<usize>,
    stop: RefCell<Option<Stop>>,
}

/// Why a call stopped the integration.
enum Stop {
    Raised(PyErr),
    Panicked(Box<dyn Any + Send>),
}

impl<'a, 'py> SideBySide<'a, 'py> {
    /// Gets as many parameters as is said; `done` is shown as `progress`.
    pub(super) fn new(
        function: Callable<'py>,
        parameters: usize,
        progress: &'a Progress<'py>,
        done: &'a AtomicUsize,
    ) -> Self {
        Self {
            function,
            parameters,
            progress,
            done,
            shown: Cell::new(0),
            stop: RefCell::new(None),
        }
    }

    /// The right-hand side, for this thread alone; `self` must outlive it.
    pub(super) fn rhs(&self) -> CompiledRhs {
        let ctx = std::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: `through` finds `self` behind the context and lets no panic out.
        unsafe { CompiledRhs::lanes(through, ctx) }
    }

    /// The exception that stopped the integration; a panic goes on.
    pub(super) fn stopped(self) -> Option<PyErr> {
        match self.stop.into_inner()? {
            Stop::Raised(error) => Some(error),
            Stop::Panicked(panic) => resume_unwind(panic),
        }
    }

    fn call(
        &self,
        t: &[f64],
        y: ArrayView2<'_, f64>,
        dydt: ArrayViewMut2<'_, f64>,
        p: ArrayView2<'_, f64>,
    ) -> PyResult<()> {
        let done = self.done.load(Ordering::Relaxed);
        if done != self.shown.replace(done) {
            self.progress.show(done)?;
        }
        self.function.derivatives(t, y, dydt, p)
    }
}

/// Calls the function of the [`SideBySide`] at `ctx`.
///
/// # Safety
/// `ctx` points to one that belongs to this thread, which holds the GIL; the arrays have `lanes`
/// times 1, `n`, `n` and its `parameters` elements.
unsafe extern "C" fn through(
    ctx: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    let (k, n) = (lanes as usize, n as usize);
    // SAFETY: the caller's promise.
    let (this, t, y, dydt, p) = unsafe {
        let this = &*ctx.cast::<SideBySide<'_, '_>>();
        let p = match this.parameters {
            0 => &[],
            parameters => slice::from_raw_parts(p, parameters * k),
        };
        let (t, y) = (slice::from_raw_parts(t, k), slice::from_raw_parts(y, n * k));
        (this, t, y, slice::from_raw_parts_mut(dydt, n * k), p)
    };
    let call = || {
        let matrices = (
            ArrayView2::from_shape((n, k), y),
            ArrayViewMut2::from_shape((n, k), dydt),
            ArrayView2::from_shape((this.parameters, k), p),
        );
        match matrices {
            (Ok(y), Ok(dydt), Ok(p)) => this.call(t, y, dydt, p),
            _ => unreachable!("the slices have these lengths"),
        }
    };
    let stop = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => return 0,
        Ok(Err(error)) => Stop::Raised(error),
        Err(panic) => Stop::Panicked(panic),
    };
    this.stop.replace(Some(stop));
    1
}
