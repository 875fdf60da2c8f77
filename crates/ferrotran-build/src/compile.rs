//! Compiles the sources for each variant.

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use cc::{BuildMessage, BuildMessageKind, BuildMessageLogger};

use crate::env::Env;
use crate::find::{Language, Source};
use crate::tools::{self, Tool};
use crate::{Build, Error, Isa, Result, order, scan};

/// A compiled source.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) path: PathBuf,
    pub(crate) source: PathBuf,
    pub(crate) variant: Option<Isa>,
}

/// The compilers, and the sources in their order.
pub(crate) struct Compiler<'a> {
    pub(crate) build: &'a Build,
    pub(crate) env: &'a Env,
    out: PathBuf,
    c: Vec<PathBuf>,
    /// Fortran sources by level, each with whether it is in fixed form.
    pub(crate) fortran: Vec<Vec<(PathBuf, bool)>>,
    compiler: OsString,
    pub(crate) flang: bool,
    watched: Vec<PathBuf>,
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

impl<'a> Compiler<'a> {
    /// Finds the compilers and orders the sources.
    pub(crate) fn new(
        build: &'a Build,
        env: &'a Env,
        out: &Path,
        sources: Vec<Source>,
    ) -> Result<Self> {
        let (c, fortran): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(|s| s.language == Language::C);
        let mut compiler = Self {
            build,
            env,
            out: out.to_owned(),
            c: c.into_iter().map(|s| s.path).collect(),
            fortran: Vec::new(),
            compiler: Tool::Fortran.command(env),
            flang: false,
            watched: Vec::new(),
        };
        if !fortran.is_empty() {
            compiler.flang = compiler.version(true)?.to_lowercase().contains("flang");
            compiler.order(&fortran)?;
        }
        Ok(compiler)
    }

    /// The first line that a compiler prints of itself.
    pub(crate) fn version(&self, fortran: bool) -> Result<String> {
        let tool = if fortran { Tool::Fortran } else { Tool::C };
        let mut command = self.tool(fortran)?;
        let text = tools::run(
            command.arg("--version"),
            tool,
            "asking a compiler for its version",
        )?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// Whether there is C, or Fortran, to compile.
    pub(crate) fn has(&self, fortran: bool) -> bool {
        if fortran {
            !self.fortran.is_empty()
        } else {
            !self.c.is_empty()
        }
    }

    /// The command that compiles for the target, with all flags but those of a file or variant.
    pub(crate) fn tool(&self, fortran: bool) -> Result<Command> {
        let cc = if fortran {
            self.cc_fortran(None, false)
        } else {
            self.cc_c(None)
        };
        Ok(cc
            .try_get_compiler()
            .map_err(|e| cc_error(&e, fortran, Vec::new()))?
            .to_command())
    }

    fn order(&mut self, sources: &[Source]) -> Result<()> {
        let mut units = Vec::new();
        for source in sources {
            let unit = self.unit(source)?;
            units.push((source.path.clone(), unit));
        }
        let folders = self.module_folders()?;
        let external = |module: &str| {
            folders
                .iter()
                .any(|folder| folder.join(format!("{module}.mod")).is_file())
        };
        for level in order::levels(&units, external)? {
            let file = |at: usize| {
                let fixed = matches!(sources[at].language, Language::Fortran { fixed: true, .. });
                (sources[at].path.clone(), fixed)
            };
            self.fortran.push(level.into_iter().map(file).collect());
        }
        Ok(())
    }

    /// What a Fortran source defines and uses, in itself and in the files it includes.
    fn unit(&mut self, source: &Source) -> Result<scan::Unit> {
        let Language::Fortran { fixed, cpp } = source.language else {
            return Ok(scan::Unit::default());
        };
        let text = self.text(&source.path, cpp)?;
        let mut unit = scan::unit(&scan::statements(&text, fixed));
        let mut pending = std::mem::take(&mut unit.includes);
        let mut seen = Vec::new();
        while let Some(name) = pending.pop() {
            let folders = source
                .path
                .parent()
                .into_iter()
                .chain(self.build.includes.iter().map(|i| &**i));
            let found = folders
                .map(|f| f.join(&name))
                .find(|p| p.is_file() && !seen.contains(p));
            if let Some(path) = found {
                let text = read(&path)?;
                let inner = scan::unit(&scan::statements(&text, fixed));
                unit.uses.extend(inner.uses);
                unit.defines.extend(inner.defines);
                pending.extend(inner.includes);
                self.watched.push(path.clone());
                seen.push(path);
            }
        }
        Ok(unit)
    }

    /// The text of a Fortran source, preprocessed if it asks for that.
    pub(crate) fn text(&mut self, path: &Path, cpp: bool) -> Result<String> {
        if !cpp {
            return read(path);
        }
        let action = format!("preprocessing {}", path.display());
        let mut command = self.tool(true)?;
        let text = tools::run(
            command.args(["-E", "-cpp"]).arg(path),
            Tool::Fortran,
            &action,
        )?;
        let marked = text
            .lines()
            .filter_map(|l| l.strip_prefix("# ")?.split('"').nth(1));
        let included = marked.map(PathBuf::from).filter(|p| p.is_file());
        self.watched.extend(included);
        Ok(text)
    }

    /// Where installed `.mod` files may be.
    fn module_folders(&self) -> Result<Vec<PathBuf>> {
        let mut folders = self.build.includes.clone();
        let command = self.tool(true)?;
        let flags = command
            .get_args()
            .filter_map(|arg| arg.to_str()?.strip_prefix("-I"));
        folders.extend(flags.filter(|f| !f.is_empty()).map(PathBuf::from));
        if !self.flang {
            let mut ask = self.tool(true)?;
            ask.arg("-print-file-name=finclude");
            let path = tools::run(&mut ask, Tool::Fortran, "asking gfortran for its modules")?;
            folders.push(path.trim().into());
        }
        Ok(folders)
    }

    /// The variants beside the baseline, the least first.
    pub(crate) fn variants(&self) -> Vec<Isa> {
        let x86 = self.env.cargo_str("TARGET").starts_with("x86_64");
        let mut variants: Vec<_> = self
            .build
            .variants
            .iter()
            .copied()
            .filter(|_| x86)
            .collect();
        variants.sort_unstable();
        variants.dedup();
        variants
    }

    /// The flags of all files of a language, without folders.
    pub(crate) fn flags(&self, fortran: bool) -> String {
        let Ok(command) = self.tool(fortran) else {
            return String::new();
        };
        let mut shown = Vec::new();
        let mut args = command.get_args().map(|arg| arg.to_string_lossy());
        while let Some(arg) = args.next() {
            match &*arg {
                "-I" | "-J" | "-module-dir" => drop(args.next()),
                "-MMD" => {}
                _ if arg.starts_with("-I") => {}
                _ => shown.push(arg),
            }
        }
        shown.join(" ")
    }

    /// Compiles everything for each variant.
    pub(crate) fn all(&self, lines: &mut Vec<String>) -> Result<Vec<Object>> {
        let variants = self.variants().into_iter().map(Some);
        let variants: Vec<_> = std::iter::once(None).chain(variants).collect();
        let results: Vec<_> = std::thread::scope(|scope| {
            let start = |v: &Option<Isa>| {
                let variant = *v;
                scope.spawn(move || self.variant(variant))
            };
            let threads: Vec<_> = variants.iter().map(start).collect();
            threads
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        let mut objects = Vec::new();
        for (at, result) in results.into_iter().enumerate() {
            let (more, log) = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if at == 0 {
                lines.extend(
                    log.lines()
                        .iter()
                        .map(|line| format!("cargo::warning={line}")),
                );
            }
            objects.extend(more);
        }
        let headers = objects
            .iter()
            .filter_map(|o| fs::read_to_string(o.path.with_extension("d")).ok());
        let watched: std::collections::BTreeSet<PathBuf> = headers
            .flat_map(|d| dependencies(&d))
            .chain(self.watched.iter().cloned())
            .collect();
        lines.extend(
            watched
                .iter()
                .map(|p| format!("cargo::rerun-if-changed={}", p.display())),
        );
        Ok(objects)
    }

    fn variant(&self, variant: Option<Isa>) -> Result<(Vec<Object>, Arc<Log>)> {
        let log = Arc::new(Log::default());
        let modules = self.modules(variant);
        fs::create_dir_all(&modules).map_err(Error::io(&modules))?;
        let mut objects = Vec::new();
        let mut compile = |mut cc: cc::Build, fortran: bool, files: &[&PathBuf]| -> Result<()> {
            if !files.is_empty() {
                cc.files(files)
                    .message_logger(Some(log.clone()))
                    .cargo_warnings(false);
                let paths = cc
                    .try_compile_intermediates()
                    .map_err(|e| cc_error(&e, fortran, log.lines()))?;
                let object = |(path, source): (PathBuf, &&PathBuf)| Object {
                    path,
                    source: (*source).clone(),
                    variant,
                };
                objects.extend(paths.into_iter().zip(files).map(object));
            }
            Ok(())
        };
        compile(
            self.cc_c(variant),
            false,
            &self.c.iter().collect::<Vec<_>>(),
        )?;
        for level in &self.fortran {
            for form in [false, true] {
                let files: Vec<_> = level.iter().filter(|f| f.1 == form).map(|f| &f.0).collect();
                compile(self.cc_fortran(variant, form), true, &files)?;
            }
        }
        Ok((objects, log))
    }

    /// The folder of a variant.
    pub(crate) fn folder(&self, variant: Option<Isa>) -> PathBuf {
        self.out.join(variant.map_or("baseline", Isa::name))
    }

    fn modules(&self, variant: Option<Isa>) -> PathBuf {
        self.folder(variant).join("mod")
    }

    /// What C and Fortran have in common.
    fn cc(&self, variant: Option<Isa>) -> cc::Build {
        let mut cc = cc::Build::new();
        let level = match self.env.cargo_str("OPT_LEVEL") {
            "0" => "2",
            size @ ("s" | "z") => size,
            _ => "3",
        };
        cc.cargo_metadata(false)
            .opt_level_str(level)
            .out_dir(self.folder(variant))
            .includes(&self.build.includes)
            .warnings(true)
            .extra_warnings(true)
            .warnings_into_errors(
                self.build.warnings_into_errors || self.env.switch("FERROTRAN_WERROR"),
            );
        cc
    }

    fn cc_c(&self, variant: Option<Isa>) -> cc::Build {
        let mut cc = self.cc(variant);
        for name in ["CC", "CFLAGS", "AR", "ARFLAGS"]
            .iter()
            .flat_map(|key| self.env.names(key))
        {
            self.env.get(&name);
        }
        cc.set_envs_snapshot(self.env.vars());
        if !self.env.cargo_str("TARGET").contains("msvc") {
            cc.std("c11").flags([
                "-Wpedantic",
                "-Wconversion",
                "-Wmissing-prototypes",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-MMD",
            ]);
        }
        cc.flags(variant.map_or(&[][..], Isa::flags))
            .flags(&self.build.flags_c);
        cc
    }

    fn cc_fortran(&self, variant: Option<Isa>, fixed: bool) -> cc::Build {
        let mut cc = self.cc(variant);
        cc.set_envs_snapshot(self.env.as_fortran(&self.compiler))
            .inherit_rustflags(false);
        let modules = self.modules(variant);
        if self.flang {
            cc.flag("-module-dir").flag(modules);
        } else {
            cc.flags(["-frecursive", "-Werror=trampolines"])
                .flag("-J")
                .flag(modules);
            if fixed {
                cc.flag("-std=legacy");
            }
        }
        cc.flags(variant.map_or(&[][..], Isa::flags))
            .flags(&self.build.flags_fortran);
        cc
    }

    /// Puts objects into `lib<name>.a`.
    pub(crate) fn archive(&self, name: &str, objects: &[PathBuf]) -> Result<PathBuf> {
        let mut cc = cc::Build::new();
        cc.cargo_metadata(false)
            .set_envs_snapshot(self.env.vars())
            .out_dir(self.env.cargo_path("OUT_DIR")?);
        cc.try_create_archive(name, objects)
            .map_err(|e| cc_error(&e, false, Vec::new()))
    }
}

fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cc_error(error: &cc::Error, fortran: bool, mut log: Vec<String>) -> Error {
    let text = error.to_string();
    if text.starts_with("ToolNotFound") {
        return if fortran { Tool::Fortran } else { Tool::C }.missing(&text);
    }
    if log.is_empty() {
        log.push(text);
    }
    Error::Tool {
        action: "compiling".to_owned(),
        output: log.join("\n"),
    }
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
