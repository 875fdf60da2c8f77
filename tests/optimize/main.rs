//! Tests of `ferrotran::optimize`.
#![allow(clippy::unwrap_used, missing_docs)]

mod dual;
mod least_squares;
mod least_squares_nist;
