use std::ffi::{c_int, c_void};
use std::ptr;

use super::LeastSquaresStatus;
use crate::{Error, Result, ffi};

/// Numbers in a line of the cache.
const LINE: usize = 8;

/// `int f(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, double *r, double *jac)`: puts
/// the residuals at `x` into `r` and their derivatives into `jac` (n x m), where they are not
/// null; nonzero stops the search.
pub(in crate::optimize) type ResidualFn = unsafe extern "C" fn(
    ctx: *mut c_void,
    m: isize,
    n: isize,
    x: *const f64,
    r: *mut f64,
    jac: *mut f64,
) -> c_int;

/// A problem as the kernel takes it. `lower` and `upper` are both empty or `n` long, `x_scale`
/// is empty or `n` long, `weights` empty or `m` long, and for closures alone; whoever makes one
/// has checked the values.
#[derive(Debug, Clone, Copy)]
pub(in crate::optimize) struct Problem<'a> {
    pub(in crate::optimize) m: usize,
    pub(in crate::optimize) lower: &'a [f64],
    pub(in crate::optimize) upper: &'a [f64],
    pub(in crate::optimize) x_scale: &'a [f64],
    pub(in crate::optimize) weights: &'a [f64],
    /// Whether `f` gets both `r` and `jac` at each point.
    pub(in crate::optimize) together: bool,
    /// Relative step of forward differences; 0 where `f` knows the derivatives.
    pub(in crate::optimize) diff_step: f64,
    pub(in crate::optimize) ftol: f64,
    pub(in crate::optimize) xtol: f64,
    pub(in crate::optimize) gtol: f64,
    pub(in crate::optimize) factor: f64,
    pub(in crate::optimize) max_nfev: usize,
}

/// What a search came to, but for its arrays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::optimize) struct Summary {
    pub(in crate::optimize) cost: f64,
    pub(in crate::optimize) optimality: f64,
    pub(in crate::optimize) rank: usize,
    pub(in crate::optimize) nfev: usize,
    pub(in crate::optimize) njev: usize,
    pub(in crate::optimize) status: LeastSquaresStatus,
}

/// Memory of a search for the least squares, to be used again.
///
/// It grows to the largest problem seen. One workspace serves one search at a time.
#[derive(Debug, Clone, Default)]
pub struct LeastSquaresWorkspace {
    /// From `start` on what the kernel asks for, then residuals and Jacobian.
    numbers: Vec<f64>,
    start: usize,
    /// Where the residuals start.
    results: usize,
    lists: Vec<isize>,
    m: usize,
    n: usize,
}

impl LeastSquaresWorkspace {
    /// Makes an empty workspace, without memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            numbers: Vec::new(),
            start: 0,
            results: 0,
            lists: Vec::new(),
            m: 0,
            n: 0,
        }
    }

    /// Residuals of the last search at its result.
    pub(in crate::optimize) fn residuals(&self) -> &[f64] {
        &self.numbers[self.results..][..self.m]
    }

    /// Derivatives of the last search at its result, `n` rows of `m`.
    pub(in crate::optimize) fn jacobian(&self) -> &[f64] {
        &self.numbers[self.results + self.m..][..self.m * self.n]
    }

    /// Makes room for `m` residuals and `n` parameters.
    pub(in crate::optimize) fn prepare(&mut self, m: usize, n: usize) -> Result<()> {
        // A few times the Jacobian, which must not overflow.
        if m.checked_mul(8 * (n + 4))
            .is_none_or(|size| size > isize::MAX as usize / 8)
        {
            return Err(too_many(m));
        }
        // SAFETY: arithmetic alone.
        let (numbers, lists) = unsafe {
            let (m, n) = (m as isize, n as isize);
            (
                ffi::ft_least_squares_work_f64(m, n),
                ffi::ft_least_squares_iwork_f64(n),
            )
        };
        let work = (numbers as usize).next_multiple_of(LINE);
        grow(&mut self.numbers, LINE + work + m * (n + 1), 0.0, m)?;
        // Vectors that cross lines of the cache cost twice the time.
        let start = self.numbers.as_ptr().align_offset(LINE * size_of::<f64>());
        self.start = if start < LINE { start } else { 0 };
        self.results = self.start + work;
        grow(&mut self.lists, lists as usize, 0, m)?;
        (self.m, self.n) = (m, n);
        Ok(())
    }

    /// Runs the kernel from `x`, which becomes the result. `cov`, where it is not empty, gets the
    /// inverse of `J^T J`. No memory is allocated once the workspace has seen the size. `None`:
    /// `f` stopped the search.
    ///
    /// # Safety
    /// `f` may be called with `ctx` on this thread and keeps its contract: it reads `n` numbers
    /// at `x`, writes `m` at `r` and `n * m` at `jac` where these are not null, and does not
    /// unwind. The pointers it gets are good only while it runs.
    pub(in crate::optimize) unsafe fn run(
        &mut self,
        f: ResidualFn,
        ctx: *mut c_void,
        problem: &Problem<'_>,
        x: &mut [f64],
        cov: &mut [f64],
    ) -> Result<Option<Summary>> {
        let (m, n) = (problem.m, x.len());
        self.prepare(m, n)?;
        let optional = |a: &[f64]| {
            if a.is_empty() {
                return ptr::null();
            }
            assert_eq!(a.len(), n, "one number per parameter");
            a.as_ptr()
        };
        let (lower, upper) = (optional(problem.lower), optional(problem.upper));
        let x_scale = optional(problem.x_scale);
        let cov = if cov.is_empty() {
            ptr::null_mut()
        } else {
            assert_eq!(cov.len(), n * n, "a square matrix");
            cov.as_mut_ptr()
        };
        let memory = self.numbers.as_mut_ptr();
        let (mut rank, mut nfev, mut njev) = (0, 0, 0);
        let (mut cost, mut optimality, mut status) = (f64::NAN, f64::NAN, 0);
        // SAFETY: `prepare` made room for the work, the `m` residuals and the `n * m` derivatives;
        // `optional` checked the lengths; `f` and `ctx` are the caller's promise.
        unsafe {
            ffi::ft_least_squares_f64(
                Some(f),
                ctx,
                m as isize,
                n as isize,
                x.as_mut_ptr(),
                lower,
                upper,
                x_scale,
                c_int::from(problem.together),
                problem.diff_step,
                problem.ftol,
                problem.xtol,
                problem.gtol,
                problem.factor,
                problem.max_nfev.min(isize::MAX as usize) as isize,
                memory.add(self.results),
                memory.add(self.results + m),
                cov,
                &mut rank,
                &mut cost,
                &mut optimality,
                &mut nfev,
                &mut njev,
                memory.add(self.start),
                self.lists.as_mut_ptr(),
                &mut status,
            );
        }
        debug_assert_ne!(status, ffi::FT_INVALID_ARGUMENT);
        if status == ffi::FT_STOPPED {
            return Ok(None);
        }
        Ok(Some(Summary {
            cost,
            optimality,
            rank: rank as usize,
            nfev: nfev as usize,
            njev: njev as usize,
            status: LeastSquaresStatus::from_kernel(status),
        }))
    }
}

/// Gives `memory` at least `length` elements.
fn grow<T: Clone>(memory: &mut Vec<T>, length: usize, fill: T, m: usize) -> Result<()> {
    let more = length.saturating_sub(memory.len());
    memory.try_reserve_exact(more).map_err(|_| too_many(m))?;
    if more > 0 {
        memory.resize(length, fill);
    }
    Ok(())
}

fn too_many(m: usize) -> Error {
    Error::Value {
        argument: "m",
        expected: "a number of residuals whose Jacobian fits in memory",
        found: m as f64,
    }
}
