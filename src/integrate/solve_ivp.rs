//! Initial value problems of ordinary differential equations.

#![expect(dead_code, reason = "the methods and drivers follow")]

mod rhs;
mod stepper;

pub use rhs::{CompiledRhs, InLanes, LANES, Lanes, LanesFn, Returned, RightHandSide, ScalarFn};
