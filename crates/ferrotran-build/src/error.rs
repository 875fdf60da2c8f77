//! The error of a build.

use std::path::PathBuf;

/// The result of a build step.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build stops.
///
/// ```
/// use ferrotran_build::{Build, Error};
///
/// let result = Build::new().sources("no/such/folder").env("OUT_DIR", "out").try_run("kernels");
/// assert!(matches!(result, Err(Error::Io { path, .. }) if path.ends_with("no/such/folder")));
/// ```
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A variable that Cargo sets for build scripts is not set.
    #[error("the environment variable {0} is not set: run this from a build script")]
    Environment(&'static str),
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The source folders hold nothing to compile.
    #[error("no C or Fortran source in {0:?}")]
    NoSources(Vec<PathBuf>),
    /// A program or library that the build needs is not there.
    #[error("{0}")]
    MissingTool(String),
    /// A compiler or another tool fails.
    #[error("{action} failed\n{output}")]
    Tool {
        /// What was being done, with the file.
        action: String,
        /// What the tool printed.
        output: String,
    },
    /// Two files define the same module.
    #[error("module `{module}` is defined twice: {} and {}", first.display(), second.display())]
    DuplicateModule {
        /// The module.
        module: String,
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
    },
    /// A module is used that no source defines.
    #[error("{}: no source defines module `{module}`", file.display())]
    MissingModule {
        /// The module.
        module: String,
        /// The file that uses it.
        file: PathBuf,
    },
    /// Modules use each other in a circle.
    #[error("modules use each other in a circle:\n{0}")]
    Cycle(String),
    /// The header and the Fortran disagree.
    #[error("the header and the Fortran disagree:\n{0}")]
    Header(String),
    /// There are warnings, which are to be errors.
    #[error("warnings, which are errors here:\n{}", .0.join("\n"))]
    Warnings(Vec<String>),
    /// The header declares functions that no source defines.
    #[error("declared in the header, defined nowhere: {}", .0.join(", "))]
    Undefined(Vec<String>),
    /// Two objects define the same symbol.
    #[error("`{symbol}` is defined twice: {} and {}", first.display(), second.display())]
    DuplicateSymbol {
        /// The symbol.
        symbol: String,
        /// The first source.
        first: PathBuf,
        /// The second source.
        second: PathBuf,
    },
    /// The header cannot be bound.
    #[error("the header cannot be bound: {0}")]
    Bind(String),
    /// Settings that do not go together.
    #[error("{0}")]
    Setting(&'static str),
}

impl Error {
    /// Wraps an I/O error on `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
