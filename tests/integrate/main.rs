//! Tests of `ferrotran::integrate`.
#![allow(clippy::unwrap_used, missing_docs)]

mod quad;
mod quad_families;
mod quad_parallel;
