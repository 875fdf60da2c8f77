//! Compiles `fortran/` and `csrc/`, checks the header against the Fortran and binds it.

use std::process::ExitCode;

use ferrotran_build::{Build, Isa};

fn main() -> ExitCode {
    Build::new()
        .sources("fortran")
        .sources("csrc")
        .include("csrc/include")
        .header("csrc/include/ferrotran_kernels.h")
        .flag_c("-ffp-contract=fast")
        .flag_fortran("-std=f2018")
        .flag_fortran("-Wpedantic")
        .flag_fortran("-Wimplicit-interface")
        .flag_fortran("-Wno-compare-reals")
        // Products fused in some copies of a loop and not in others would change the bits.
        .flag_fortran("-ffp-contract=off")
        .variants([Isa::X86_64V3, Isa::X86_64V4])
        .run("ferrotran_kernels")
}
