//! Linear algebra.

pub(crate) mod tridiag;

pub use tridiag::{
    Pivoting, SingularSystem, TridiagonalBatch, par_solve_tridiagonal_batch,
    par_solve_tridiagonal_batch_into, solve_tridiagonal, solve_tridiagonal_batch,
    solve_tridiagonal_batch_into, solve_tridiagonal_into,
};

#[cfg(doctest)]
#[doc = include_str!("../../docs/tridiag.md")]
struct TridiagPage;
