//! Quadrature and initial value problems.

mod ivp;
mod quad;
mod quad_batch;
