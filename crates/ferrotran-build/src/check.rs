//! Checks the header against the Fortran.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::bind::Bindings;
use crate::compare::{Difference, Probe};
use crate::dummies::{self, Dummies, Dummy};
use crate::prototype::{Parameter, Prototype, declarations};
use crate::sources::{Fortran, Sources};
use crate::symbols::Symbols;
use crate::toolchain::{Dialect, Toolchain};
use crate::tools::parallel;
use crate::{Error, Result, structs};

/// What gfortran prints of the sources.
#[derive(Default)]
pub(crate) struct Printed {
    /// The prototypes by name, each with its source.
    functions: BTreeMap<String, (Prototype, PathBuf)>,
    /// The derived types, as C.
    types: Vec<String>,
    /// Procedures with an argument that gfortran cannot write in C.
    broken: Vec<String>,
    dummies: Dummies,
}

/// Compares what the header declares with what the Fortran defines; returns warnings.
pub(crate) fn header(
    tools: &Toolchain<'_>,
    sources: &Sources,
    bindings: &Bindings,
    symbols: &Symbols,
) -> Result<Vec<String>> {
    if !sources.has(Dialect::Free) {
        return Ok(Vec::new());
    }
    if tools.flang {
        return Ok(vec![
            "the header is not checked: flang does not print prototypes".to_owned(),
        ]);
    }
    let printed = print(tools, sources)?;
    let probe = Probe::new(tools)?;
    let declared = bindings.symbols();
    let (both, alone): (Vec<_>, Vec<_>) = printed
        .functions
        .iter()
        .partition(|(name, _)| declared.contains(*name));
    let mut differences = structs::compare(&probe, &printed.types)?;
    let types = structs::definitions(&probe, &printed.types);
    let (mut pairs, mut unsures) = (Vec::new(), Vec::new());
    for (name, (fortran, source)) in both {
        if let Some(header) = probe.header(name) {
            let names: Vec<_> = unsure(&printed, fortran).into_iter().collect();
            if !names.is_empty() {
                unsures.push(format!(
                    "{}: `{}` of `{name}` is not checked against the header: the name in `bind(c)` \
                     is more than literals and character parameters of the module, joined by `//`",
                    source.display(),
                    names.join("`, `"),
                ));
            }
            pairs.push((repair(&printed, fortran, &header), header, source));
        }
    }
    differences.extend(probe.compare(&types, &pairs)?);
    if !differences.is_empty() {
        let shown: Vec<_> = differences.iter().map(Difference::to_string).collect();
        return Err(Error::Header(shown.join("\n")));
    }
    let unbound = alone
        .into_iter()
        .filter(|(name, _)| symbols.defines(name))
        .map(|(name, f)| {
            format!(
                "{}: `{name}` is not in the header, so nothing can call it",
                f.1.display()
            )
        });
    let unchecked = printed.broken.iter().filter(|name| declared.contains(name)).map(|name| {
        format!(
            "`{name}` is not checked against the header: gfortran cannot write an argument in C \
             (take a subroutine as `type(c_funptr), value`, and data as `type(c_ptr), value`)"
        )
    });
    Ok(unbound.chain(unchecked).chain(unsures).collect())
}

/// Has gfortran print prototypes for every source.
fn print(tools: &Toolchain<'_>, sources: &Sources) -> Result<Printed> {
    let sources: Vec<&Fortran> = sources.fortran().collect();
    let texts = parallel(tools.env, &sources, |source| {
        let mut command = tools.command(source.dialect)?;
        command.args([
            "-fc-prototypes",
            "-fc-prototypes-external",
            "-fsyntax-only",
            "-w",
        ]);
        let output = command
            .arg(&source.path)
            .output()
            .map_err(Error::io(&source.path))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    })?;
    let mut all = Printed::default();
    for (source, text) in sources.iter().zip(texts) {
        let (found, broken) = declarations(&text);
        all.broken.extend(broken);
        dummies::read(&source.statements, &mut all.dummies);
        for text in found {
            if text.starts_with("typedef") {
                all.types.push(text);
            } else if let Some(prototype) = Prototype::parse(&text, None) {
                // A module's procedures are printed again for each file that uses it.
                let entry = all.functions.entry(prototype.name.clone());
                entry.or_insert_with(|| (prototype, source.path.clone()));
            }
        }
    }
    all.types.sort();
    all.types.dedup();
    Ok(all)
}

/// Puts right what gfortran prints for procedures, pointers and descriptors.
///
/// Where Fortran leaves the type open (`type(c_ptr)`, `type(c_funptr)`), the header decides.
fn repair(printed: &Printed, fortran: &Prototype, header: &Prototype) -> Prototype {
    let special = printed.dummies.named.get(&fortran.name);
    let unsure = unsure(printed, fortran);
    let mut repaired = fortran.clone();
    if fortran.head == "void *" && header.head.ends_with('*') {
        repaired.head.clone_from(&header.head);
    }
    for (at, parameter) in repaired.parameters.iter_mut().enumerate() {
        let asked = header.parameters.get(at);
        let dummy = special.and_then(|s| s.get(&parameter.name.to_lowercase()));
        let accepted = match dummy {
            _ if unsure.contains(parameter.name.to_lowercase().as_str()) => true,
            Some(Dummy::Descriptor) => {
                let constant = if parameter.text.starts_with("const") {
                    "const "
                } else {
                    ""
                };
                parameter.text = format!("{constant}CFI_cdesc_t *{}", parameter.name);
                continue;
            }
            Some(Dummy::Procedure(Some(interface)))
                if printed.functions.contains_key(interface) =>
            {
                parameter.text = callback(&printed.functions[interface].0, &parameter.name);
                continue;
            }
            Some(Dummy::Procedure(_)) => {
                parameter.text = format!("void (*{})(void)", parameter.name);
                asked.is_some_and(|a| a.is_function() || a.is_alias())
            }
            Some(Dummy::Pointer) => {
                parameter.text = format!("void **{}", parameter.name);
                asked.is_some_and(|a| a.pointers() > 1)
            }
            None if parameter.is_function() => {
                asked.is_some_and(|a| a.is_function() || a.is_alias())
            }
            None if parameter
                .text
                .trim_start_matches("const ")
                .starts_with("void *") =>
            {
                asked.is_some_and(|a| !a.is_function() && (a.pointers() > 0 || a.is_alias()))
            }
            None => false,
        };
        if let (true, Some(asked)) = (accepted, asked) {
            *parameter = Parameter {
                text: asked.text.clone(),
                name: parameter.name.clone(),
            };
        }
    }
    repaired
}

/// The parameters of `fortran` that may be special: its label is not known.
fn unsure<'a>(printed: &'a Printed, fortran: &Prototype) -> BTreeSet<&'a str> {
    let parameters = fortran.parameters.iter();
    let names: Vec<_> = parameters.map(|p| p.name.to_lowercase()).collect();
    printed.dummies.unsure(&fortran.name, &names)
}

/// The parameter `name` that takes functions of the shape of `interface`.
fn callback(interface: &Prototype, name: &str) -> String {
    let pointer = Prototype {
        name: format!("(*{name})"),
        ..interface.clone()
    };
    pointer.text(None)
}

/// Writes a C file for the check.
pub(crate) fn write(tools: &Toolchain<'_>, name: &str, text: &str) -> Result<PathBuf> {
    let path = tools.out.join(name);
    fs::write(&path, text).map_err(Error::io(&path))?;
    Ok(path)
}
