//! Reads and renames the symbols of objects.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bind::Bindings;
use crate::compile::Object;
use crate::env::Env;
use crate::tools::{self, Tool};
use crate::{Error, Isa, Result};

/// The global symbols of a set of objects.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// Defined symbols by variant.
    defined: BTreeMap<Option<Isa>, BTreeSet<String>>,
    /// Symbols that no object defines.
    pub(crate) undefined: BTreeSet<String>,
    /// What the target puts before the name of a C function.
    prefix: &'static str,
}

impl Symbols {
    /// Reads `objects` with `nm`; a symbol that two of one variant define is an error.
    pub(crate) fn of(objects: &[Object], env: &Env) -> Result<Self> {
        let apple = env.cargo_str("TARGET").contains("-apple-");
        let mut all = Self {
            prefix: if apple { "_" } else { "" },
            ..Self::default()
        };
        for variant in objects.iter().map(|o| o.variant).collect::<BTreeSet<_>>() {
            let of_variant = objects.iter().filter(|o| o.variant == variant);
            let defined = all.read(&of_variant.collect::<Vec<_>>(), env)?;
            all.defined.insert(variant, defined);
        }
        let defined: BTreeSet<_> = all.defined.values().flatten().collect();
        all.undefined.retain(|name| !defined.contains(name));
        Ok(all)
    }

    /// Notes the undefined symbols of one variant and returns the defined ones.
    fn read(&mut self, objects: &[&Object], env: &Env) -> Result<BTreeSet<String>> {
        let mut nm = Command::new(Tool::Nm.command(env));
        nm.args(["-A", "-g", "-P"]);
        nm.args(objects.iter().map(|o| &o.path));
        let listing = tools::run(&mut nm, Tool::Nm, "listing symbols")?;
        let mut owners: BTreeMap<&str, (&str, char)> = BTreeMap::new();
        for (file, name, kind) in listing.lines().filter_map(entry) {
            if matches!(kind, 'U' | 'w' | 'v') {
                self.undefined.insert(name.to_owned());
                continue;
            }
            // Weak, common and unique symbols may be defined more than once.
            let several = |kind: char| "WVCu".contains(kind);
            if let Some((first, before)) = owners.insert(name, (file, kind))
                && !several(before)
                && !several(kind)
            {
                let source = |file: &str| {
                    let object = objects.iter().find(|o| o.path.as_os_str() == file);
                    object.map_or_else(PathBuf::new, |o| o.source.clone())
                };
                return Err(Error::DuplicateSymbol {
                    symbol: name.to_owned(),
                    first: source(first),
                    second: source(file),
                });
            }
        }
        Ok(owners.into_keys().map(str::to_owned).collect())
    }

    /// Whether an object defines the C function `name`.
    pub(crate) fn defines(&self, name: &str) -> bool {
        let symbol = format!("{}{name}", self.prefix);
        self.defined.values().any(|d| d.contains(&symbol))
    }

    /// Checks that each function of the header is defined.
    pub(crate) fn require(&self, bindings: &Bindings) -> Result<()> {
        let mut missing = bindings.symbols();
        missing.retain(|name| !self.defines(name));
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Error::Undefined(missing))
        }
    }

    /// Gives the symbols of each variant its suffix; returns all objects to archive.
    pub(crate) fn rename(&self, objects: &[Object], out: &Path, env: &Env) -> Result<Vec<PathBuf>> {
        for (variant, names) in &self.defined {
            if let Some(suffix) = variant.map(Isa::name) {
                let list = out.join(suffix).join("symbols");
                let line = |name: &String| format!("{name} {name}_{suffix}\n");
                let text: String = names.iter().map(line).collect();
                fs::write(&list, text).map_err(Error::io(&list))?;
            }
        }
        tools::parallel(env, objects, |object| {
            let Some(suffix) = object.variant.map(Isa::name) else {
                return Ok(object.path.clone());
            };
            let path = object.path.with_extension(format!("{suffix}.o"));
            let mut flag = OsString::from("--redefine-syms=");
            flag.push(out.join(suffix).join("symbols"));
            let mut objcopy = Command::new(Tool::Objcopy.command(env));
            objcopy.arg(flag).arg(&object.path).arg(&path);
            tools::run(&mut objcopy, Tool::Objcopy, "renaming symbols")?;
            Ok(path)
        })
    }
}

/// The file, name and kind in a line of `nm -A -P`.
fn entry(line: &str) -> Option<(&str, &str, char)> {
    let (file, symbol) = line.rsplit_once(": ")?;
    let mut words = symbol.split_whitespace();
    let (name, kind) = (words.next()?, words.next()?);
    Some((file, name, kind.chars().next()?))
}
