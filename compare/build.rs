//! Compiles `fortran/` and `csrc/` for one instruction set, and notes with what.
//!
//! `FERROTRAN_COMPARE_CPU` names it, as `-march=` and as rustc's `-C target-cpu=`; without it all
//! three languages are compiled for the baseline of the target. `scripts/compare.sh` sets both.

use std::env;
use std::process::{Command, ExitCode};

use ferrotran_build::Build;

fn main() -> ExitCode {
    const CPU: &str = "FERROTRAN_COMPARE_CPU";
    println!("cargo::rerun-if-env-changed={CPU}");
    let cpu = env::var(CPU).unwrap_or_default();
    println!("cargo::rustc-env={CPU}={cpu}");
    let opt_level = env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=COMPARE_OPT_LEVEL={opt_level}");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map_or(String::new(), |o| {
        String::from_utf8_lossy(&o.stdout).into_owned()
    });
    println!("cargo::rustc-env=COMPARE_RUSTC={}", version.trim());

    let mut build = Build::new()
        .sources("fortran")
        .sources("csrc")
        .include("csrc/include")
        .header("csrc/include/compare_kernels.h")
        .flag_fortran("-std=f2018")
        .flag_fortran("-Wpedantic")
        .flag_fortran("-Wimplicit-interface")
        // rustc fuses no products either: all three give the same bits.
        .flag_c("-ffp-contract=off")
        .flag_fortran("-ffp-contract=off");
    if !cpu.is_empty() {
        let march = format!("-march={cpu}");
        build = build.flag_c(&march).flag_fortran(&march);
    }
    build.run("compare_kernels")
}
