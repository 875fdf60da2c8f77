//! Classic Fortran and C numerics for Rust: safe, thread-safe, parallel.
//!
//! The kernels are Fortran 2018 and C11 behind one checked header; this crate gives them safe
//! Rust faces. Arrays are [`ndarray`]'s, of any stride. Closures are callbacks. Errors are values.
//!
//! | kernel | functions | native code |
//! |---|---|---|
//! | tridiagonal systems, one or a batch | [`linalg::solve_tridiagonal`], [`linalg::par_solve_tridiagonal_batch`] | Fortran |
//! | error functions | [`special::erf()`], [`special::erfc`], [`special::erfcx`] | C |
//! | gamma function | [`special::gamma()`], [`special::gammaln`] | C |
//! | Bessel functions | [`special::j0`], [`special::j1`], [`special::y0`], [`special::y1`] | C |
//! | adaptive quadrature | [`integrate::quad()`], [`integrate::par_quad`] | Fortran |
//! | initial value problems, single or in ensembles | [`integrate::solve_ivp()`], [`integrate::par_solve_ivp_batch`] | Fortran |
//! | least squares | [`optimize::least_squares()`] | Fortran |
//! | curve fits, one or a batch | [`optimize::curve_fit()`], [`optimize::par_curve_fit_batch`] | Fortran and C |
//! | diffusion on a grid | [`stencil::heat2d()`], [`stencil::par_heat2d`] | Fortran and C |
//!
//! ```
//! use ferrotran::{integrate::quad, linalg::solve_tridiagonal};
//! use ndarray::array;
//!
//! let x = solve_tridiagonal(&array![1.0], &array![2.0, 2.0], &array![1.0], &array![3.0, 3.0])?;
//! assert_eq!(x, array![1.0, 1.0]);
//!
//! let area = quad(|x| (-x * x).exp(), f64::NEG_INFINITY, f64::INFINITY)?.converged()?;
//! assert!((area.value - std::f64::consts::PI.sqrt()).abs() <= area.abs_error);
//! # Ok::<(), ferrotran::Error>(())
//! ```
//!
//! # Threads
//!
//! A function that starts with `par_` spreads its work over the current rayon pool; every other
//! stays on its thread. The result has the same bits for any number of threads. No kernel keeps
//! state between calls, so each may run on any number of threads at once.
//!
//! # Instruction sets
//!
//! On x86-64 each kernel is compiled for the baseline, for v3 (AVX2, FMA) and v4 (AVX-512), and
//! the best that the processor has is chosen at the first call. `FERROTRAN_ISA=baseline`, `v3` or
//! `v4` in the environment sets a limit; [`config()`] tells the choice.
//!
//! # Errors
//!
//! A function that can refuse its arguments returns [`Result`]; the message of an [`Error`] names
//! the argument, what was expected and what came. A NaN in the data is no error: it gives NaN.

mod callback;
mod config;
mod error;
mod ffi;
mod real;
mod status;

pub mod integrate;
pub mod linalg;
pub mod optimize;
pub mod special;
pub mod stencil;

pub use config::{Config, config};
pub use error::{Error, Result};
pub use real::Real;

/// The code of the front page runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
