//! Compiles `native/`, checks the Fortran against the header, and makes the bindings.

use ferrotran_build::{Build, Isa};

fn main() -> std::process::ExitCode {
    Build::new()
        .sources("native")
        .include("native")
        .header("native/rainflow.h")
        .variants([Isa::X86_64V3, Isa::X86_64V4])
        .run("rainflow")
}
