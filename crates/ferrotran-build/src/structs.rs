//! Compares derived types with the structures of the header.

use crate::Result;
use crate::compare::{Difference, Probe};
use crate::prototype::{is_word, split, squeeze};

/// A derived type as gfortran prints it: `typedef struct name {members} name`.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once('{')?;
    let (members, name) = rest.rsplit_once('}')?;
    text.starts_with("typedef struct")
        .then_some((name.trim(), members))
}

/// The declaration of the header for a structure, and how C refers to it.
fn declared(probe: &Probe<'_>, name: &str) -> Option<(String, String)> {
    probe.declared.iter().find_map(|text| {
        let (before, rest) = text.split_once('{')?;
        let (_, after) = rest.rsplit_once('}')?;
        let same = |word: &&str| word.eq_ignore_ascii_case(name);
        let mut aliases = after.split(|c: char| !is_word(c));
        let tag = before.split_whitespace().last();
        match (aliases.find(same), tag.filter(same)) {
            (Some(alias), _) if text.starts_with("typedef") => {
                Some((text.clone(), alias.to_owned()))
            }
            (_, Some(tag)) if before.contains("struct") => {
                Some((text.clone(), format!("struct {tag}")))
            }
            _ => None,
        }
    })
}

/// C that gives each type of the Fortran the meaning that the header gives it, or its own.
pub(crate) fn definitions(probe: &Probe<'_>, types: &[String]) -> String {
    let define = |text: &String| match parts(text).map(|(name, _)| (name, declared(probe, name))) {
        Some((name, Some((_, known)))) if name != known => format!("#define {name} {known}\n"),
        Some((_, Some(_))) => String::new(),
        _ => format!("{text};\n"),
    };
    types.iter().map(define).collect()
}

/// The types whose layout or members differ.
pub(crate) fn compare(probe: &Probe<'_>, types: &[String]) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for text in types {
        let Some((name, members)) = parts(text) else {
            continue;
        };
        let Some((header, known)) = declared(probe, name) else {
            continue;
        };
        let mut test = format!(
            "struct {name}_fortran {{{members}}};\n\
             _Static_assert(sizeof(struct {name}_fortran) == sizeof({known}), \"\");\n"
        );
        for member in members.split(';').map(squeeze).filter(|m| !m.is_empty()) {
            let bare = member.split('[').next().unwrap_or_default();
            let bare = bare
                .rsplit(|c: char| !is_word(c))
                .find(|w| !w.is_empty())
                .unwrap_or_default();
            test += &format!(
                "_Static_assert(offsetof(struct {name}_fortran, {bare}) == offsetof({known}, {bare}) \
                 && sizeof(((struct {name}_fortran *)0)->{bare}) == sizeof((({known} *)0)->{bare}) \
                 && _Generic(&((struct {name}_fortran *)0)->{bare}, \
                 __typeof__(&(({known} *)0)->{bare}): 1, default: 0), \"\");\n"
            );
        }
        let ours = header
            .split_once('{')
            .and_then(|(_, rest)| rest.rsplit_once('}'));
        let same = ours.is_some_and(|(ours, _)| count(ours) == count(members));
        if !same || !probe.accepts(&test)? {
            differences.push(Difference {
                what: format!("structure `{name}`"),
                header,
                fortran: text.clone(),
                source: None,
            });
        }
    }
    Ok(differences)
}

/// How many members are declared.
fn count(members: &str) -> usize {
    let declared = members.split(';').filter(|m| !m.trim().is_empty());
    declared.map(|m| split(m).len()).sum()
}
