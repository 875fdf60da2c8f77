//! The builder.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::bind::Bindings;
use crate::env::Env;
use crate::find::Language;
use crate::sources::Sources;
use crate::symbols::Symbols;
use crate::toolchain::Toolchain;
use crate::{Error, Isa, Result, bind, check, compile, dispatch, find, link};

/// What to compile, check and bind.
///
/// ```no_run
/// use ferrotran_build::{Build, Isa};
///
/// fn main() -> std::process::ExitCode {
///     Build::new()
///         .sources("fortran")
///         .sources("csrc")
///         .include("csrc/include")
///         .header("csrc/include/kernels.h")
///         .flag_fortran("-std=f2018")
///         .variants([Isa::X86_64V3])
///         .run("kernels")
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Build {
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) includes: Vec<PathBuf>,
    pub(crate) headers: Vec<PathBuf>,
    pub(crate) variants: Vec<Isa>,
    pub(crate) flags_c: Vec<OsString>,
    pub(crate) flags_fortran: Vec<OsString>,
    pub(crate) warnings_into_errors: bool,
    pub(crate) public: bool,
    pub(crate) env: Vec<(OsString, OsString)>,
}

/// What a build made.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Built {
    /// The static library, unless the build is for docs.rs.
    pub archive: Option<PathBuf>,
    /// The Rust bindings, when there is a header.
    pub bindings: Option<PathBuf>,
    /// The lines for Cargo: what to link, what to watch, what to warn of.
    pub lines: Vec<String>,
}

impl Build {
    /// A build of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source file, or all sources below a folder.
    ///
    /// C is `.c`; fixed-form Fortran `.f`, `.for`, `.ftn`, `.f77`; free-form Fortran `.f90`,
    /// `.f95`, `.f03`, `.f08`, `.f18`. Fortran with a capital ending (`.F90`) is preprocessed.
    #[must_use]
    pub fn sources(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(path.into());
        self
    }

    /// Adds a folder for `#include`, `include '...'` and installed `.mod` files.
    ///
    /// With `links` in its `Cargo.toml`, a crate hands its first folder to the build scripts of
    /// the crates that depend on it, as `DEP_<LINKS>_INCLUDE`.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.includes.push(folder.into());
        self
    }

    /// Adds a C header to check against the Fortran and to bind.
    #[must_use]
    pub fn header(mut self, path: impl Into<PathBuf>) -> Self {
        self.headers.push(path.into());
        self
    }

    /// Compiles everything again for each instruction set; the bindings call the best one.
    ///
    /// On processors other than x86-64 there is one variant, the target's own.
    #[must_use]
    pub fn variants(mut self, variants: impl IntoIterator<Item = Isa>) -> Self {
        self.variants.extend(variants);
        self
    }

    /// Adds a flag for C, after the flags of this crate and before `CFLAGS`.
    ///
    /// ```no_run
    /// # use ferrotran_build::Build;
    /// let build = Build::new().sources("csrc").flag_c("-std=gnu11").flag_c("-DUSE_POSIX=1");
    /// ```
    #[must_use]
    pub fn flag_c(mut self, flag: impl Into<OsString>) -> Self {
        self.flags_c.push(flag.into());
        self
    }

    /// Adds a flag for Fortran, after the flags of this crate and before `FFLAGS`.
    #[must_use]
    pub fn flag_fortran(mut self, flag: impl Into<OsString>) -> Self {
        self.flags_fortran.push(flag.into());
        self
    }

    /// Makes each warning of a compiler an error, as `FERROTRAN_WERROR=1` does.
    #[must_use]
    pub fn warnings_into_errors(mut self, yes: bool) -> Self {
        self.warnings_into_errors = yes;
        self
    }

    /// Makes the bindings `pub`, for a crate that is nothing but bindings.
    #[must_use]
    pub fn public(mut self, yes: bool) -> Self {
        self.public = yes;
        self
    }

    /// Sets a variable of the environment for this build, Cargo's own (`OUT_DIR`) included.
    ///
    /// ```no_run
    /// # use ferrotran_build::Build;
    /// // The flags of one crate, whatever the environment says.
    /// let build = Build::new().sources("fortran").env("FFLAGS", "-O1 -g");
    /// ```
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Builds `lib<name>.a` and, with a header, `<name>.rs`, and tells Cargo.
    ///
    /// The crate and its tests find the archive as `env!("<NAME>_ARCHIVE")`, to inspect it.
    /// An error is printed as one message, and the exit code fails the build script.
    #[must_use]
    pub fn run(&self, name: &str) -> ExitCode {
        match self.try_run(name) {
            Ok(built) => {
                link::print(&built.lines);
                ExitCode::SUCCESS
            }
            Err(error) => {
                link::print_error(&error);
                ExitCode::FAILURE
            }
        }
    }

    /// Builds `lib<name>.a` and, with a header, `<name>.rs`, and returns the lines for Cargo.
    ///
    /// ```no_run
    /// # use ferrotran_build::{Build, Error};
    /// # fn main() -> Result<(), Error> {
    /// let built = Build::new().sources("fortran").try_run("kernels")?;
    /// for line in &built.lines {
    ///     println!("{line}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Each [`Error`] names the file, the tool or the function at fault.
    pub fn try_run(&self, name: &str) -> Result<Built> {
        let env = Env::new(&self.env);
        if !self.variants.is_empty() && self.headers.is_empty() {
            return Err(Error::Setting(
                "variants need a header, from which the dispatch is made",
            ));
        }
        let mut built = Built {
            lines: self.watch(),
            ..Built::default()
        };
        let bindings = if self.headers.is_empty() {
            None
        } else {
            Some(bind::bindings(self, &env)?)
        };
        if let Some(Bindings { variables, .. }) = &bindings
            && !self.variants.is_empty()
            && !variables.is_empty()
        {
            return Err(Error::Setting(
                "a header with variables cannot have variants: each would have its own",
            ));
        }
        let native = if env.get("DOCS_RS").is_some() {
            None
        } else {
            Some(self.native(&env, name, bindings.as_ref(), &mut built)?)
        };
        if let Some(bindings) = &bindings {
            let path = env.cargo_path("OUT_DIR")?.join(format!("{name}.rs"));
            let native = native.as_ref().map(|(tools, sources)| (tools, sources));
            let text = dispatch::generate(bindings, self, native)?;
            fs::write(&path, text).map_err(Error::io(&path))?;
            built.bindings = Some(path);
        }
        built.lines.extend(env.lines());
        let mut seen = BTreeSet::new();
        built.lines.retain(|line| seen.insert(line.clone()));
        Ok(built)
    }

    /// Compiles, checks and archives.
    fn native<'a>(
        &'a self,
        env: &'a Env,
        name: &str,
        bindings: Option<&Bindings>,
        built: &mut Built,
    ) -> Result<(Toolchain<'a>, Sources)> {
        let found = find::sources(&self.sources)?;
        let fortran = found.iter().any(|source| source.language != Language::C);
        let out = env.cargo_path("OUT_DIR")?.join(name);
        let tools = Toolchain::new(self, env, out, fortran)?;
        let sources = Sources::read(&tools, found)?;
        let compiled = compile::all(&tools, &sources)?;
        let symbols = Symbols::of(&compiled.objects, env)?;
        let mut warnings = compiled.warnings;
        if let Some(bindings) = bindings {
            let said = check::header(&tools, &sources, bindings, &symbols)?;
            symbols.require(bindings)?;
            if tools.strict() && !said.is_empty() {
                return Err(Error::Warnings(said));
            }
            warnings.extend(said);
        }
        let objects = symbols.rename(&compiled.objects, &tools.out, env)?;
        let archive = compile::archive(&tools, name, &objects)?;
        let included = compile::included(&tools)?;
        let read = sources
            .read
            .iter()
            .chain(&compiled.headers)
            .chain(&included);
        built
            .lines
            .extend(read.map(|path| format!("cargo::rerun-if-changed={}", path.display())));
        built.lines.extend(
            warnings
                .iter()
                .filter(|line| !line.trim().is_empty())
                .map(|line| format!("cargo::warning={line}")),
        );
        built
            .lines
            .extend(link::lines(&tools, &sources, &archive, &symbols));
        built.archive = Some(archive);
        Ok((tools, sources))
    }

    /// The lines that name the watched folders, and the include folder for other crates.
    fn watch(&self) -> Vec<String> {
        let watched = self
            .sources
            .iter()
            .chain(&self.includes)
            .chain(&self.headers);
        let watched = watched.map(|path| format!("cargo::rerun-if-changed={}", path.display()));
        let absolute = self
            .includes
            .first()
            .and_then(|i| std::path::absolute(i).ok());
        watched
            .chain(absolute.map(|i| format!("cargo::metadata=include={}", i.display())))
            .collect()
    }
}
