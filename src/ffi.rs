//! The native kernels: bindings made from `ferrotran_kernels.h`, each call going to the best
//! variant for the machine. A prototype that nothing calls is reported as dead code.
include!(concat!(env!("OUT_DIR"), "/ferrotran_kernels.rs"));
