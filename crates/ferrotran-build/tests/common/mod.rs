//! Small projects in temporary folders.
#![allow(dead_code, reason = "each test target uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ferrotran_build::{Build, Built, Error};

/// A folder with sources, and a builder that builds them outside Cargo.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Project {
    /// An empty project.
    pub(crate) fn new() -> Self {
        Self::in_folder("project")
    }

    /// An empty project in a folder of that name.
    pub(crate) fn in_folder(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join(name);
        fs::create_dir_all(root.join("out")).expect("a folder");
        Self { folder, root }
    }

    /// Adds a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// The path of a file.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A builder of `src` with what Cargo sets for a release build.
    pub(crate) fn builder(&self) -> Build {
        let target = target();
        Build::new()
            .sources(self.path("src"))
            .env("OUT_DIR", self.path("out"))
            .env("TARGET", &target)
            .env("HOST", &target)
            .env("OPT_LEVEL", "3")
            .env("DEBUG", "false")
            .env("NUM_JOBS", "2")
            .env("FERROTRAN_WERROR", "0") // some of the sources ought to be warned of
    }

    /// Builds `src`.
    pub(crate) fn build(&self) -> Result<Built, Error> {
        self.builder().try_run("native")
    }

    /// Builds `src` and checks `src/k.h`.
    pub(crate) fn build_with_header(&self) -> Result<Built, Error> {
        self.bound().try_run("native")
    }

    /// A builder of `src` with the header `src/k.h`.
    pub(crate) fn bound(&self) -> Build {
        self.builder()
            .include(self.path("src"))
            .header(self.path("src/k.h"))
    }
}

/// The host of the Rust compiler.
fn target() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|l| l.strip_prefix("host: "))
        .expect("a host")
        .to_owned()
}

/// The symbols of an archive as `nm` lists them, one `kind name` each.
pub(crate) fn symbols(archive: &Path) -> Vec<String> {
    let output = Command::new("nm")
        .arg("-P")
        .arg(archive)
        .output()
        .expect("nm runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next()?, words.next()?);
        Some(format!("{kind} {name}"))
    };
    text.lines().filter_map(entry).collect()
}

/// The archive of a build that succeeds.
pub(crate) fn archive(built: Result<Built, Error>) -> PathBuf {
    match built {
        Ok(built) => built.archive.expect("an archive"),
        Err(error) => panic!("{error}"),
    }
}

/// The message of a build that fails.
pub(crate) fn message(built: Result<Built, Error>) -> String {
    built.expect_err("the build fails").to_string()
}

/// Checks that `text` contains each of `parts`.
#[track_caller]
pub(crate) fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
}

/// Checks that Cargo is told `line`.
#[track_caller]
pub(crate) fn told(built: &Built, line: &str) {
    let line = format!("cargo::{line}");
    assert!(
        built.lines.contains(&line),
        "no `{line}` in {:#?}",
        built.lines
    );
}

/// Checks that a warning of the build contains `text`.
#[track_caller]
pub(crate) fn warned(built: &Built, text: &str) {
    let warns = |l: &String| l.starts_with("cargo::warning=") && l.contains(text);
    assert!(
        built.lines.iter().any(warns),
        "no `{text}` in {:#?}",
        built.lines
    );
}

/// One Fortran source with its header.
pub(crate) fn project_of(fortran: &str, prototypes: &str) -> Project {
    let header = format!("#include <stddef.h>\n#include <stdint.h>\n{prototypes}\n");
    Project::new()
        .file("src/k.f90", fortran)
        .file("src/k.h", &header)
}
