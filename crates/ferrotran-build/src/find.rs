//! Finds sources by folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The language of a source, with what decides how it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// C.
    C,
    /// Fortran; `fixed` form ends with column 72, `cpp` sources pass the preprocessor.
    Fortran { fixed: bool, cpp: bool },
}

/// A source file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) language: Language,
}

/// The language that the ending of a name stands for.
pub(crate) fn language(path: &Path) -> Option<Language> {
    let ending = path.extension()?.to_str()?;
    let cpp = ending.starts_with('F');
    match ending {
        "c" => Some(Language::C),
        "f" | "for" | "ftn" | "f77" | "F" | "FOR" | "FTN" | "F77" => {
            Some(Language::Fortran { fixed: true, cpp })
        }
        "f90" | "f95" | "f03" | "f08" | "f18" | "F90" | "F95" | "F03" | "F08" | "F18" => {
            Some(Language::Fortran { fixed: false, cpp })
        }
        _ => None,
    }
}

/// The sources in `roots`, each a folder or a file, in the order of their paths.
pub(crate) fn sources(roots: &[PathBuf]) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for root in roots {
        walk(root, &mut found)?;
    }
    if found.is_empty() {
        return Err(Error::NoSources(roots.to_vec()));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

fn walk(path: &Path, found: &mut Vec<Source>) -> Result<()> {
    if !fs::metadata(path).map_err(Error::io(path))?.is_dir() {
        found.extend(language(path).map(|language| Source {
            path: path.to_owned(),
            language,
        }));
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(Error::io(path))? {
        let entry = entry.map_err(Error::io(path))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            walk(&entry.path(), found)?;
        }
    }
    Ok(())
}
