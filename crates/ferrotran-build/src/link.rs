//! Tells Cargo what to link.

use std::path::Path;

use crate::Error;
use crate::sources::Sources;
use crate::symbols::Symbols;
use crate::toolchain::{Dialect, Toolchain};

/// A runtime library, by how the symbols that need it begin.
const RUNTIMES: [(&str, &str); 6] = [
    ("_gfortran_", "gfortran"),
    ("GOMP_", "gomp"),
    ("__asan_", "asan"),
    ("__ubsan_", "ubsan"),
    ("__tsan_", "tsan"),
    ("__gcov_", "gcov"),
];

/// The lines that link `archive` and the runtimes its objects need.
pub(crate) fn lines(
    tools: &Toolchain<'_>,
    sources: &Sources,
    archive: &Path,
    symbols: &Symbols,
) -> Vec<String> {
    let mut lines = Vec::new();
    let name = archive
        .file_stem()
        .and_then(|s| s.to_str()?.strip_prefix("lib"));
    if let (Some(folder), Some(name)) = (archive.parent(), name) {
        lines.push(format!(
            "cargo::rustc-link-search=native={}",
            folder.display()
        ));
        lines.push(format!("cargo::rustc-link-lib=static={name}"));
        let variable = name.to_uppercase().replace('-', "_");
        lines.push(format!(
            "cargo::rustc-env={variable}_ARCHIVE={}",
            archive.display()
        ));
    }
    let dialect = if sources.has(Dialect::Free) {
        Dialect::Free
    } else {
        Dialect::C
    };
    let needs = |prefix: &str| {
        let bare = |name: &str| {
            name.trim_start_matches('_')
                .starts_with(prefix.trim_matches('_'))
        };
        symbols.undefined.iter().any(|name| bare(name))
    };
    for (_, library) in RUNTIMES.iter().filter(|(prefix, _)| needs(prefix)) {
        lines.extend(folder(tools, dialect, library));
        lines.push(format!("cargo::rustc-link-lib=dylib={library}"));
    }
    if needs("_Fortran") {
        // Flang has one archive since version 20, and two before.
        let names = ["flang_rt.runtime", "FortranRuntime", "FortranDecimal"];
        let before = lines.len();
        for library in names {
            if let Some(folder) = holder(tools, dialect, &format!("lib{library}.a")) {
                lines.push(folder);
                lines.push(format!("cargo::rustc-link-lib=static={library}"));
            }
        }
        if lines.len() == before {
            let said = "the objects need flang's runtime, which is not found: link it in build.rs";
            lines.push(format!("cargo::warning={said}"));
        }
    }
    let target = tools.env.cargo_str("TARGET");
    if !target.contains("windows") && !target.contains("-apple-") {
        lines.push("cargo::rustc-link-lib=dylib=m".to_owned());
    }
    lines
}

/// The line that names the folder where the compiler keeps `library`.
fn folder(tools: &Toolchain<'_>, dialect: Dialect, library: &str) -> Option<String> {
    let target = tools.env.cargo_str("TARGET");
    let file = if target.contains("-apple-") {
        format!("lib{library}.dylib")
    } else if target.contains("windows") {
        format!("lib{library}.dll.a")
    } else {
        format!("lib{library}.so")
    };
    holder(tools, dialect, &file)
}

/// The line that names the folder where the compiler keeps `file`.
fn holder(tools: &Toolchain<'_>, dialect: Dialect, file: &str) -> Option<String> {
    let argument = format!("-print-file-name={file}");
    let path = tools
        .ask(dialect, [argument], "asking for a library")
        .ok()?;
    let folder = Path::new(path.trim())
        .parent()
        .filter(|f| f.is_absolute())?;
    Some(format!(
        "cargo::rustc-link-search=native={}",
        folder.display()
    ))
}

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
