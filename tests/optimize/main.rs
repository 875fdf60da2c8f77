//! Tests of `ferrotran::optimize`.
#![allow(clippy::unwrap_used, missing_docs)]
