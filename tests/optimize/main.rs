//! Tests of `ferrotran::optimize`.
#![allow(clippy::unwrap_used, missing_docs)]

mod curve_fit;
mod curve_fit_batch;
mod curve_fit_input;
mod curve_fit_lanes;
mod curve_fit_models;
mod dual;
mod least_squares;
mod least_squares_bounds;
mod least_squares_mgh;
mod least_squares_nist;
mod least_squares_parallel;
mod mgh;
