use std::ffi::c_void;

use super::closures::each_lane;
use super::guard::{Block, Evaluate, Guard};
use super::{Direct, RightHandSide, Source};
use crate::Error;
use crate::integrate::solve_ivp::stepper::Rhs;
pub use crate::integrate::solve_ivp::stepper::RhsFn as LanesFn;

/// `void f(double t, const double *y, double *dydt, const double *p)`: one member.
pub type ScalarFn = unsafe extern "C" fn(f64, *const f64, *mut f64, *const f64);

/// A right-hand side that is a C function.
#[derive(Debug, Clone, Copy)]
pub struct CompiledRhs(Kind);

#[derive(Debug, Clone, Copy)]
enum Kind {
    Scalar(ScalarFn),
    Lanes(Rhs),
}

// SAFETY: the promise made to the constructors.
unsafe impl Send for CompiledRhs {}
// SAFETY: the promise made to the constructors.
unsafe impl Sync for CompiledRhs {}

impl CompiledRhs {
    /// Wraps `void f(double t, const double *y, double *dydt, const double *p)`, which puts the
    /// derivatives at the state `y` with the parameters `p` into `dydt`.
    ///
    /// # Safety
    /// As long as the result is used, `f` may be called on any thread, on several at once, and
    /// neither unwinds nor jumps out. It reads and writes no more than the components and the
    /// parameters that the call of the solver has, or, as a Jacobian, the elements of that.
    #[must_use]
    pub const unsafe fn scalar(f: ScalarFn) -> Self {
        Self(Kind::Scalar(f))
    }

    /// Wraps `int f(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
    /// double *dydt, const double *p)`, which does so for `lanes` members at once: `t` (lanes),
    /// `y` and `dydt` (n x lanes) and `p` (parameters x lanes), the lane running fastest. `lanes`
    /// is [`LANES`](super::LANES) or less; nonzero stops the integration.
    ///
    /// A lane that holds no member holds numbers of no meaning. A batch has the bits of its
    /// members one by one if `f` computes each lane by the same operations, whatever `lanes` is.
    ///
    /// # Safety
    /// As for [`CompiledRhs::scalar`], with `ctx`.
    #[must_use]
    pub const unsafe fn lanes(f: LanesFn, ctx: *mut c_void) -> Self {
        Self(Kind::Lanes(Rhs { f, ctx }))
    }
}

impl RightHandSide for CompiledRhs {
    type Error = Error;
    type Source<'a> = CompiledSource;
    type Jacobian<'a> = CompiledSource;

    fn in_lanes(&self) -> bool {
        matches!(self.0, Kind::Lanes(_))
    }

    fn source(&self, parameters: usize, outputs: usize) -> CompiledSource {
        match self.0 {
            Kind::Scalar(f) => {
                let rows = Vec::new();
                let guard = Guard::new(CScalar { f, rows }, parameters, outputs);
                CompiledSource::Scalar(guard)
            }
            Kind::Lanes(rhs) => CompiledSource::Lanes(Direct(rhs)),
        }
    }
}

/// A C function in the service of a stepper.
pub enum CompiledSource {
    Scalar(Guard<CScalar>),
    Lanes(Direct),
}

impl Source for CompiledSource {
    type Error = Error;

    fn rhs(&self) -> Rhs {
        match self {
            Self::Lanes(direct) => direct.rhs(),
            Self::Scalar(guard) => guard.rhs(),
        }
    }

    fn set_busy(&self, lane: usize, busy: bool) {
        if let Self::Scalar(guard) = self {
            guard.set_busy(lane, busy);
        }
    }

    fn leave(&self, blank: f64) {
        if let Self::Scalar(guard) = self {
            guard.leave(blank);
        }
    }

    fn taken(&self) -> Option<Error> {
        match self {
            Self::Lanes(direct) => direct.taken(),
            Self::Scalar(guard) => guard.taken(),
        }
    }
}

/// A C function of one member, with memory for its rows.
pub struct CScalar {
    f: ScalarFn,
    rows: Vec<f64>,
}

impl Evaluate for CScalar {
    type Error = Error;

    fn evaluate(&mut self, block: Block<'_>) -> Result<(), Error> {
        each_lane(block, &mut self.rows, |t, y, dydt, p| {
            // SAFETY: the promise made to `CompiledRhs::scalar`; the slices are the member's.
            unsafe { (self.f)(t, y.as_ptr(), dydt.as_mut_ptr(), p.as_ptr()) };
            Ok(())
        })
    }
}
