//! Closures as residuals.

use std::ffi::{c_int, c_void};
use std::slice;

use ndarray::{ArrayRef1, ArrayViewMut2, ShapeBuilder};

use super::options::Bounds;
use super::{LeastSquares, LeastSquaresOptions, LeastSquaresWorkspace, Problem, Summary};
use crate::callback::Stop;
use crate::{Error, Result};

/// What the trampoline finds behind `ctx`.
struct Call<'a, F, J, E> {
    f: F,
    jac: J,
    weights: &'a [f64],
    stop: Option<Stop<E>>,
}

impl LeastSquaresWorkspace {
    /// Searches as [`try_least_squares`](super::try_least_squares) does, in this memory.
    ///
    /// # Errors
    /// As there.
    pub fn try_least_squares<F, E>(
        &mut self,
        f: F,
        m: usize,
        x0: &ArrayRef1<f64>,
        options: &LeastSquaresOptions,
    ) -> Result<LeastSquares, E>
    where
        F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
        E: From<Error>,
    {
        let bounds = options.bounds(x0.len())?;
        let problem = options.problem(m, x0.len(), &bounds, true)?;
        let none = |_: &[f64], _: ArrayViewMut2<'_, f64>| Ok(());
        self.search(f, none, x0, &problem, &bounds)
    }

    /// Searches as [`try_least_squares_jac`](super::try_least_squares_jac) does, in this memory.
    ///
    /// # Errors
    /// As there.
    pub fn try_least_squares_jac<F, J, E>(
        &mut self,
        f: F,
        jac: J,
        m: usize,
        x0: &ArrayRef1<f64>,
        options: &LeastSquaresOptions,
    ) -> Result<LeastSquares, E>
    where
        F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
        J: FnMut(&[f64], ArrayViewMut2<'_, f64>) -> Result<(), E>,
        E: From<Error>,
    {
        let bounds = options.bounds(x0.len())?;
        let problem = options.problem(m, x0.len(), &bounds, false)?;
        self.search(f, jac, x0, &problem, &bounds)
    }

    /// Runs the kernel on closures, and collects what it leaves.
    fn search<F, J, E>(
        &mut self,
        f: F,
        jac: J,
        x0: &ArrayRef1<f64>,
        problem: &Problem<'_>,
        bounds: &Bounds,
    ) -> Result<LeastSquares, E>
    where
        F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
        J: FnMut(&[f64], ArrayViewMut2<'_, f64>) -> Result<(), E>,
        E: From<Error>,
    {
        let mut x = x0.to_vec();
        bounds.check_start(&x)?;
        let mut cov = vec![0.0; x.len() * x.len()];
        let summary = self.search_in(f, jac, problem, &mut x, &mut cov)?;
        Ok(LeastSquares::collect(self, &summary, x, cov))
    }

    /// Runs the kernel on closures, from `x` within the bounds.
    pub(super) fn search_in<F, J, E>(
        &mut self,
        f: F,
        jac: J,
        problem: &Problem<'_>,
        x: &mut [f64],
        cov: &mut [f64],
    ) -> Result<Summary, E>
    where
        F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
        J: FnMut(&[f64], ArrayViewMut2<'_, f64>) -> Result<(), E>,
        E: From<Error>,
    {
        let mut call = Call {
            f,
            jac,
            weights: problem.weights,
            stop: None,
        };
        let ctx: *mut Call<'_, F, J, E> = &mut call;
        let f = trampoline::<F, J, E>;
        // SAFETY: `trampoline::<F, J, E>` expects the `Call<F, J, E>` that `ctx` points to, and
        // nothing else uses `call` until the kernel has returned.
        let summary = unsafe { self.run(f, ctx.cast(), problem, x, cov) };
        match call.stop {
            Some(stop) => Err(stop.resume()),
            None => Ok(summary?.ok_or(Error::Stopped)?),
        }
    }
}

/// Calls the closures behind `ctx`; an error or a panic is kept there and stops the kernel.
///
/// # Safety
/// `ctx` points to a `Call<F, J, E>` that nothing else uses meanwhile; `x` holds `n` numbers, `r`
/// and `jac` are null or have room for `m` and `n * m`.
unsafe extern "C" fn trampoline<F, J, E>(
    ctx: *mut c_void,
    m: isize,
    n: isize,
    x: *const f64,
    r: *mut f64,
    jac: *mut f64,
) -> c_int
where
    F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    J: FnMut(&[f64], ArrayViewMut2<'_, f64>) -> Result<(), E>,
{
    let (m, n) = (m as usize, n as usize);
    // SAFETY: the caller's promise; `x`, `r` and `jac` are separate arrays.
    let (call, x, r, jac) = unsafe {
        let optional = |p: *mut f64, length| {
            let there = !p.is_null();
            there.then(|| slice::from_raw_parts_mut(p, length))
        };
        let call = &mut *ctx.cast::<Call<'_, F, J, E>>();
        let x = slice::from_raw_parts(x, n);
        (call, x, optional(r, m), optional(jac, m * n))
    };
    let both = || {
        if let Some(r) = r {
            // What the closure leaves out counts as NaN.
            r.fill(f64::NAN);
            (call.f)(x, r)?;
            weigh(r, call.weights);
        }
        if let Some(jac) = jac {
            jac.fill(f64::NAN);
            let view = ArrayViewMut2::from_shape((m, n).f(), &mut *jac);
            (call.jac)(x, view.expect("m * n numbers make an m x n matrix"))?;
            jac.chunks_mut(m)
                .for_each(|column| weigh(column, call.weights));
        }
        Ok(())
    };
    match Stop::catch(both) {
        Ok(()) => 0,
        Err(stop) => {
            call.stop = Some(stop);
            1
        }
    }
}

/// Multiplies the numbers by the weights, if there are any.
fn weigh(numbers: &mut [f64], weights: &[f64]) {
    for (number, weight) in numbers.iter_mut().zip(weights) {
        *number *= weight;
    }
}
