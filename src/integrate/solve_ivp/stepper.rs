//! What a method of integration offers to those that drive it.

use std::ffi::{c_int, c_void};

/// `int f(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
/// double *dydt, const double *p)`: the right-hand sides of `lanes` members at once. Arrays are
/// (n x lanes) and (npar x lanes), the lane running fastest; nonzero stops the integration.
pub type RhsFn = unsafe extern "C" fn(
    ctx: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int;

/// A right-hand side as the kernels call it.
#[derive(Debug, Clone, Copy)]
pub struct Rhs {
    pub(super) f: RhsFn,
    pub(super) ctx: *mut c_void,
}

/// The callback asked to stop; its reason is kept behind `ctx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

/// What a member starts from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) t: f64,
    /// Where it ends; below `t` it runs backward. The last step lands on it exactly.
    pub(super) t_end: f64,
    pub(super) y: &'a [f64],
    pub(super) p: &'a [f64],
    /// Size of the first step, without sign; `None`: the method chooses.
    pub(super) first_step: Option<f64>,
    /// Largest step, without sign; may be infinite.
    pub(super) max_step: f64,
}

/// What a try at a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The lane holds no member, or one that has ended or failed.
    Idle,
    /// The member moved from `t_old` to `t`.
    Accepted,
    /// The error was too large; the next try is shorter.
    Rejected,
    /// The member cannot go on.
    Failed(Breakdown),
}

/// Why a member cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breakdown {
    /// The step is below the spacing of numbers at `t`.
    StepTooSmall,
    /// The state or its derivative is not finite at the start.
    NotFinite,
    /// The matrix of the Newton iteration is singular again and again.
    Singular,
}

/// The work done for a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Evaluations of the right-hand side in this lane, the idle ones of other lanes left out.
    pub(super) evaluations: usize,
    pub(super) jacobians: usize,
    /// LU decompositions.
    pub(super) decompositions: usize,
    pub(super) accepted: usize,
    pub(super) rejected: usize,
    /// Steps at which the problem looked stiff to an explicit method.
    pub(super) stiff: usize,
}

/// A one-step method that advances as many members side by side as it has lanes, each with its
/// own time and step. What happens in a lane has the same bits whatever the others hold.
pub(super) trait Stepper {
    /// Members side by side.
    fn lanes(&self) -> usize;

    /// Puts a member into `lane`. The next `attempt` evaluates its derivative, chooses its first
    /// step and tries it.
    fn load(&mut self, lane: usize, start: &Start<'_>);

    /// Takes the member out of `lane`.
    fn clear(&mut self, lane: usize);

    /// Tries one step in each busy lane; a member that has reached its end is idle.
    fn attempt(&mut self, rhs: &Rhs, outcome: &mut [Attempt]) -> Result<(), Stopped>;

    /// Start of the last accepted step.
    fn t_old(&self, lane: usize) -> f64;

    /// End of the last accepted step.
    fn t(&self, lane: usize) -> f64;

    /// Copies the state at `t` into `y`.
    fn state(&self, lane: usize, y: &mut [f64]);

    /// Makes `interpolate` and `coefficients` ready for the last accepted steps of the lanes
    /// marked in `wanted`; may evaluate the right-hand side. Must follow the `attempt` directly.
    fn prepare(&mut self, rhs: &Rhs, wanted: &[bool]) -> Result<(), Stopped>;

    /// The state at `t` in the last accepted step of `lane`.
    fn interpolate(&self, lane: usize, t: f64, y: &mut [f64]);

    /// Numbers that `coefficients` writes.
    fn coefficient_count(&self) -> usize;

    /// Copies what `evaluate` needs of the last accepted step.
    fn coefficients(&self, lane: usize, out: &mut [f64]);

    /// The state at `t` from the coefficients of a step from `t_old` to `t_new`; the bits of
    /// `interpolate`.
    fn evaluate(coefficients: &[f64], t_old: f64, t_new: f64, t: f64, y: &mut [f64])
    where
        Self: Sized;

    /// The work done for the member since it was loaded.
    fn counts(&self, lane: usize) -> Counts;
}
