//! The Python face of ferrotran: the compiled half of the package.
//!
//! One folder per public module, one file per kernel. A kernel over arrays is a true ufunc or
//! gufunc ([`ufunc`]); work that may last stops at Ctrl-C ([`call`]); parallel work runs in
//! pools that survive a fork ([`pool`]).

mod call;
mod compiled;
mod config;
mod failure;
mod fpstatus;
mod integrate;
mod linalg;
mod optimize;
mod pool;
mod progress;
mod public;
mod special;
mod stencil;
mod ufunc;
mod workers;

use pyo3::prelude::*;

/// The compiled half of the Python package `ferrotran`.
#[pymodule]
mod _ferrotran {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.py().import("numpy")?; // a missing NumPy is an ImportError, not a panic
        config::add_to(module)?;
        integrate::add_to(module)?;
        linalg::add_to(module)?;
        optimize::add_to(module)?;
        special::add_to(module)?;
        stencil::add_to(module)?;
        // pyo3 keeps a list of what was added; the public modules have their own.
        module.delattr("__all__")
    }
}
