//! Classic Fortran and C numerics for Rust: safe, thread-safe, parallel.

mod config;
mod error;
mod ffi;
mod real;
mod status;

pub mod integrate;
pub mod linalg;
pub mod special;
pub mod stencil;

pub use config::{Config, config};
pub use error::{Error, Result};
pub use real::Real;

/// The code of the front page runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
