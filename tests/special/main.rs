//! Tests of `ferrotran::special`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod bessel;
mod erf;
mod gamma;
mod layout;
mod plain;
mod reference;
