//! Finds the dummy arguments whose C type gfortran does not print, or prints wrongly.

use std::collections::BTreeMap;

use crate::prototype::split;
use crate::scan::{Statement, word};

/// What a dummy argument is, where `-fc-prototypes` is no help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dummy {
    /// A procedure, with the name of its interface if it has one.
    Procedure(Option<String>),
    /// A `type(c_ptr)` passed by reference.
    Pointer,
    /// An assumed shape, a length or an allocation that needs a descriptor.
    Descriptor,
}

/// The special dummies of each procedure, by the name C has for it.
pub(crate) type Dummies = BTreeMap<String, BTreeMap<String, Dummy>>;

/// A procedure or an interface block that is open.
enum Scope {
    Interface,
    Procedure {
        name: String,
        arguments: Vec<String>,
        found: BTreeMap<String, Dummy>,
        values: Vec<String>,
    },
}

/// Reads the special dummies in `statements`.
pub(crate) fn dummies(statements: &[Statement]) -> Dummies {
    let mut all = Dummies::new();
    let mut open: Vec<Scope> = Vec::new();
    for statement in statements {
        let code = statement.code.as_str();
        let (first, rest) = word(code);
        let inside = matches!(open.last(), Some(Scope::Interface));
        if first == "interface" || (first == "abstract" && rest == "interface") {
            open.push(Scope::Interface);
        } else if first.starts_with("end") {
            if closes(first, rest)
                && let Some(Scope::Procedure {
                    name,
                    found,
                    values,
                    ..
                }) = open.pop()
            {
                let kept = found
                    .into_iter()
                    .filter(|(n, d)| *d != Dummy::Pointer || !values.contains(n));
                all.insert(name, kept.collect());
            }
        } else if let Some((name, arguments)) = header(statement) {
            note_interface(&mut open, &name, inside);
            let (found, values) = Default::default();
            open.push(Scope::Procedure {
                name,
                arguments,
                found,
                values,
            });
        } else if first == "module"
            && word(rest).0 == "procedure"
            && !inside
            && !word(rest).1.is_empty()
        {
            let (name, arguments) = (word(rest).1.to_owned(), Vec::new());
            let (found, values) = Default::default();
            open.push(Scope::Procedure {
                name,
                arguments,
                found,
                values,
            });
        } else if let Some(Scope::Procedure {
            arguments,
            found,
            values,
            ..
        }) = open.last_mut()
        {
            declaration(code, arguments, found, values);
        }
    }
    all
}

/// A procedure in an interface block inside a procedure may be one of its dummies.
fn note_interface(open: &mut [Scope], name: &str, inside: bool) {
    if let (
        true,
        [
            ..,
            Scope::Procedure {
                arguments, found, ..
            },
            _,
        ],
    ) = (inside, open)
        && arguments.iter().any(|a| a == name)
    {
        found.insert(name.to_owned(), Dummy::Procedure(None));
    }
}

/// Whether an `end` statement closes a procedure or an interface block.
fn closes(first: &str, rest: &str) -> bool {
    let what = if first == "end" {
        word(rest).0
    } else {
        &first[3..]
    };
    matches!(
        what,
        "" | "subroutine" | "function" | "procedure" | "interface"
    )
}

/// The name that C has for the procedure that a statement begins, and its arguments.
fn header(statement: &Statement) -> Option<(String, Vec<String>)> {
    let mut rest = statement.code.as_str();
    loop {
        let (first, after) = word(rest);
        match first {
            "subroutine" | "function" => {
                let (name, after) = word(after);
                let list = after
                    .strip_prefix('(')
                    .and_then(|a| a.split_once(')'))
                    .map_or("", |l| l.0);
                let bound = after
                    .contains("bind")
                    .then(|| statement.strings.last().cloned())
                    .flatten();
                let arguments = list.split(',').map(|a| a.trim().to_owned()).collect();
                return (!name.is_empty()).then(|| (bound.unwrap_or(name.to_owned()), arguments));
            }
            "pure" | "impure" | "elemental" | "recursive" | "non_recursive" | "module"
            | "integer" | "real" | "complex" | "logical" | "character" | "double" | "precision"
            | "type" => {
                rest = after.strip_prefix('*').unwrap_or(after).trim_start();
                rest = rest
                    .trim_start_matches(|c: char| c.is_ascii_digit())
                    .trim_start();
                if rest.starts_with('(') {
                    rest = &rest[group(rest).len()..];
                }
            }
            _ => return None,
        }
    }
}

/// The parentheses that `text` starts with, and what is inside.
fn group(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at + c.len_utf8())
    });
    &text[..end.unwrap_or(text.len())]
}

/// Notes the special dummies that a declaration declares.
fn declaration(
    code: &str,
    arguments: &[String],
    found: &mut BTreeMap<String, Dummy>,
    values: &mut Vec<String>,
) {
    let (kind, rest) = word(code);
    let inside = if rest.starts_with('(') {
        group(rest)
    } else {
        ""
    };
    let rest = rest[inside.len()..].trim_start();
    let (attributes, entities) = rest.split_once("::").unwrap_or(("", rest));
    let attributes: Vec<String> = split(attributes)
        .iter()
        .map(|a| a.replace(' ', ""))
        .collect();
    let has = |name: &str| attributes.iter().any(|a| a == name);
    let bare = inside.trim_matches(['(', ')']).replace(' ', "");
    let deferred = attributes
        .iter()
        .any(|a| a.starts_with("dimension") && is_deferred(&a[9..]))
        || has("allocatable")
        || has("pointer")
        || (kind == "character" && (bare.starts_with('*') || bare.contains("len=*")));
    for entity in split(entities) {
        let (name, shape) = word(entity);
        if !arguments.iter().any(|a| a == name) {
            continue;
        }
        let dummy = match kind {
            "value" => {
                values.push(name.to_owned());
                continue;
            }
            "external" => Dummy::Procedure(None),
            "procedure" => Dummy::Procedure((!bare.is_empty()).then(|| bare.clone())),
            _ if deferred || is_deferred(shape) => Dummy::Descriptor,
            "type" if bare == "c_ptr" && !has("value") => Dummy::Pointer,
            _ => continue,
        };
        found.insert(name.to_owned(), dummy);
    }
}

/// Whether a shape such as `(:, :)` or `(..)` is left to the caller.
fn is_deferred(shape: &str) -> bool {
    let shape = shape.trim();
    let inside = if shape.starts_with('(') {
        group(shape)
    } else {
        return false;
    };
    let inside = inside
        .strip_prefix('(')
        .and_then(|i| i.strip_suffix(')'))
        .unwrap_or_default();
    split(inside)
        .iter()
        .any(|d| d.ends_with(':') || d.trim() == "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::statements;

    #[test]
    fn special_dummies_are_found() {
        let text = "module m\nabstract interface\nfunction f(x) bind(c)\nend function\nend interface\n\
                    contains\n\
                    subroutine one(f, g, h, p, q, v, a, b, c, d, n) bind(c, name='One')\n\
                    procedure(f) :: f\nexternal :: g\ninterface\nsubroutine h(x)\nend subroutine h\n\
                    end interface\ntype(c_ptr), intent(out) :: p, q(2)\ntype(c_ptr), value :: v\n\
                    real, intent(in) :: a(:), b(0:n), c(n, *)\ncharacter(kind=c_char, len=*) :: d\n\
                    integer(c_int), value :: n\nreal :: local(:)\nallocatable :: local\n\
                    if (n > 0) then\nend if\nend subroutine\n\
                    real(c_double) function two(p) bind(c)\ntype(c_ptr) :: p\nvalue :: p\nend\nend module";
        let all = dummies(&statements(text, false));
        let one: Vec<_> = all["One"]
            .iter()
            .map(|(name, kind)| (name.as_str(), kind.clone()))
            .collect();
        let expected = [
            ("a", Dummy::Descriptor),
            ("d", Dummy::Descriptor),
            ("f", Dummy::Procedure(Some("f".to_owned()))),
            ("g", Dummy::Procedure(None)),
            ("h", Dummy::Procedure(None)),
            ("p", Dummy::Pointer),
            ("q", Dummy::Pointer),
        ];
        assert_eq!(one, expected);
        assert!(all["two"].is_empty());
    }
}
