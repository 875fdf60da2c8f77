//! Tests of `ferrotran::special`.

#![allow(clippy::unwrap_used)]

mod bessel;
mod erf;
mod gamma;
mod layout;
mod plain;
mod reference;
