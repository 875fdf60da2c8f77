//! Compiles, checks and binds Fortran and C in a build script.
//!
//! What `cc` and `bindgen` do for C, for Fortran beside C: sources are found by folder, Fortran
//! is ordered by its modules, the C header is checked against the Fortran by the compilers, and
//! the bindings call the variant of each function that suits the processor.
//!
//! ```no_run
//! // build.rs
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     ferrotran_build::Build::new()
//!         .sources("fortran")
//!         .sources("csrc")
//!         .include("csrc/include")
//!         .header("csrc/include/kernels.h")
//!         .run("kernels")
//! }
//! ```
//!
//! The crate then includes the bindings:
//!
//! ```ignore
//! mod ffi {
//!     include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
//! }
//! ```
//!
//! Without [`Build::header`] the sources are compiled and linked, and that is all.

mod bind;
mod build;
mod check;
mod compare;
mod compile;
mod dispatch;
mod dummies;
mod env;
mod error;
mod find;
mod isa;
mod link;
mod order;
mod prototype;
mod scan;
mod sources;
mod structs;
mod symbols;
mod toolchain;
mod tools;

pub use build::{Build, Built};
pub use error::{Error, Result};
pub use isa::Isa;
