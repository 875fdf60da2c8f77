//! The native half of `ferrotran_compare`: the same kernels in Fortran, C and Rust.
//!
//! One file per kernel holds the Rust version and the driver that runs any of the three, on this
//! thread or on several. A driver splits the work in the same way for every number of threads, or
//! so that the split does not show: the bits are the same.

mod collatz;
mod fannkuch;
mod heat2d;
mod info;
mod language;
mod mandelbrot;
mod nbody;
mod neumaier;
mod pool;
mod spectral_norm;
mod triad;
mod tridiagonal;

use pyo3::prelude::*;

/// Bindings made from `compare_kernels.h`.
#[allow(unreachable_pub, reason = "bindgen writes `pub`")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/compare_kernels.rs"));
}

/// The compiled half of the Python package `ferrotran_compare`.
#[pymodule]
mod _native {
    use super::*;
    #[pymodule_export]
    use super::{
        collatz::collatz, fannkuch::fannkuch, heat2d::heat2d, info::build_info,
        mandelbrot::mandelbrot, nbody::nbody, neumaier::neumaier, spectral_norm::spectral_norm,
        triad::triad, tridiagonal::solve_tridiagonal,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::info::require_cpu()?;
        module.py().import("numpy").map(drop) // a missing NumPy is an ImportError, not a panic
    }
}
