//! Compiles the sources for each variant.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::panic;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use cc::{BuildMessage, BuildMessageKind, BuildMessageLogger};

use crate::sources::Sources;
use crate::toolchain::{Dialect, Toolchain, failure};
use crate::{Error, Isa, Result};

/// A compiled source.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) path: PathBuf,
    pub(crate) source: PathBuf,
    pub(crate) variant: Option<Isa>,
}

/// What a compilation gives.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) objects: Vec<Object>,
    /// What the compilers said about the baseline.
    pub(crate) warnings: Vec<String>,
    /// The headers that C sources include.
    pub(crate) headers: BTreeSet<PathBuf>,
}

/// Compiles everything for the baseline and each variant, all at the same time.
pub(crate) fn all(tools: &Toolchain<'_>, sources: &Sources) -> Result<Compiled> {
    let variants: Vec<_> = std::iter::once(None)
        .chain(tools.variants().into_iter().map(Some))
        .collect();
    let results: Vec<_> = thread::scope(|scope| {
        let start = |v: &Option<Isa>| {
            let variant = *v;
            scope.spawn(move || compile(tools, sources, variant))
        };
        let threads: Vec<_> = variants.iter().map(start).collect();
        threads.into_iter().map(ScopedJoinHandle::join).collect()
    });
    let mut all = Compiled::default();
    for (at, result) in results.into_iter().enumerate() {
        let (objects, said) = result.unwrap_or_else(|payload| panic::resume_unwind(payload))?;
        if at == 0 {
            all.warnings = said;
            let rules = objects
                .iter()
                .filter_map(|o| fs::read_to_string(o.path.with_extension("d")).ok());
            all.headers = rules.flat_map(|rule| dependencies(&rule)).collect();
        }
        all.objects.extend(objects);
    }
    Ok(all)
}

fn compile(
    tools: &Toolchain<'_>,
    sources: &Sources,
    variant: Option<Isa>,
) -> Result<(Vec<Object>, Vec<String>)> {
    let modules = tools.modules(variant);
    fs::create_dir_all(&modules).map_err(Error::io(&modules))?;
    let log = Arc::new(Log::default());
    let mut objects = Vec::new();
    let mut compile = |dialect: Dialect, files: Vec<&PathBuf>| -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let mut cc = tools.cc(dialect, variant);
        if dialect == Dialect::C && !tools.msvc() {
            // Lists the headers beside the object.
            cc.flag("-MMD");
        }
        cc.files(&files).message_logger(Some(log.clone()));
        let made = cc.try_compile_intermediates();
        let made = made.map_err(|e| failure(&e, dialect, log.lines()))?;
        let pairs = made.into_iter().zip(files);
        objects.extend(pairs.map(|(path, source)| Object {
            path,
            source: source.clone(),
            variant,
        }));
        Ok(())
    };
    compile(Dialect::C, sources.c.iter().collect())?;
    for level in &sources.levels {
        for dialect in [Dialect::Free, Dialect::Fixed] {
            let files = level
                .iter()
                .filter(|f| f.dialect == dialect)
                .map(|f| &f.path);
            compile(dialect, files.collect())?;
        }
    }
    let mut said = log.lines();
    // Flang says this of flags that `cc` cannot leave out.
    said.retain(|line| !line.contains("argument unused during compilation"));
    Ok((objects, said))
}

/// Keeps what compilers print, by the source they were given.
#[derive(Default)]
struct Log(Mutex<BTreeMap<OsString, Vec<String>>>);

impl BuildMessageLogger for Log {
    fn log(&self, kind: BuildMessageKind, msg: BuildMessage<'_>, extra: &dyn Any) {
        if let (BuildMessageKind::StderrForwarding, Some(command)) =
            (kind, extra.downcast_ref::<Command>())
        {
            let source = command.get_args().last().unwrap_or_default().to_owned();
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.entry(source).or_default().push(msg.to_string());
        }
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.values().flatten().cloned().collect()
    }
}

/// Puts objects into `lib<name>.a`.
pub(crate) fn archive(tools: &Toolchain<'_>, name: &str, objects: &[PathBuf]) -> Result<PathBuf> {
    let mut cc = tools.cc(Dialect::C, None);
    cc.out_dir(tools.env.cargo_path("OUT_DIR")?);
    cc.try_create_archive(name, objects)
        .map_err(|e| failure(&e, Dialect::C, Vec::new()))
}

/// The files that the headers of the build include.
pub(crate) fn included(tools: &Toolchain<'_>) -> Result<BTreeSet<PathBuf>> {
    let mut all = BTreeSet::new();
    let headers = tools.build.headers.iter().filter(|_| !tools.msvc());
    for header in headers {
        let flags = ["-w".as_ref(), "-MM".as_ref(), header.as_os_str()];
        let rule = tools.ask(Dialect::C, flags, "listing what the header includes")?;
        all.extend(dependencies(&rule));
    }
    Ok(all)
}

/// The files that a rule of make names.
fn dependencies(rule: &str) -> Vec<PathBuf> {
    let list = rule
        .split_once(": ")
        .map_or("", |(_, list)| list)
        .replace("\\\n", " ");
    let spaced = list.replace("\\ ", "\0");
    spaced
        .split_whitespace()
        .map(|file| file.replace('\0', " ").into())
        .collect()
}
