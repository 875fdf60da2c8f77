use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicI32, Ordering};

use ferrotran::Error;
use ferrotran::integrate::{CompiledRhs, RightHandSide, System};
use pyo3::prelude::*;

use crate::call::guarded;
use crate::compiled::CFunction;

type ScalarFn = unsafe extern "C-unwind" fn(f64, *const f64, *mut f64, *const f64);
type LanesFn = unsafe extern "C-unwind" fn(
    *mut c_void,
    isize,
    isize,
    *const f64,
    *const f64,
    *mut f64,
    *const f64,
) -> c_int;

/// The signatures, for the error message.
const ACCEPTED: &str = "void (double, const double *, double *, const double *) or \
     int (void *, ptrdiff_t, ptrdiff_t, const double *, const double *, double *, const double *)";

/// A compiled right-hand side, or the Jacobian of one. The object that it came from must outlive
/// it.
pub(super) enum Native {
    /// `void f(double t, const double *y, double *dydt, const double *p)`
    Scalar(ScalarFn),
    /// `int f(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
    /// double *dydt, const double *p)`
    Lanes(Lanes),
}

impl Native {
    /// Takes a function with one of the signatures; `argument` names it.
    pub(super) fn new(function: &CFunction, argument: &str) -> PyResult<Self> {
        let address = function.address as *const c_void;
        // A void pointer stands for a pointer to numbers in ctypes.
        let signature = function.signature();
        match signature.as_str() {
            "void(double,double*,double*,double*)" | "void(double,void*,void*,void*)" => {
                // SAFETY: the object is promised this signature, which is checked as far as it
                // can be; a function pointer has the size of a data pointer on every platform
                // with Python.
                let f = unsafe { std::mem::transmute::<*const c_void, ScalarFn>(address) };
                Ok(Self::Scalar(f))
            }
            "int(void*,ptrdiff_t,ptrdiff_t,double*,double*,double*,double*)"
            | "int(void*,ptrdiff_t,ptrdiff_t,void*,void*,void*,void*)" => {
                // SAFETY: likewise.
                let f = unsafe { std::mem::transmute::<*const c_void, LanesFn>(address) };
                Ok(Self::Lanes(Lanes {
                    f,
                    ctx: function.user_data as *mut c_void,
                    code: AtomicI32::new(0),
                }))
            }
            _ => Err(function.refused(argument, ACCEPTED)),
        }
    }

    /// What it returned last instead of 0.
    fn code(&self) -> i32 {
        match self {
            Self::Scalar(_) => 0,
            Self::Lanes(lanes) => lanes.code.load(Ordering::Relaxed),
        }
    }
}

/// What needs no Python: a compiled function or a built-in system, and a compiled Jacobian.
pub(super) struct Compiled {
    pub(super) fun: Fun,
    pub(super) jac: Option<Native>,
}

/// The right-hand side of a [`Compiled`].
pub(super) enum Fun {
    Native(Native),
    System(System),
}

/// What is done with a right-hand side of any type.
pub(super) trait Visit {
    type Output;

    fn visit<R>(self, rhs: R) -> Self::Output
    where
        R: RightHandSide<Error = Error> + Sync;
}

impl Compiled {
    /// Hands the right-hand side over.
    pub(super) fn visit<V: Visit>(&self, visitor: V) -> V::Output {
        match &self.fun {
            Fun::System(system) => self.with_jacobian(*system, visitor),
            Fun::Native(Native::Scalar(f)) => self.with_jacobian(scalar(*f), visitor),
            Fun::Native(Native::Lanes(lanes)) => self.with_jacobian(lanes.rhs(), visitor),
        }
    }

    fn with_jacobian<R, V>(&self, rhs: R, visitor: V) -> V::Output
    where
        R: RightHandSide<Error = Error> + Sync,
        V: Visit,
    {
        match &self.jac {
            None => visitor.visit(rhs),
            Some(Native::Scalar(f)) => visitor.visit(rhs.with_jacobian(scalar(*f))),
            Some(Native::Lanes(lanes)) => visitor.visit(rhs.with_jacobian(lanes.rhs())),
        }
    }

    /// What a function returned last instead of 0, and the argument that it is.
    pub(super) fn code(&self) -> (&'static str, i32) {
        match (&self.fun, &self.jac) {
            (Fun::Native(fun), _) if fun.code() != 0 => ("fun", fun.code()),
            (_, Some(jac)) => ("jac", jac.code()),
            _ => ("fun", 0),
        }
    }
}

/// A scalar function as a closure.
fn scalar(f: ScalarFn) -> impl Fn(f64, &[f64], &mut [f64], &[f64]) -> Result<(), Error> + Sync {
    move |t, y, dydt, p| {
        // SAFETY: `f` has this signature; a C function cannot check the lengths, its user
        // promises that it reads and writes no more than components and parameters.
        guarded(|| unsafe { f(t, y.as_ptr(), dydt.as_mut_ptr(), p.as_ptr()) });
        Ok(())
    }
}

/// A vectorised function with the place for the code that it returns.
pub(super) struct Lanes {
    f: LanesFn,
    ctx: *mut c_void,
    code: AtomicI32,
}

impl Lanes {
    /// The right-hand side; `self` must outlive it and stay in its place.
    fn rhs(&self) -> CompiledRhs {
        let ctx = std::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: `through` finds `self` behind the context, and `guarded` lets no thread
        // unwind out of it.
        unsafe { CompiledRhs::lanes(through, ctx) }
    }
}

/// Calls the function behind the [`Lanes`] at `ctx`.
///
/// # Safety
/// `ctx` points to a [`Lanes`] whose function takes the other arguments.
unsafe extern "C" fn through(
    ctx: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    // SAFETY: the caller's promise.
    let this = unsafe { &*ctx.cast::<Lanes>() };
    // SAFETY: the user's promise that the function has this signature.
    let code = guarded(|| unsafe { (this.f)(this.ctx, lanes, n, t, y, dydt, p) });
    if code != 0 {
        this.code.store(code, Ordering::Relaxed);
    }
    code
}
