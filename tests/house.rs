//! The rules of the house that the compilers do not check, held against the sources.

use std::fs;
use std::path::{Path, PathBuf};

const DOMAINS: [&str; 5] = ["linalg", "special", "integrate", "optimize", "stencil"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `folder` with one of the `extensions`, without generated tables.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.expect("a readable entry").path();
            let name = path
                .file_name()
                .expect("entries have names")
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !["target", "build", "__pycache__", "data"].contains(&name.as_str()) {
                    open.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|x| e == *x))
                && !name.contains("_table")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Native sources with one of the `extensions`, of the library and of the comparison.
fn native(extensions: &[&str]) -> Vec<PathBuf> {
    ["fortran", "csrc", "compare/fortran", "compare/csrc"]
        .into_iter()
        .flat_map(|folder| files(folder, extensions))
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn fortran_kernels_keep_no_state_and_do_no_io() {
    let statements = [
        "save",
        "common",
        "goto",
        "equivalence",
        "print",
        "write",
        "read",
        "open",
        "stop",
        "error stop",
        "allocate",
        "data",
    ];
    for path in native(&["f90", "F90", "inc"]) {
        for (number, line) in read(&path).lines().enumerate() {
            let code = line.split('!').next().unwrap_or("").trim().to_lowercase();
            let forbidden = statements.iter().any(|word| {
                let rest = code.strip_prefix(word).map(str::trim_start);
                rest.is_some_and(|r| {
                    !r.starts_with(|c: char| c.is_alphanumeric() || "_=%".contains(c))
                })
            });
            let wrong = forbidden || code.contains("allocatable");
            assert!(
                !wrong,
                "{}:{}: `{code}` in a kernel",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn fortran_modules_state_types_and_visibility() {
    for path in native(&["f90", "F90"]) {
        let text = read(&path).to_lowercase();
        let name = path.display();
        assert!(
            text.contains("implicit none (type, external)"),
            "{name}: no `implicit none`"
        );
        assert!(
            text.contains("\n   private\n") || text.contains("\n   public\n"),
            "{name}: neither `private` nor `public`"
        );
    }
}

#[test]
fn c_kernels_use_neither_heap_nor_streams() {
    for path in native(&["c", "h", "inc"]) {
        for (number, line) in read(&path).lines().enumerate() {
            for word in [
                "malloc(",
                "calloc(",
                "free(",
                "<stdio.h>",
                "<stdlib.h>",
                "<errno.h>",
            ] {
                assert!(
                    !line.contains(word),
                    "{}:{}: `{word}`",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn every_native_source_names_its_licence() {
    for path in native(&["f90", "F90", "c", "h"]) {
        let named = read(&path)
            .lines()
            .take(3)
            .any(|l| l.contains("SPDX-License-Identifier: MIT OR Apache-2.0"));
        assert!(named, "{}: no SPDX line", path.display());
    }
}

#[test]
fn hand_written_files_stay_small() {
    for folder in [
        "fortran", "csrc", "src", "python", "crates", "tests", "benches", "examples", "compare",
    ] {
        for path in files(folder, &["rs", "f90", "F90", "c", "h", "inc", "py"]) {
            let lines = read(&path).lines().count();
            assert!(
                lines <= 400,
                "{} has {lines} lines, at most 400",
                path.display()
            );
        }
    }
}

/// Kernels of a domain: the files of `src/<domain>`.
fn kernels(domain: &str) -> Vec<String> {
    let folder = root().join("src").join(domain);
    files(&format!("src/{domain}"), &["rs"])
        .into_iter()
        .filter(|path| path.parent() == Some(&folder))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .filter(|name| name != "mod")
        .collect()
}

#[test]
fn every_kernel_has_its_python_face_tests_bench_and_page() {
    let mut found = 0;
    for domain in DOMAINS {
        for kernel in kernels(domain) {
            found += 1;
            for path in [
                format!("python/src/{domain}/{kernel}.rs"),
                format!("tests/{domain}/{kernel}.rs"),
                format!("tests/python/test_{kernel}.py"),
                format!("benches/{kernel}.py"),
                format!("docs/{kernel}.md"),
            ] {
                let there = root().join(&path).is_file();
                assert!(there, "the kernel {domain}::{kernel} has no {path}");
            }
        }
    }
    assert!(found > 0, "no kernel found: the check would be empty");
}

#[test]
fn every_test_file_and_every_page_with_rust_is_run() {
    for domain in DOMAINS {
        let main = read(&root().join(format!("tests/{domain}/main.rs")));
        for path in files(&format!("tests/{domain}"), &["rs"]) {
            let stem = path
                .file_stem()
                .expect("files have names")
                .to_string_lossy();
            let named = stem == "main" || main.contains(&format!("\nmod {stem};\n"));
            assert!(named, "{} is in no `mod` of its main.rs", path.display());
        }
        let module = read(&root().join(format!("src/{domain}/mod.rs")));
        for kernel in kernels(domain) {
            let page = format!("docs/{kernel}.md");
            let run = module.contains(&format!("include_str!(\"../../{page}\")"));
            let rust = read(&root().join(&page)).contains("```rust");
            assert!(
                run || !rust,
                "src/{domain}/mod.rs does not include {page} as a doctest"
            );
        }
    }
}

#[test]
fn rust_in_a_page_is_compiled_by_a_doctest_or_by_a_lesson() {
    let modules: String = DOMAINS
        .iter()
        .map(|domain| read(&root().join(format!("src/{domain}/mod.rs"))))
        .collect();
    for path in files("docs", &["md"]) {
        let name = path
            .file_name()
            .expect("files have names")
            .to_string_lossy();
        let text = read(&path);
        // `tests/lessons` holds every block of a lesson to the source, which is built.
        let compiled = modules.contains(&format!("include_str!(\"../../docs/{name}\")"))
            || text.contains("<!-- lesson:begin code ");
        assert!(
            compiled || !text.contains("```rust"),
            "docs/{name} has Rust that nothing compiles"
        );
    }
}

#[test]
fn every_prototype_is_documented() {
    let header = read(&root().join("csrc/include/ferrotran_kernels.h"));
    let mut previous = "";
    for line in header.lines() {
        if line.contains("ft_") && line.contains('(') && !line.starts_with([' ', '/', '#']) {
            assert!(previous.starts_with("///"), "no `///` line above: {line}");
        }
        previous = line;
    }
}
