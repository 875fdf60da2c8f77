//! Integration of functions of one variable and of ordinary differential equations.
//!
//! [`quad`] integrates adaptively over a finite or infinite range; [`par_quad`] does so for
//! many ranges and parameters at once. [`solve_ivp()`] integrates initial value problems.

mod quad;
mod solve_ivp;

pub use quad::{
    Compiled, Intervals, Quad, QuadOptions, QuadStatus, QuadWorkspace, par_quad, par_quad_nodes,
    quad, quad_compiled, quad_nodes, quad_with, try_quad, try_quad_nodes,
};
pub use solve_ivp::{
    CompiledRhs, DenseSolution, Event, InLanes, Ivp, IvpBatch, IvpMember, IvpOptions, IvpProgress,
    IvpSolution, IvpStatus, LANES, Lanes, LanesFn, Method, Occurrences, Returned, RightHandSide,
    ScalarFn, System, Tolerance, WithJacobian, par_solve_ivp_batch, solve_ivp, solve_ivp_batch,
    try_solve_ivp,
};

#[cfg(doctest)]
#[doc = include_str!("../../docs/quad.md")]
struct QuadPage;

#[cfg(doctest)]
#[doc = include_str!("../../docs/solve_ivp.md")]
struct SolveIvpPage;
