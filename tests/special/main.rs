//! Tests of `ferrotran::special`.

#![allow(clippy::unwrap_used)]

mod erf;
mod gamma;
mod layout;
mod plain;
mod reference;
