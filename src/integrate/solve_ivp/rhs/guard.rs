use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_int, c_void};
use std::slice;

use super::closures::Scalar;
use super::{Returned, Source};
use crate::Error;
use crate::callback::Stop;
use crate::integrate::solve_ivp::stepper::Rhs;

/// What a kernel hands over: numbers of several members, the lane running fastest.
pub struct Block<'a> {
    pub(super) lanes: usize,
    /// One bit per lane.
    pub(super) busy: usize,
    /// What results are before they are known.
    pub(super) blank: f64,
    pub(super) t: &'a [f64],
    pub(super) y: &'a [f64],
    pub(super) dydt: &'a mut [f64],
    pub(super) p: &'a [f64],
}

/// What fills blocks.
pub trait Evaluate {
    type Error: From<Error>;

    fn evaluate(&mut self, block: Block<'_>) -> Result<(), Self::Error>;
}

/// Lets the kernels call what may panic or return an error.
pub struct Guard<C: Evaluate> {
    call: UnsafeCell<C>,
    parameters: usize,
    outputs: usize,
    busy: Cell<usize>,
    blank: Cell<f64>,
    stop: Cell<Option<Stop<C::Error>>>,
}

impl<C: Evaluate> Guard<C> {
    pub(super) fn new(call: C, parameters: usize, outputs: usize) -> Self {
        Self {
            call: UnsafeCell::new(call),
            parameters,
            outputs,
            busy: Cell::new(usize::MAX),
            blank: Cell::new(f64::NAN),
            stop: Cell::new(None),
        }
    }
}

impl<F, R> Guard<Scalar<F>>
where
    F: FnMut(f64, &[f64], &mut [f64], &[f64]) -> R,
    R: Returned,
{
    /// Guards a function of one member.
    pub(in super::super) fn scalar(f: F, parameters: usize, outputs: usize) -> Self {
        Self::new(Scalar::new(f), parameters, outputs)
    }
}

impl<C: Evaluate> Source for Guard<C> {
    type Error = C::Error;

    fn rhs(&self) -> Rhs {
        Rhs {
            f: trampoline::<C>,
            ctx: std::ptr::from_ref(self).cast_mut().cast(),
        }
    }

    fn set_busy(&self, lane: usize, busy: bool) {
        let bit = 1 << lane;
        let others = self.busy.get() & !bit;
        self.busy.set(if busy { others | bit } else { others });
    }

    fn leave(&self, blank: f64) {
        self.blank.set(blank);
    }

    fn taken(&self) -> Option<C::Error> {
        self.stop.take().map(Stop::resume)
    }
}

/// Calls what is guarded behind `ctx`; an error or a panic is kept there and stops the kernel.
///
/// # Safety
/// `ctx` points to a `Guard<C>` that is not being called; the arrays hold `lanes` times 1, `n`,
/// its `outputs` and its `parameters` numbers.
unsafe extern "C" fn trampoline<C: Evaluate>(
    ctx: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    let (lanes, n) = (lanes as usize, n as usize);
    // SAFETY: the caller's promise; kernels hand over separate arrays. Nothing but this function
    // reaches the inside of `call`, and it does not call itself.
    let (guard, call, block) = unsafe {
        let guard = &*ctx.cast::<Guard<C>>();
        let block = Block {
            lanes,
            busy: guard.busy.get(),
            blank: guard.blank.get(),
            t: slice::from_raw_parts(t, lanes),
            y: slice::from_raw_parts(y, n * lanes),
            dydt: slice::from_raw_parts_mut(dydt, guard.outputs * lanes),
            p: match guard.parameters {
                0 => &[],
                parameters => slice::from_raw_parts(p, parameters * lanes),
            },
        };
        (guard, &mut *guard.call.get(), block)
    };
    match Stop::catch(|| call.evaluate(block)) {
        Ok(()) => 0,
        Err(stop) => {
            guard.stop.set(Some(stop));
            1
        }
    }
}
