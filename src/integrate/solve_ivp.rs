//! Initial value problems of ordinary differential equations.

#![expect(dead_code, reason = "the methods follow")]

mod dense;
mod drive;
mod events;
mod explicit;
mod options;
mod outputs;
mod record;
mod rhs;
mod solution;
mod stepper;
mod still;
mod systems;
mod zeroin;

pub use dense::DenseSolution;
pub use events::Event;
pub use options::{IvpOptions, Method, Tolerance};
pub use rhs::{
    CompiledRhs, InLanes, LANES, Lanes, LanesFn, Returned, RightHandSide, ScalarFn, WithJacobian,
};
pub use solution::{IvpSolution, IvpStatus, Occurrences};
pub use systems::System;
