//! What this build is.

use crate::ffi;

/// How the native kernels were compiled, and which of their variants runs here.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Version of this crate.
    pub version: &'static str,
    /// First line of what the C compiler says of itself; empty without C kernels.
    pub c_compiler: &'static str,
    /// Flags of every C kernel; a variant adds those of its instruction set.
    pub c_flags: &'static str,
    /// First line of what the Fortran compiler says of itself; empty without Fortran kernels.
    pub fortran_compiler: &'static str,
    /// Flags of every Fortran kernel; a variant adds those of its instruction set.
    pub fortran_flags: &'static str,
    /// Instruction sets compiled for, the least first.
    pub instruction_sets: Vec<&'static str>,
    /// The one in use: the best that the processor has, at most `FERROTRAN_ISA`.
    pub instruction_set: &'static str,
}

/// Tells what this build is.
///
/// ```
/// let config = ferrotran::config();
/// assert!(config.instruction_sets.contains(&config.instruction_set));
/// ```
#[must_use]
pub fn config() -> Config {
    Config {
        version: env!("CARGO_PKG_VERSION"),
        c_compiler: ffi::C_COMPILER,
        c_flags: ffi::C_FLAGS,
        fortran_compiler: ffi::FORTRAN_COMPILER,
        fortran_flags: ffi::FORTRAN_FLAGS,
        instruction_sets: ffi::Isa::ALL.iter().map(|isa| isa.name()).collect(),
        instruction_set: ffi::isa().name(),
    }
}
