//! The C library of ferrotran: what `include/ferrotran.h` declares, over the safe crate.
//!
//! Each `entry!` is one function of the header. The compiler compares its signature with the
//! prototype; the header has the documentation.

mod arrays;
mod call;
mod callback;
mod failure;
mod header;
mod integrate;
mod linalg;
mod optimize;
mod options;
mod special;
mod stencil;
mod threads;
mod version;
