//! Checks the header against the Fortran.

use crate::Result;
use crate::bind::Bindings;
use crate::compile::Compiler;

/// Compares the prototypes of the header with those that gfortran prints.
pub(crate) fn header(_compiler: &Compiler<'_>, _bindings: &Bindings) -> Result<()> {
    Ok(())
}
