//! The compiled archive keeps the contract between the languages: re-entrant kernels without a
//! Fortran runtime.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

/// A symbol as `nm` lists it.
#[derive(Debug)]
struct Symbol {
    kind: char,
    name: String,
}

fn symbols() -> Vec<Symbol> {
    let Some(archive) = option_env!("FERROTRAN_KERNELS_ARCHIVE") else {
        panic!("the kernels were not compiled");
    };
    assert!(Path::new(archive).is_file(), "{archive} is missing");
    let nm = std::env::var("NM").unwrap_or_else(|_| "nm".into());
    let out = Command::new(&nm)
        .args(["--print-file-name", archive])
        .output()
        .unwrap_or_else(|e| panic!("cannot run {nm}: {e}"));
    assert!(out.status.success(), "{nm} failed on {archive}");
    String::from_utf8(out.stdout)
        .expect("symbol names are ASCII")
        .lines()
        .filter_map(|line| {
            let (_, symbol) = line.split_once(".o:")?;
            let mut words = symbol.split_whitespace().rev();
            let name = words.next()?.to_owned();
            let kind = words.next()?.chars().next()?;
            Some(Symbol { kind, name })
        })
        .collect()
}

/// Sanitizers and `-fcheck` add counters and calls of their own.
fn instrumented() -> bool {
    ["CFLAGS", "FFLAGS"]
        .iter()
        .any(|v| std::env::var(v).is_ok_and(|f| f.contains("-fsanitize") || f.contains("-fcheck")))
}

fn assert_none(what: &str, wrong: impl Fn(&Symbol) -> bool) {
    let found: Vec<_> = symbols().into_iter().filter(wrong).collect();
    assert!(instrumented() || found.is_empty(), "{what}: {found:#?}");
}

#[test]
fn archive_holds_the_kernels() {
    let kernels = symbols()
        .iter()
        .filter(|s| s.kind == 'T' && s.name.starts_with("ft_"))
        .count();
    assert!(
        kernels > 0,
        "no kernel symbol found: the other checks would be empty"
    );
}

#[test]
fn no_kernel_has_writable_data() {
    assert_none("writable data in the kernels", |s| {
        "bBdDcCsSgG".contains(s.kind)
    });
}

#[test]
fn no_kernel_needs_the_fortran_runtime() {
    assert_none("calls into libgfortran", |s| {
        s.kind == 'U' && s.name.starts_with("_gfortran")
    });
}

#[test]
fn no_kernel_allocates_prints_or_exits() {
    let forbidden = HashSet::from([
        "malloc",
        "calloc",
        "realloc",
        "free",
        "printf",
        "puts",
        "__errno_location",
        "exit",
        "abort",
    ]);
    assert_none("a kernel allocates, prints or exits", |s| {
        s.kind == 'U' && forbidden.contains(s.name.as_str())
    });
}

#[test]
fn every_exported_symbol_is_in_the_header() {
    let header = include_str!("../csrc/include/ferrotran_kernels.h");
    let code = header.lines().filter(|line| !line.starts_with("///"));
    let word = |c: char| !c.is_alphanumeric() && c != '_';
    let declared: HashSet<_> = code.flat_map(|line| line.split(word)).collect();
    assert_none("exported, but not declared in ferrotran_kernels.h", |s| {
        let name = s.name.trim_end_matches("_v3").trim_end_matches("_v4");
        s.kind == 'T' && name.starts_with("ft_") && !declared.contains(name)
    });
}
