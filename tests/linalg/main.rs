//! Tests of `ferrotran::linalg`.

mod plain;
mod tridiag;
mod tridiag_gallery;
