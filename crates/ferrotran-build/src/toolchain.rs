//! The compilers with their flags.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::env::Env;
use crate::tools::{self, Tool};
use crate::{Build, Error, Isa, Result};

/// The language a compiler is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    C,
    Free,
    Fixed,
}

/// What is being done when a compiler is asked for its version.
const ASK_VERSION: &str = "asking a compiler for its version";

/// The compilers of a build.
pub(crate) struct Toolchain<'a> {
    pub(crate) build: &'a Build,
    pub(crate) env: &'a Env,
    /// The folder for objects and modules.
    pub(crate) out: PathBuf,
    /// `cc` with the environment for C and for Fortran; clones share what it finds out.
    seeds: [cc::Build; 2],
    /// The compiler of each dialect, once it is asked for.
    compilers: [OnceLock<cc::Tool>; 3],
    /// Whether the Fortran compiler is flang, which knows fewer flags than gfortran.
    pub(crate) flang: bool,
}

impl<'a> Toolchain<'a> {
    /// The compilers that the environment names; `fortran` says whether one for Fortran is needed.
    pub(crate) fn new(build: &'a Build, env: &'a Env, out: PathBuf, fortran: bool) -> Result<Self> {
        for name in ["CC", "CFLAGS", "AR", "ARFLAGS"]
            .iter()
            .flat_map(|key| env.names(key))
        {
            env.get(&name);
        }
        let mut seeds = [cc::Build::new(), cc::Build::new()];
        seeds[0].set_envs_snapshot(env.vars());
        if fortran {
            seeds[1].set_envs_snapshot(env.as_fortran(&Tool::Fortran.command(env)));
        }
        let mut tools = Self {
            build,
            env,
            out,
            seeds,
            compilers: Default::default(),
            flang: false,
        };
        if fortran {
            // Asked of a command without flags, which differ between the compilers.
            let compiler = tools.seeds[1]
                .clone()
                .cargo_metadata(false)
                .cargo_warnings(false)
                .try_get_compiler();
            let compiler = compiler.map_err(|e| failure(&e, Dialect::Free, Vec::new()))?;
            let mut command = Command::new(compiler.path());
            let text = tools::run(command.arg("--version"), Tool::Fortran, ASK_VERSION)?;
            tools.flang = text.to_lowercase().contains("flang");
        }
        Ok(tools)
    }

    /// The command that compiles for the target, with all flags but those of a variant.
    pub(crate) fn command(&self, dialect: Dialect) -> Result<Command> {
        let cell = &self.compilers[dialect as usize];
        if let Some(compiler) = cell.get() {
            return Ok(compiler.to_command());
        }
        let compiler = self.cc(dialect, None).try_get_compiler();
        let compiler = compiler.map_err(|e| failure(&e, dialect, Vec::new()))?;
        Ok(cell.get_or_init(|| compiler).to_command())
    }

    /// Runs the compiler with `arguments` after its flags, and returns what it prints.
    pub(crate) fn ask<I>(&self, dialect: Dialect, arguments: I, action: &str) -> Result<String>
    where
        I: IntoIterator<Item: AsRef<std::ffi::OsStr>>,
    {
        tools::run(
            self.command(dialect)?.args(arguments),
            dialect.tool(),
            action,
        )
    }

    /// The first line that a compiler prints of itself.
    pub(crate) fn version(&self, dialect: Dialect) -> Result<String> {
        let text = self.ask(dialect, ["--version"], ASK_VERSION)?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// The flags of all files of a language, without folders.
    pub(crate) fn flags(&self, dialect: Dialect) -> Result<String> {
        let command = self.command(dialect)?;
        let mut shown = Vec::new();
        let mut args = command.get_args().map(|arg| arg.to_string_lossy());
        while let Some(arg) = args.next() {
            match &*arg {
                "-I" | "-J" | "-module-dir" => drop(args.next()),
                _ if arg.starts_with("-I") => {}
                _ => shown.push(arg),
            }
        }
        Ok(shown.join(" "))
    }

    /// The variants beside the baseline, the least first.
    pub(crate) fn variants(&self) -> BTreeSet<Isa> {
        let wanted = !self.env.switch("FERROTRAN_BASELINE_ONLY")
            && self.env.cargo_str("TARGET").starts_with("x86_64");
        let variants = self.build.variants.iter().copied();
        variants.filter(|_| wanted).collect()
    }

    /// The folder of a variant.
    pub(crate) fn folder(&self, variant: Option<Isa>) -> PathBuf {
        self.out.join(variant.map_or("baseline", Isa::name))
    }

    /// The folder of a variant's `.mod` files.
    pub(crate) fn modules(&self, variant: Option<Isa>) -> PathBuf {
        self.folder(variant).join("mod")
    }

    /// Whether the C compiler takes the flags of Microsoft's.
    pub(crate) fn msvc(&self) -> bool {
        self.env.cargo_str("TARGET").contains("msvc")
    }

    /// Whether warnings are errors.
    pub(crate) fn strict(&self) -> bool {
        self.build.warnings_into_errors || self.env.switch("FERROTRAN_WERROR")
    }

    /// The flag for optimisation. A debug build gets `-O2`: what is tested is what is shipped.
    fn level(&self) -> &'static str {
        match self.env.cargo_str("OPT_LEVEL") {
            "0" => "-O2",
            "s" | "z" => "-Os",
            _ => "-O3",
        }
    }

    /// `cc`, set up for a language and a variant.
    pub(crate) fn cc(&self, dialect: Dialect, variant: Option<Isa>) -> cc::Build {
        let mut cc = self.seeds[usize::from(dialect != Dialect::C)].clone();
        cc.cargo_metadata(false)
            .cargo_warnings(false)
            .opt_level_str(&self.level()[2..])
            .out_dir(self.folder(variant))
            .includes(&self.build.includes)
            .warnings(true)
            .extra_warnings(true)
            .warnings_into_errors(self.strict());
        if dialect == Dialect::C {
            self.c(&mut cc)
        } else {
            self.fortran(&mut cc, dialect, variant)
        }
        let flags = match dialect {
            Dialect::C => &self.build.flags_c,
            Dialect::Free | Dialect::Fixed => &self.build.flags_fortran,
        };
        cc.flags(variant.map_or(&[][..], Isa::flags)).flags(flags);
        cc
    }

    fn c(&self, cc: &mut cc::Build) {
        if !self.msvc() {
            cc.std("c11").flags([
                "-Wpedantic",
                "-Wconversion",
                "-Wmissing-prototypes",
                "-fno-math-errno",
                "-fno-trapping-math",
            ]);
        }
    }

    fn fortran(&self, cc: &mut cc::Build, dialect: Dialect, variant: Option<Isa>) {
        cc.inherit_rustflags(false);
        let modules = self.modules(variant);
        if self.flang {
            // It refuses some of the flags that `cc` has for a compiler of C.
            cc.no_default_flags(true)
                .warnings(false)
                .extra_warnings(false);
            if !self.env.cargo_str("TARGET").contains("windows") {
                cc.flag("-fPIC");
            }
            cc.flag(self.level()).flag("-module-dir").flag(modules);
        } else {
            cc.flags(["-frecursive", "-Werror=trampolines"])
                .flag("-J")
                .flag(modules);
            if dialect == Dialect::Fixed {
                cc.flag("-std=legacy");
            }
        }
    }
}

impl Dialect {
    /// The tool that compiles it.
    pub(crate) fn tool(self) -> Tool {
        if self == Self::C {
            Tool::C
        } else {
            Tool::Fortran
        }
    }
}

/// The error for a failure of `cc`; `log` is what the compiler printed.
pub(crate) fn failure(error: &cc::Error, dialect: Dialect, log: Vec<String>) -> Error {
    let text = error.to_string();
    if text.starts_with("ToolNotFound") {
        return dialect.tool().missing(&text);
    }
    let output = if log.is_empty() { text } else { log.join("\n") };
    Error::Tool {
        action: "compiling".to_owned(),
        output,
    }
}
