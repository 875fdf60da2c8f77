//! Holds the header against the lists of statuses and binds it, so that the compiler compares each
//! function with its prototype.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Both lists of statuses: of the kernels, and of this library alone.
const LISTS: [&str; 2] = [
    "../../csrc/include/ferrotran_status.def",
    "include/ferrotran_api_status.def",
];

fn main() {
    println!("cargo::rerun-if-changed=include");
    for list in LISTS {
        println!("cargo::rerun-if-changed={list}");
    }
    let statuses: Vec<Status> = LISTS.iter().flat_map(|list| read(list)).collect();
    check(&statuses, "include/ferrotran.h");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    write(&out.join("status.rs"), &messages(&statuses));
    write(&out.join("header.rs"), &bind(&statuses));

    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        link();
    }
}

/// What the linker is told of the shared library.
fn link() {
    // Threads of the pool may be in the library for as long as the process lives.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    if env::var_os("CARGO_FEATURE_CAPI").is_none() {
        let version = |part| env::var(format!("CARGO_PKG_VERSION_{part}")).unwrap_or_default();
        let soname = match &*version("MAJOR") {
            "0" => format!("0.{}", version("MINOR")),
            major => major.to_owned(),
        };
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libferrotran.so.{soname}");
    }
}

struct Status {
    name: String,
    number: i32,
    words: String,
}

/// The lines `FT_STATUS(name, number, "words")` of a list.
fn read(path: &str) -> Vec<Status> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let parse = |line: &str| {
        let inside = line.strip_prefix("FT_STATUS(")?.strip_suffix("\")")?;
        let (name, rest) = inside.split_once(", ")?;
        let (number, words) = rest.split_once(", \"")?;
        let (name, words) = (name.to_owned(), words.to_owned());
        let number = number.parse().ok()?;
        Some(Status {
            name,
            number,
            words,
        })
    };
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| parse(line).unwrap_or_else(|| panic!("{path}: not a status: {line}")))
        .collect()
}

/// Panics unless the header's `enum ft_status` is the lists.
fn check(statuses: &[Status], header: &str) {
    let text = fs::read_to_string(header).unwrap_or_else(|e| panic!("{header}: {e}"));
    let (_, rest) = text
        .split_once("enum ft_status {")
        .expect("an enum ft_status");
    let (found, _) = rest.split_once("};").expect("an end of the enum");
    let mut expected = String::new();
    for Status {
        name,
        number,
        words,
    } in statuses
    {
        let _ = writeln!(expected, "    {name} = {number}, /**< {words} */");
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        squeeze(found) == squeeze(&expected),
        "{header}: enum ft_status is not the lists {LISTS:?}, which make\n{expected}"
    );
}

/// The function that has the words of each status.
fn messages(statuses: &[Status]) -> String {
    let mut text = String::from(
        "/// The words of a status.\npub(crate) fn message(status: c_int) -> &'static CStr {\n    match status {\n",
    );
    for Status { number, words, .. } in statuses {
        let _ = writeln!(text, "        {number} => c{words:?},");
    }
    text + "        _ => c\"unknown status\",\n    }\n}\n"
}

/// What the header declares.
fn bind(statuses: &[Status]) -> String {
    let bindings = bindgen::Builder::default()
        .header("include/ferrotran.h")
        .clang_args(["-std=c11", "-Iinclude"])
        .allowlist_item("(ft|FT)_.*")
        .blocklist_type("ptrdiff_t")
        .raw_line("pub(crate) type ptrdiff_t = isize;")
        .default_visibility(bindgen::FieldVisibilityKind::Public)
        .generate_comments(false)
        .prepend_enum_name(false)
        .layout_tests(true)
        .generate()
        .expect("bindgen reads the header");
    // An enumerator has type int in C.
    let mut text = bindings
        .to_string()
        .replace("os::raw::c_uint", "os::raw::c_int");
    for Status { name, number, .. } in statuses {
        let _ = writeln!(text, "const _: () = assert!({name} == {number});");
    }
    text
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
