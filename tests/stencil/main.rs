//! Tests of `ferrotran::stencil`.

#![allow(clippy::unwrap_used)]

mod heat2d;
mod heat2d_layouts;
mod plain;
