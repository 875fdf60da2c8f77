//! Tests of `ferrotran::optimize`.
#![allow(clippy::unwrap_used, missing_docs)]

mod least_squares;
