//! Finds and runs the programs that a build needs, and says how to get a missing one.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::process::Command;
use std::{panic, thread};

use crate::env::Env;
use crate::{Error, Result};

/// A program or library, with what a user must know when it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    C,
    Fortran,
    Libclang,
    Nm,
    Objcopy,
}

impl Tool {
    /// What it is, the variable that overrides it, and its package on Debian, Fedora, Arch, macOS.
    fn facts(self) -> (&'static str, &'static str, [&'static str; 4]) {
        match self {
            Self::C => ("a C compiler (cc)", "CC", ["gcc", "gcc", "gcc", "gcc"]),
            Self::Fortran => (
                "a Fortran compiler (gfortran)",
                "FC",
                ["gfortran", "gcc-gfortran", "gcc-fortran", "gcc"],
            ),
            Self::Libclang => (
                "libclang",
                "LIBCLANG_PATH (its folder)",
                ["libclang-dev", "clang-devel", "clang", "llvm"],
            ),
            Self::Nm => ("nm", "NM", ["binutils", "binutils", "binutils", "binutils"]),
            Self::Objcopy => (
                "objcopy",
                "OBJCOPY",
                ["binutils", "binutils", "binutils", "binutils"],
            ),
        }
    }

    /// The error for a missing tool; `tried` says where it was looked for.
    pub(crate) fn missing(self, tried: &str) -> Error {
        let (what, variable, [debian, fedora, arch, mac]) = self.facts();
        Error::MissingTool(format!(
            "{what} is missing: {tried}\n\
             Set {variable}, or install it:\n  \
             Debian, Ubuntu: sudo apt-get install {debian}\n  \
             Fedora:         sudo dnf install {fedora}\n  \
             Arch:           sudo pacman -S {arch}\n  \
             macOS:          brew install {mac}"
        ))
    }

    /// The command, from the environment or else the usual name.
    pub(crate) fn command(self, env: &Env) -> OsString {
        let (key, usual): (_, &[&str]) = match self {
            Self::Fortran => ("FC", &["gfortran", "flang", "flang-new"]),
            Self::Nm => ("NM", &["nm", "llvm-nm"]),
            Self::Objcopy => ("OBJCOPY", &["objcopy", "llvm-objcopy"]),
            Self::C | Self::Libclang => ("CC", &["cc"]),
        };
        if let Some(set) = env.for_target(key) {
            return set.into();
        }
        let (target, host) = (env.cargo_str("TARGET"), env.cargo_str("HOST"));
        let prefix = if target == host {
            String::new()
        } else {
            cross_prefix(target)
        };
        usual
            .iter()
            .map(|name| OsString::from(format!("{prefix}{name}")))
            .find(|name| on_path(name, env))
            .unwrap_or_else(|| format!("{prefix}{}", usual[0]).into())
    }
}

/// The prefix of GNU tools for a foreign target: `aarch64-linux-gnu-`.
fn cross_prefix(target: &str) -> String {
    let mut parts: Vec<&str> = target.split('-').collect();
    if parts.len() == 4 {
        parts.remove(1);
    }
    let target = match parts.as_slice() {
        [arch, "pc", "windows", ..] | [arch, "windows", ..] => format!("{arch}-w64-mingw32"),
        parts => parts.join("-"),
    };
    format!("{target}-")
}

fn on_path(name: &OsStr, env: &Env) -> bool {
    env.cargo("PATH").is_some_and(|path| {
        std::env::split_paths(path).any(|dir| {
            dir.join(name).is_file()
                || dir
                    .join(name)
                    .with_extension(std::env::consts::EXE_EXTENSION)
                    .is_file()
        })
    })
}

/// Runs `command` and returns what it prints on its standard output.
pub(crate) fn run(command: &mut Command, tool: Tool, action: &str) -> Result<String> {
    let output = match command.output() {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(tool.missing(&format!(
                "`{}` does not run",
                command.get_program().display()
            )));
        }
        other => other.map_err(Error::io(command.get_program()))?,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::Tool {
        action: action.to_owned(),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Does `work` on each item, as many at a time as Cargo allows jobs.
pub(crate) fn parallel<I: Sync, O: Send>(
    env: &Env,
    items: &[I],
    work: impl Fn(&I) -> Result<O> + Sync,
) -> Result<Vec<O>> {
    let jobs = env.cargo_str("NUM_JOBS").parse().unwrap_or(1usize).max(1);
    let size = items.len().div_ceil(jobs).max(1);
    let results: Vec<Result<Vec<O>>> = thread::scope(|scope| {
        let work = &work;
        let start = |chunk| scope.spawn(move || <[I]>::iter(chunk).map(work).collect());
        let threads: Vec<_> = items.chunks(size).map(start).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread
                .join()
                .unwrap_or_else(|payload| panic::resume_unwind(payload))
        };
        threads.into_iter().map(join).collect()
    });
    Ok(results
        .into_iter()
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect())
}
