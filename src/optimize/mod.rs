//! Least squares and curve fitting.
//!
//! [`least_squares`] minimises the sum of the squares of residuals.

mod least_squares;

pub use least_squares::{
    LeastSquares, LeastSquaresOptions, LeastSquaresStatus, LeastSquaresWorkspace, least_squares,
    least_squares_jac, try_least_squares, try_least_squares_jac,
};
