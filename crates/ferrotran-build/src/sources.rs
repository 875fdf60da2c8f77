//! The sources of a build: read, and ordered by their modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::find::{Language, Source};
use crate::scan::{self, Statement, Unit};
use crate::toolchain::{Dialect, Toolchain};
use crate::tools::parallel;
use crate::{Error, Result, order};

/// A Fortran source.
#[derive(Debug, Clone)]
pub(crate) struct Fortran {
    pub(crate) path: PathBuf,
    pub(crate) dialect: Dialect,
    /// Its statements, and those of the files it includes.
    pub(crate) statements: Vec<Statement>,
}

/// The sources.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) c: Vec<PathBuf>,
    /// Fortran, each level after those it depends on.
    pub(crate) levels: Vec<Vec<Fortran>>,
    /// Every file that was read.
    pub(crate) read: BTreeSet<PathBuf>,
}

impl Sources {
    /// Reads `found`, with the compiler's preprocessor where a source asks for it.
    pub(crate) fn read(tools: &Toolchain<'_>, found: Vec<Source>) -> Result<Self> {
        let mut all = Self::default();
        let mut fortran = Vec::new();
        let mut units = Vec::new();
        let texts = parallel(tools.env, &found, |source| text(tools, source))?;
        for (Source { path, language }, text) in found.into_iter().zip(texts) {
            all.read.insert(path.clone());
            let Language::Fortran { fixed, .. } = language else {
                all.c.push(path);
                continue;
            };
            let dialect = if fixed { Dialect::Fixed } else { Dialect::Free };
            all.note_included(&text);
            let mut statements = Vec::new();
            let mut trail = vec![path.clone()];
            all.expand(
                tools,
                &mut trail,
                scan::statements(&text, fixed),
                fixed,
                &mut statements,
            )?;
            units.push((path.clone(), scan::unit(&statements)));
            fortran.push(Fortran {
                path,
                dialect,
                statements,
            });
        }
        all.levels = sort(tools, fortran, &units)?;
        Ok(all)
    }

    /// All Fortran in the order of compilation.
    pub(crate) fn fortran(&self) -> impl Iterator<Item = &Fortran> {
        self.levels.iter().flatten()
    }

    /// Which languages there are.
    pub(crate) fn has(&self, dialect: Dialect) -> bool {
        if dialect == Dialect::C {
            !self.c.is_empty()
        } else {
            !self.levels.is_empty()
        }
    }

    /// Notes the files that the preprocessor put into `text`.
    fn note_included(&mut self, text: &str) {
        let marked = text
            .lines()
            .filter(|l| l.starts_with('#'))
            .filter_map(|l| l.split('"').nth(1));
        self.read
            .extend(marked.map(PathBuf::from).filter(|p| p.is_file()));
    }

    /// Puts the statements of included files in the place of `include` lines.
    fn expand(
        &mut self,
        tools: &Toolchain<'_>,
        trail: &mut Vec<PathBuf>,
        statements: Vec<Statement>,
        fixed: bool,
        out: &mut Vec<Statement>,
    ) -> Result<()> {
        for statement in statements {
            let Some(name) = statement.included() else {
                out.push(statement);
                continue;
            };
            let includes = tools.build.includes.iter().map(PathBuf::as_path);
            let mut folders = trail
                .last()
                .and_then(|p| p.parent())
                .into_iter()
                .chain(includes);
            let found = folders.find_map(|f| Some(f.join(name)).filter(|p| p.is_file()));
            // Files that include each other are left to the compiler's error.
            if let Some(found) = found.filter(|found| !trail.contains(found)) {
                let inner = scan::statements(&read(&found)?, fixed);
                self.read.insert(found.clone());
                trail.push(found);
                self.expand(tools, trail, inner, fixed, out)?;
                trail.pop();
            }
        }
        Ok(())
    }
}

/// Orders Fortran into levels.
fn sort(
    tools: &Toolchain<'_>,
    fortran: Vec<Fortran>,
    units: &[(PathBuf, Unit)],
) -> Result<Vec<Vec<Fortran>>> {
    if fortran.is_empty() {
        return Ok(Vec::new());
    }
    let folders = installed(tools)?;
    let external = |module: &str| {
        folders
            .iter()
            .any(|f| f.join(format!("{module}.mod")).is_file())
    };
    let levels = order::levels(units, external)?;
    let mut fortran: Vec<_> = fortran.into_iter().map(Some).collect();
    let take = |level: Vec<usize>| {
        level
            .into_iter()
            .filter_map(|at| fortran[at].take())
            .collect()
    };
    Ok(levels.into_iter().map(take).collect())
}

/// Where installed `.mod` files may be.
fn installed(tools: &Toolchain<'_>) -> Result<Vec<PathBuf>> {
    let mut folders = tools.build.includes.clone();
    let command = tools.command(Dialect::Free)?;
    let flags = command
        .get_args()
        .filter_map(|arg| arg.to_str()?.strip_prefix("-I"));
    folders.extend(flags.filter(|folder| !folder.is_empty()).map(PathBuf::from));
    if !tools.flang {
        let action = "asking gfortran for its modules";
        let path = tools.ask(Dialect::Free, ["-print-file-name=finclude"], action)?;
        folders.push(path.trim().into());
    }
    Ok(folders)
}

/// The text of a Fortran source, after the preprocessor if the source asks for it.
fn text(tools: &Toolchain<'_>, source: &Source) -> Result<String> {
    match source.language {
        Language::C => Ok(String::new()),
        Language::Fortran { fixed, cpp } => {
            let dialect = if fixed { Dialect::Fixed } else { Dialect::Free };
            if !cpp
                && !tools
                    .command(dialect)?
                    .get_args()
                    .any(|flag| flag == "-cpp")
            {
                return read(&source.path);
            }
            let action = format!("preprocessing {}", source.path.display());
            let arguments = ["-E".as_ref(), "-cpp".as_ref(), source.path.as_os_str()];
            tools.ask(dialect, arguments, &action)
        }
    }
}

fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
