//! Orders Fortran sources so that each module is compiled before its users.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::scan::{Unit, is_intrinsic};
use crate::{Error, Result};

/// Groups `files` into levels: a file uses modules of earlier levels only.
///
/// `external` tells whether a module that no file defines is installed on the machine.
pub(crate) fn levels(
    files: &[(PathBuf, Unit)],
    external: impl Fn(&str) -> bool,
) -> Result<Vec<Vec<usize>>> {
    let needs = needs(files, &owners(files)?, external)?;
    let mut done = BTreeSet::new();
    let mut levels = Vec::new();
    while done.len() < files.len() {
        let ready: Vec<usize> = (0..files.len())
            .filter(|at| !done.contains(at) && needs[*at].keys().all(|n| done.contains(n)))
            .collect();
        if ready.is_empty() {
            return Err(Error::Cycle(circle(files, &needs, &done)));
        }
        done.extend(&ready);
        levels.push(ready);
    }
    Ok(levels)
}

/// Which file defines each module.
fn owners(files: &[(PathBuf, Unit)]) -> Result<BTreeMap<&str, usize>> {
    let mut owners = BTreeMap::new();
    for (at, (path, unit)) in files.iter().enumerate() {
        for module in &unit.defines {
            if let Some(first) = owners.insert(module.as_str(), at) {
                return Err(Error::DuplicateModule {
                    module: module.clone(),
                    first: files[first].0.clone(),
                    second: path.clone(),
                });
            }
        }
    }
    Ok(owners)
}

/// For each file, the files it waits for, each with the module it wants from it.
fn needs<'a>(
    files: &'a [(PathBuf, Unit)],
    owners: &BTreeMap<&str, usize>,
    external: impl Fn(&str) -> bool,
) -> Result<Vec<BTreeMap<usize, &'a str>>> {
    let mut all = Vec::new();
    for (at, (path, unit)) in files.iter().enumerate() {
        let mut needs = BTreeMap::new();
        for module in &unit.uses {
            match owners.get(module.as_str()) {
                Some(owner) if *owner == at => {}
                Some(owner) => {
                    needs.insert(*owner, module.as_str());
                }
                None if is_intrinsic(module) || external(module) => {}
                None => {
                    let (module, file) = (module.clone(), path.clone());
                    return Err(Error::MissingModule { module, file });
                }
            }
        }
        all.push(needs);
    }
    Ok(all)
}

/// Describes one circle among the files that are left.
fn circle(
    files: &[(PathBuf, Unit)],
    needs: &[BTreeMap<usize, &str>],
    done: &BTreeSet<usize>,
) -> String {
    let next = |at: usize| {
        needs[at]
            .iter()
            .find(|(n, _)| !done.contains(n))
            .map(|(n, m)| (*n, *m))
    };
    let mut trail: Vec<usize> = (0..files.len())
        .find(|at| !done.contains(at))
        .into_iter()
        .collect();
    while let Some((to, _)) = trail.last().and_then(|at| next(*at)) {
        if let Some(start) = trail.iter().position(|at| *at == to) {
            trail.drain(..start);
            break;
        }
        trail.push(to);
    }
    let line = |at: &usize| {
        let (to, module) = next(*at)?;
        Some(format!(
            "  {} uses `{module}` of {}",
            shown(files, *at),
            shown(files, to)
        ))
    };
    trail.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn shown(files: &[(PathBuf, Unit)], at: usize) -> std::path::Display<'_> {
    Path::display(&files[at].0)
}
