//! Tells Cargo what to link.

use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::compile::Compiler;
use crate::symbols::Symbols;
use crate::tools::{self, Tool};

/// Prints lines for Cargo.
#[allow(
    clippy::print_stdout,
    reason = "Cargo reads the standard output of a build script"
)]
pub(crate) fn print(lines: &[String]) {
    for line in lines {
        println!("{line}");
    }
}

/// Prints an error for the user.
pub(crate) fn print_error(error: &Error) {
    eprintln!("\nerror: {error}\n");
}

/// A runtime library, by how the symbols that need it begin.
const RUNTIMES: [(&str, &str); 6] = [
    ("_gfortran_", "gfortran"),
    ("GOMP_", "gomp"),
    ("__asan_", "asan"),
    ("__ubsan_", "ubsan"),
    ("__tsan_", "tsan"),
    ("__gcov_", "gcov"),
];

/// Adds the lines that link `archive` and the runtimes its objects need.
pub(crate) fn lines(
    compiler: &Compiler<'_>,
    archive: &Path,
    symbols: &Symbols,
    lines: &mut Vec<String>,
) {
    let name = archive
        .file_stem()
        .and_then(|s| s.to_str()?.strip_prefix("lib"));
    if let (Some(folder), Some(name)) = (archive.parent(), name) {
        lines.push(format!(
            "cargo::rustc-link-search=native={}",
            folder.display()
        ));
        lines.push(format!("cargo::rustc-link-lib=static={name}"));
        lines.push(format!(
            "cargo::rustc-env={}_ARCHIVE={}",
            name.to_uppercase(),
            archive.display()
        ));
    }
    for (prefix, library) in RUNTIMES {
        let needs = |s: &String| {
            s.trim_start_matches('_')
                .starts_with(prefix.trim_start_matches('_'))
        };
        if symbols.undefined.iter().any(needs) {
            lines.extend(folder_of(compiler, library));
            lines.push(format!("cargo::rustc-link-lib=dylib={library}"));
        }
    }
    let target = compiler.env.cargo_str("TARGET");
    if !target.contains("windows") && !target.contains("-apple-") {
        lines.push("cargo::rustc-link-lib=dylib=m".to_owned());
    }
}

/// The line that names the folder where the compiler keeps `library`.
fn folder_of(compiler: &Compiler<'_>, library: &str) -> Option<String> {
    let target = compiler.env.cargo_str("TARGET");
    let file = if target.contains("-apple-") {
        format!("lib{library}.dylib")
    } else if target.contains("windows") {
        format!("lib{library}.dll.a")
    } else {
        format!("lib{library}.so")
    };
    let fortran = compiler.has(true);
    let mut ask: Command = compiler.tool(fortran).ok()?;
    ask.arg(format!("-print-file-name={file}"));
    let tool = if fortran { Tool::Fortran } else { Tool::C };
    let path = tools::run(&mut ask, tool, "asking for a library").ok()?;
    let folder = Path::new(path.trim())
        .parent()
        .filter(|f| f.is_absolute())?
        .to_owned();
    Some(format!(
        "cargo::rustc-link-search=native={}",
        folder.display()
    ))
}
