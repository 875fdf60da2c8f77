//! Compiles the native sources with the crate `cc`, Fortran too.

use std::env;
use std::process::Command;

/// The lines that `native.py` prints for `what`.
fn native(what: &str) -> Vec<String> {
    let python = env::var("PYO3_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python).args(["../native.py", what]).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "native.py says what is wrong");
    let text = String::from_utf8(output.stdout).expect("paths in UTF-8");
    text.lines().map(str::to_owned).collect()
}

fn compile(name: &str, build: &mut cc::Build, flags: &str, is_part: impl Fn(&str) -> bool) {
    let sources = native("sources");
    let files = sources.iter().filter(|file| is_part(file));
    build.files(files.inspect(|file| println!("cargo::rerun-if-changed={file}")));
    build.include("../../../csrc/include").flags(native(flags));
    build.warnings(false).compile(name);
}

fn main() {
    println!("cargo::rerun-if-changed=../native.py");
    let is_c = |file: &str| file.ends_with(".c");
    compile("glue_c", &mut cc::Build::new(), "c-flags", is_c);
    let mut fortran = cc::Build::new();
    fortran.compiler(env::var("FC").unwrap_or_else(|_| "gfortran".into()));
    fortran
        .flag("-J")
        .flag(env::var("OUT_DIR").expect("Cargo sets it"));
    compile("glue_fortran", &mut fortran, "fortran-flags", |file| {
        !is_c(file)
    });
}
