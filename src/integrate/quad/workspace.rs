use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::slice;

use super::{Quad, QuadOptions, QuadStatus};
use crate::callback::Stop;
use crate::{Error, Result, ffi};

/// Memory of a quadrature, to be used again, and the subintervals of the last one.
///
/// It grows to the largest `limit` seen. One workspace serves one quadrature at a time; a
/// nested one needs its own.
#[derive(Debug, Clone, Default)]
pub struct QuadWorkspace {
    /// Left ends, right ends, integrals and errors, `limit` of each, `last` of them written.
    numbers: Vec<MaybeUninit<f64>>,
    /// Order and level likewise, then the marks of the parts between break points.
    counts: Vec<MaybeUninit<isize>>,
    points: Vec<f64>,
    limit: usize,
    last: usize,
}

/// The subintervals that a quadrature ended with. On an infinite range their ends are in the
/// variable `t` of `x = bound ± (1 - t)/t`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals<'a> {
    /// Left ends.
    pub left: &'a [f64],
    /// Right ends.
    pub right: &'a [f64],
    /// Integrals over the subintervals.
    pub value: &'a [f64],
    /// Their error estimates.
    pub error: &'a [f64],
    /// Numbers of the subintervals, from 1, by decreasing error. The order is kept only as far
    /// as the remaining bisections could have needed it; zeros may follow.
    pub order: &'a [isize],
    /// Bisections behind each subinterval.
    pub level: &'a [isize],
    /// For each part between break points: 1 where its first error estimate was replaced by
    /// the sum of all, else 0.
    pub replaced: &'a [isize],
    /// Break points in use, ascending.
    pub points: &'a [f64],
}

/// What the trampoline finds behind `ctx`.
struct Call<F, E> {
    f: F,
    stop: Option<Stop<E>>,
}

impl QuadWorkspace {
    /// Makes an empty workspace, without memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            numbers: Vec::new(),
            counts: Vec::new(),
            points: Vec::new(),
            limit: 0,
            last: 0,
        }
    }

    /// Integrates as [`quad_nodes`](super::quad_nodes) does, in this memory.
    ///
    /// # Errors
    /// As [`quad_with`](super::quad_with).
    pub fn quad_nodes<F>(&mut self, mut f: F, a: f64, b: f64, options: &QuadOptions) -> Result<Quad>
    where
        F: FnMut(&[f64], &mut [f64]),
    {
        let whole = |x: &[f64], y: &mut [f64]| {
            f(x, y);
            Ok(())
        };
        self.try_quad_nodes(whole, a, b, options)
    }

    /// Integrates as [`try_quad_nodes`](super::try_quad_nodes) does, in this memory.
    ///
    /// # Errors
    /// The error of `f`, or one of [`quad_with`](super::quad_with) made into `E`.
    pub fn try_quad_nodes<F, E>(
        &mut self,
        f: F,
        a: f64,
        b: f64,
        options: &QuadOptions,
    ) -> Result<Quad, E>
    where
        F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
        E: From<Error>,
    {
        self.prepare(a, b, options)?;
        let mut call = Call { f, stop: None };
        let ctx: *mut Call<F, E> = &mut call;
        // SAFETY: `prepare` made room for `limit` intervals and the parts between the break
        // points; `trampoline::<F, E>` expects the `Call<F, E>` that `ctx` points to, and nothing
        // else uses `call` until the kernel has returned.
        let outcome = unsafe { self.run(trampoline::<F, E>, ctx.cast(), a, b, options) };
        match call.stop {
            Some(stop) => Err(stop.resume()),
            None => Ok(outcome?),
        }
    }

    /// The subintervals of the last quadrature; none when it failed or there was none.
    #[must_use]
    pub fn intervals(&self) -> Intervals<'_> {
        // SAFETY: the kernel wrote the first `last` of each `limit` elements, and every mark.
        let real = |k: usize| unsafe { written(&self.numbers[k * self.limit..][..self.last]) };
        // SAFETY: as above.
        let count = |k: usize| unsafe { written(&self.counts[k * self.limit..][..self.last]) };
        let parts = if self.last == 0 {
            0
        } else {
            self.points.len() + 1
        };
        Intervals {
            left: real(0),
            right: real(1),
            value: real(2),
            error: real(3),
            order: count(0),
            level: count(1),
            // SAFETY: as above.
            replaced: unsafe { written(&self.counts[2 * self.limit..][..parts]) },
            points: &self.points,
        }
    }

    /// Checks the options and makes room.
    pub(super) fn prepare(&mut self, a: f64, b: f64, options: &QuadOptions) -> Result<()> {
        self.last = 0;
        check_tolerances(options)?;
        self.points.clear();
        // A NaN limit gives NaN whatever the points.
        if !options.points.is_empty() && !a.is_nan() && !b.is_nan() {
            self.take_points(a.min(b), a.max(b), &options.points)?;
        }
        let (limit, parts) = (options.limit, self.points.len() + 1);
        let bad_limit = |expected| Error::Value {
            argument: "limit",
            expected,
            found: limit as f64,
        };
        if limit < parts {
            return Err(bad_limit(
                "at least 1 and more than the number of break points",
            ));
        }
        let too_large = "a number of intervals that fits in memory";
        let numbers = limit.checked_mul(4).ok_or_else(|| bad_limit(too_large))?;
        // Reserved, not filled: the kernel writes what it uses, so a huge limit costs nothing.
        resize(&mut self.numbers, numbers).map_err(|()| bad_limit(too_large))?;
        resize(&mut self.counts, 2 * limit + parts).map_err(|()| bad_limit(too_large))?;
        self.limit = limit;
        Ok(())
    }

    /// Sorts the break points and checks that they lie inside a finite range; those at its ends
    /// are left out.
    fn take_points(&mut self, low: f64, high: f64, points: &[f64]) -> Result<()> {
        let bad_point = |expected, found| Error::Value {
            argument: "points",
            expected,
            found,
        };
        if low.is_infinite() || high.is_infinite() {
            return Err(bad_point("no break point on an infinite range", points[0]));
        }
        if let Some(&point) = points.iter().find(|&&p| !(low <= p && p <= high)) {
            return Err(bad_point("a break point inside the range", point));
        }
        let inside = points.iter().filter(|&&p| low < p && p < high);
        self.points.extend(inside);
        self.points.sort_unstable_by(f64::total_cmp);
        self.points.dedup();
        Ok(())
    }

    /// Runs the kernel in the prepared memory.
    ///
    /// # Safety
    /// `prepare` has succeeded with these arguments; `f` may be called with `ctx` on this thread
    /// and keeps its contract: it reads `n` nodes, writes `n` values and does not unwind.
    pub(super) unsafe fn run(
        &mut self,
        f: unsafe extern "C" fn(*mut c_void, isize, *const f64, *mut f64) -> c_int,
        ctx: *mut c_void,
        a: f64,
        b: f64,
        options: &QuadOptions,
    ) -> Result<Quad> {
        let limit = self.limit;
        let numbers: *mut f64 = self.numbers.as_mut_ptr().cast();
        let counts: *mut isize = self.counts.as_mut_ptr().cast();
        let (mut value, mut abs_error, mut evaluations, mut last) = (0.0, 0.0, 0, 0);
        let mut status = 0;
        // SAFETY: `numbers` has room for `4 * limit` and `counts` for `2 * limit` and one more
        // than there are points, all from `prepare`; `f` and `ctx` are the caller's promise.
        unsafe {
            ffi::ft_quad_f64(
                Some(f),
                ctx,
                a,
                b,
                self.points.len() as isize,
                self.points.as_ptr(),
                options.epsabs,
                options.epsrel,
                limit as isize,
                numbers,
                numbers.add(limit),
                numbers.add(2 * limit),
                numbers.add(3 * limit),
                counts,
                counts.add(limit),
                counts.add(2 * limit),
                &mut value,
                &mut abs_error,
                &mut evaluations,
                &mut last,
                &mut status,
            );
        }
        if status == ffi::FT_STOPPED {
            return Err(Error::Stopped);
        }
        self.last = last as usize;
        Ok(Quad {
            value,
            abs_error,
            evaluations: evaluations as usize,
            subintervals: self.last,
            status: QuadStatus::from_kernel(status),
        })
    }
}

/// The contract of the tolerances, QUADPACK's.
fn check_tolerances(options: &QuadOptions) -> Result<()> {
    let (epsabs, epsrel) = (options.epsabs, options.epsrel);
    let least = f64::max(50.0 * f64::EPSILON, 5e-29);
    let bad = |argument, expected, found| {
        Err(Error::Value {
            argument,
            expected,
            found,
        })
    };
    if epsabs.is_nan() {
        return bad("epsabs", "a number", epsabs);
    }
    if epsrel.is_nan() || (epsabs <= 0.0 && epsrel < least) {
        return bad(
            "epsrel",
            "at least 50 machine epsilons where `epsabs` is not positive",
            epsrel,
        );
    }
    Ok(())
}

/// Gives `memory` a length without touching it.
fn resize<T>(memory: &mut Vec<MaybeUninit<T>>, length: usize) -> std::result::Result<(), ()> {
    memory.clear();
    memory.try_reserve_exact(length).map_err(|_| ())?;
    // SAFETY: the capacity suffices, and a `MaybeUninit` needs no initialisation.
    unsafe { memory.set_len(length) };
    Ok(())
}

/// The slice as initialised memory.
///
/// # Safety
/// Every element has been written.
unsafe fn written<T>(memory: &[MaybeUninit<T>]) -> &[T] {
    // SAFETY: `MaybeUninit<T>` has the layout of `T`; the caller promises the values.
    unsafe { slice::from_raw_parts(memory.as_ptr().cast(), memory.len()) }
}

/// Calls the closure behind `ctx`; an error or a panic is kept there and stops the kernel.
///
/// # Safety
/// `ctx` points to a `Call<F, E>` that nothing else uses meanwhile; `x` and `y` hold `n` numbers.
unsafe extern "C" fn trampoline<F, E>(
    ctx: *mut c_void,
    n: isize,
    x: *const f64,
    y: *mut f64,
) -> c_int
where
    F: FnMut(&[f64], &mut [f64]) -> Result<(), E>,
{
    // SAFETY: the caller's promise; the kernel's `x` and `y` are separate arrays.
    let (call, x, y) = unsafe {
        let n = n as usize;
        let call = &mut *ctx.cast::<Call<F, E>>();
        (
            call,
            slice::from_raw_parts(x, n),
            slice::from_raw_parts_mut(y, n),
        )
    };
    y.fill(f64::NAN);
    match Stop::catch(|| (call.f)(x, y)) {
        Ok(()) => 0,
        Err(stop) => {
            call.stop = Some(stop);
            1
        }
    }
}
