//! The environment of a build: Cargo's variables, the user's, and what the builder overrides.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Error, Result};

/// A snapshot of the environment that notes which variables were read.
#[derive(Debug)]
pub(crate) struct Env {
    vars: BTreeMap<OsString, OsString>,
    read: Mutex<BTreeSet<String>>,
}

impl Env {
    /// The environment of the process with `overrides` on top.
    pub(crate) fn new(overrides: &[(OsString, OsString)]) -> Self {
        let mut vars: BTreeMap<_, _> = std::env::vars_os().collect();
        vars.extend(overrides.iter().cloned());
        Self {
            vars,
            read: Mutex::default(),
        }
    }

    /// The value of a user's variable; Cargo runs the script again when it changes.
    pub(crate) fn get(&self, key: &str) -> Option<&OsStr> {
        self.read().insert(key.to_owned());
        self.cargo(key)
    }

    fn read(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a variable that Cargo sets.
    pub(crate) fn cargo(&self, key: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(key)).map(OsString::as_os_str)
    }

    /// The value of a variable that Cargo sets, as text; empty when not set.
    pub(crate) fn cargo_str(&self, key: &str) -> &str {
        self.cargo(key).and_then(OsStr::to_str).unwrap_or_default()
    }

    /// The value of a path that Cargo sets.
    pub(crate) fn cargo_path(&self, key: &'static str) -> Result<PathBuf> {
        self.cargo(key)
            .map(PathBuf::from)
            .ok_or(Error::Environment(key))
    }

    /// Whether a switch is on: set, and neither empty nor `0`.
    pub(crate) fn switch(&self, key: &str) -> bool {
        self.get(key).is_some_and(|v| !v.is_empty() && v != "0")
    }

    /// The names under which `key` is looked up, the most particular first, as `cc` does.
    pub(crate) fn names(&self, key: &str) -> [String; 4] {
        let target = self.cargo_str("TARGET");
        let kind = if target == self.cargo_str("HOST") {
            "HOST"
        } else {
            "TARGET"
        };
        let plain = target.replace(['-', '.'], "_");
        [
            format!("{key}_{target}"),
            format!("{key}_{plain}"),
            format!("{kind}_{key}"),
            key.to_owned(),
        ]
    }

    /// The most particular value of `key` for the target.
    pub(crate) fn for_target(&self, key: &str) -> Option<&OsStr> {
        self.names(key)
            .iter()
            .filter_map(|name| self.get(name))
            .find(|v| !v.is_empty())
    }

    /// The variables that make `cc` a Fortran compiler: `compiler` for `CC`, `FFLAGS` for `CFLAGS`.
    pub(crate) fn as_fortran(&self, compiler: &OsStr) -> BTreeMap<OsString, OsString> {
        let mut vars = self.vars.clone();
        for (c, f) in self.names("CFLAGS").iter().zip(self.names("FFLAGS")) {
            vars.remove(OsStr::new(c));
            vars.extend(self.get(&f).map(|value| (c.into(), value.into())));
        }
        vars.insert(self.names("CC")[0].clone().into(), compiler.into());
        vars
    }

    /// All variables.
    pub(crate) fn vars(&self) -> &BTreeMap<OsString, OsString> {
        &self.vars
    }

    /// The lines that tell Cargo which variables matter.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.read()
            .iter()
            .map(|v| format!("cargo::rerun-if-env-changed={v}"))
            .collect()
    }
}
