//! Reads and renames the symbols of objects.

use std::collections::{BTreeMap, BTreeSet};
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
            let mut owners: BTreeMap<String, &Object> = BTreeMap::new();
            for object in objects.iter().filter(|o| o.variant == variant) {
                let mut nm = Command::new(Tool::Nm.command(env));
                nm.args(["-g", "-P"]).arg(&object.path);
                let listing = tools::run(&mut nm, Tool::Nm, "listing symbols")?;
                for (name, kind) in listing.lines().filter_map(entry) {
                    if matches!(kind, 'U' | 'w' | 'v') {
                        all.undefined.insert(name.to_owned());
                        continue;
                    }
                    let first = owners.insert(name.to_owned(), object);
                    if let (Some(first), false) = (first, "WVCu".contains(kind)) {
                        return Err(Error::DuplicateSymbol {
                            symbol: name.to_owned(),
                            first: first.source.display().to_string(),
                            second: object.source.display().to_string(),
                        });
                    }
                }
            }
            all.defined.insert(variant, owners.into_keys().collect());
        }
        let Self {
            defined, undefined, ..
        } = &mut all;
        undefined.retain(|name| !defined.values().any(|d| d.contains(name)));
        Ok(all)
    }

    /// Checks that each function of the header is defined.
    pub(crate) fn require(&self, bindings: &Bindings) -> Result<()> {
        let here = |name: &String| {
            self.defined
                .values()
                .any(|d| d.contains(&format!("{}{name}", self.prefix)))
        };
        let missing: Vec<_> = bindings
            .symbols()
            .into_iter()
            .filter(|name| !here(name))
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Error::Undefined(missing))
        }
    }

    /// Gives the symbols of each variant its suffix; returns all objects to archive.
    pub(crate) fn rename(&self, objects: &[Object], out: &Path, env: &Env) -> Result<Vec<PathBuf>> {
        let mut renamed = Vec::new();
        for object in objects {
            let Some(variant) = object.variant else {
                renamed.push(object.path.clone());
                continue;
            };
            let list = out.join(variant.name()).join("symbols");
            let names = &self.defined[&Some(variant)];
            let text: String = names
                .iter()
                .map(|n| format!("{n} {n}_{}\n", variant.name()))
                .collect();
            fs::write(&list, text).map_err(Error::io(&list))?;
            let path = object.path.with_extension(format!("{}.o", variant.name()));
            let mut objcopy = Command::new(Tool::Objcopy.command(env));
            let mut flag = std::ffi::OsString::from("--redefine-syms=");
            flag.push(&list);
            objcopy.arg(flag).arg(&object.path).arg(&path);
            tools::run(&mut objcopy, Tool::Objcopy, "renaming symbols")?;
            renamed.push(path);
        }
        Ok(renamed)
    }
}

/// The name and kind in a line of `nm -P`.
fn entry(line: &str) -> Option<(&str, char)> {
    let mut words = line.split_whitespace();
    let (name, kind) = (words.next()?, words.next()?);
    Some((name, kind.chars().next()?))
}
