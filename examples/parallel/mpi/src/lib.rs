//! Diffusion on a grid of MPI ranks: blocks with halos, files by MPI-IO, cores of a rank.
//!
//! [`block`] and [`snapshot`] are `block.py` and `snapshot.py` in Rust: the same messages, the
//! same bytes. [`bridge`] takes a communicator from mpi4py.

pub mod block;
pub mod bridge;
pub mod ranks;
pub mod snapshot;
