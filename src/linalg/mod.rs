//! Linear algebra.

pub(crate) mod tridiag;

pub use tridiag::{
    Pivoting, SingularSystem, TridiagonalBatch, par_solve_tridiagonal, par_solve_tridiagonal_into,
    solve_tridiagonal, solve_tridiagonal_into,
};
