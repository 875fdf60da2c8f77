//! Finds the dummy arguments whose C type gfortran does not print, or prints wrongly.

use std::collections::{BTreeMap, BTreeSet};

use crate::label::{Label, Parameters};
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

/// The special dummies of procedures that are `bind(c)`.
#[derive(Debug, Default)]
pub(crate) struct Dummies {
    /// By the name C has for the procedure.
    pub(crate) named: BTreeMap<String, BTreeMap<String, Dummy>>,
    /// The arguments and the special ones of procedures whose C name is not known.
    pub(crate) unnamed: Vec<(Vec<String>, BTreeMap<String, Dummy>)>,
}

impl Dummies {
    /// The special ones among `arguments`, of procedures that may be the C function `name`.
    pub(crate) fn unsure(&self, name: &str, arguments: &[String]) -> BTreeSet<&str> {
        let candidates = self
            .unnamed
            .iter()
            .filter(|(all, _)| !self.named.contains_key(name) && all.as_slice() == arguments);
        let special = candidates.flat_map(|(_, special)| special.keys());
        special.map(String::as_str).collect()
    }
}

/// A procedure or an interface block that is open.
enum Scope {
    Interface,
    Procedure(Procedure),
}

/// A procedure as far as it has been read.
struct Procedure {
    name: String,
    label: Label,
    arguments: Vec<String>,
    found: BTreeMap<String, Dummy>,
    values: BTreeSet<String>,
}

/// Adds the special dummies in `statements` to `all`.
pub(crate) fn read(statements: &[Statement], all: &mut Dummies) {
    let mut parameters = Parameters::default();
    let mut open: Vec<Scope> = Vec::new();
    for statement in statements {
        let (first, rest) = word(&statement.code);
        let inside = matches!(open.last(), Some(Scope::Interface));
        if first == "interface" || (first == "abstract" && rest == "interface") {
            open.push(Scope::Interface);
        } else if first.starts_with("end") {
            if closes(first, rest)
                && let Some(Scope::Procedure(procedure)) = open.pop()
            {
                procedure.finish(all);
            }
        } else if let Some(procedure) = header(statement, inside, &parameters) {
            // In an interface block inside a procedure, it may be a dummy of that procedure.
            if let (true, [.., Scope::Procedure(outer), _]) = (inside, open.as_mut_slice())
                && outer.arguments.contains(&procedure.name)
            {
                let name = procedure.name.clone();
                outer.found.insert(name, Dummy::Procedure(None));
            }
            open.push(Scope::Procedure(procedure));
        } else if let Some(Scope::Procedure(procedure)) = open.last_mut() {
            procedure.declare(&statement.code);
        } else if open.is_empty() {
            parameters.read(statement);
        }
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

/// The procedure that a statement begins.
fn header(statement: &Statement, in_interface: bool, parameters: &Parameters) -> Option<Procedure> {
    let mut rest = statement.code.as_str();
    loop {
        let (first, after) = word(rest);
        match first {
            "subroutine" | "function" => {
                let (name, after) = word(after);
                let inside = after.strip_prefix('(').and_then(|a| a.split_once(')'));
                let (list, suffix) = inside.unwrap_or(("", after));
                let label = parameters.label(statement, name, suffix);
                return (!name.is_empty()).then(|| Procedure::new(name, label, list));
            }
            // The body of a procedure whose interface, with its label, is in a module.
            "procedure" if !in_interface && statement.code.starts_with("module") => {
                let name = word(after).0;
                return (!name.is_empty()).then(|| Procedure::new(name, Label::None, ""));
            }
            "pure" | "impure" | "elemental" | "recursive" | "non_recursive" | "module"
            | "integer" | "real" | "complex" | "logical" | "character" | "double" | "precision"
            | "type" => {
                rest = after.strip_prefix('*').unwrap_or(after).trim_start();
                rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                rest = rest.trim_start();
                if rest.starts_with('(') {
                    rest = &rest[group(rest).len()..];
                }
            }
            _ => return None,
        }
    }
}

/// The parentheses that `text` starts with, and what is inside.
pub(crate) fn group(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at + c.len_utf8())
    });
    &text[..end.unwrap_or(text.len())]
}

impl Procedure {
    fn new(name: &str, label: Label, arguments: &str) -> Self {
        Self {
            name: name.to_owned(),
            label,
            arguments: arguments.split(',').map(|a| a.trim().to_owned()).collect(),
            found: BTreeMap::new(),
            values: BTreeSet::new(),
        }
    }

    /// Notes the special dummies that a statement declares.
    fn declare(&mut self, code: &str) {
        let (kind, rest) = word(code);
        let inside = if rest.starts_with('(') {
            group(rest)
        } else {
            ""
        };
        let rest = rest[inside.len()..].trim_start();
        let (attributes, entities) = rest.split_once("::").unwrap_or(("", rest));
        let attributes = split(attributes);
        let has = |name: &str| attributes.contains(&name);
        let shape = attributes.iter().find_map(|a| a.strip_prefix("dimension"));
        let bare = inside.trim_matches(['(', ')']).replace(' ', "");
        let deferred = shape.is_some_and(is_deferred)
            || has("allocatable")
            || has("pointer")
            || (kind == "character" && (bare.starts_with('*') || bare.contains("len=*")));
        for entity in split(entities) {
            let (name, shape) = word(entity);
            if !self.arguments.iter().any(|a| a == name) {
                continue;
            }
            let dummy = match kind {
                "value" => {
                    self.values.insert(name.to_owned());
                    continue;
                }
                "external" => Dummy::Procedure(None),
                "procedure" => Dummy::Procedure((!bare.is_empty()).then(|| bare.clone())),
                _ if deferred || is_deferred(shape) => Dummy::Descriptor,
                "type" if bare == "c_ptr" && !has("value") => Dummy::Pointer,
                _ => continue,
            };
            self.found.insert(name.to_owned(), dummy);
        }
    }

    /// Adds what was found to `all`; a `value` statement may follow the declaration.
    fn finish(self, all: &mut Dummies) {
        let by_value = |name: &String| self.values.contains(name);
        let kept = |(name, dummy): &(String, Dummy)| *dummy != Dummy::Pointer || !by_value(name);
        let found = self.found.into_iter().filter(kept).collect();
        match self.label {
            Label::None => {}
            Label::Known(label) => {
                // As with the prototypes, the first counts.
                all.named.entry(label).or_insert(found);
            }
            Label::Unknown => all.unnamed.push((self.arguments, found)),
        }
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
        let mut all = Dummies::default();
        read(&statements(text, false), &mut all);
        let one: Vec<_> = all.named["One"]
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
        assert!(all.named["two"].is_empty());
    }
}
