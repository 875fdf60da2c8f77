//! Least squares and curve fitting.
