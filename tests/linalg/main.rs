//! Tests of `ferrotran::linalg`.

#![allow(clippy::unwrap_used)]

mod plain;
mod tridiag;
mod tridiag_gallery;
mod tridiag_input;
