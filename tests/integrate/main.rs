//! Tests of `ferrotran::integrate`.
#![allow(clippy::unwrap_used, missing_docs)]

mod ode;
mod quad;
mod quad_families;
mod quad_parallel;
mod solve_ivp;
mod solve_ivp_batch;
mod solve_ivp_batch_failures;
mod solve_ivp_dense;
mod solve_ivp_events;
mod solve_ivp_failures;
mod solve_ivp_input;
mod solve_ivp_jacobian;
mod solve_ivp_order;
mod solve_ivp_properties;
mod solve_ivp_stiff;
mod stiff_problems;
