//! Evaluates the names that `bind(c)` gives to procedures.

use std::collections::BTreeMap;

use crate::dummies::group;
use crate::prototype::split;
use crate::scan::{Statement, word};

/// The name that C has for a procedure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// It is not `bind(c)`.
    None,
    Known(String),
    /// It takes a Fortran compiler to evaluate it.
    Unknown,
}

/// The character parameters of a module, as far as they have been read.
#[derive(Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads a statement outside procedures.
    pub(crate) fn read(&mut self, statement: &Statement) {
        let (kind, rest) = word(&statement.code);
        match kind {
            "module" if word(rest).1.is_empty() => self.0.clear(),
            "submodule" | "program" => self.0.clear(),
            "character" => self.declare(rest, &statement.strings),
            _ => {}
        }
    }

    /// Notes the parameters of a declaration; `rest` follows the word `character`.
    fn declare(&mut self, rest: &str, strings: &[String]) {
        let Some((attributes, entities)) = rest.split_once("::") else {
            return;
        };
        let (selector, attributes) = if attributes.starts_with('(') {
            attributes.split_at(group(attributes).len())
        } else {
            ("", attributes)
        };
        if !split(attributes).contains(&"parameter") {
            return;
        }
        let mut strings = strings.iter().skip(count(selector));
        for entity in split(entities) {
            let own: Vec<_> = strings.by_ref().take(count(entity)).collect();
            let (name, value) = word(entity);
            let value = value.strip_prefix('=').and_then(|v| self.value(v, &own));
            if let Some(value) = value.and_then(|v| fit(v, selector)) {
                self.0.insert(name.to_owned(), value);
            }
        }
    }

    /// The value of a concatenation of literals and parameters.
    fn value(&self, expression: &str, strings: &[&String]) -> Option<String> {
        let mut strings = strings.iter();
        let term = |term: &str| match term.trim().strip_suffix("''") {
            Some(kind) if kind.is_empty() || kind.ends_with('_') && word(kind).1.is_empty() => {
                strings.next().map(|s| s.as_str())
            }
            _ => self.0.get(term.trim()).map(String::as_str),
        };
        expression.split("//").map(term).collect()
    }

    /// The C name of the procedure `name`; `suffix` follows its arguments in `statement`.
    pub(crate) fn label(&self, statement: &Statement, name: &str, suffix: &str) -> Label {
        let mut rest = suffix;
        let bind = loop {
            let (first, after) = word(rest);
            let inside = if after.starts_with('(') {
                group(after)
            } else {
                ""
            };
            match first {
                "" => return Label::None,
                "bind" => break inside,
                _ => rest = &after[inside.len()..],
            }
        };
        let bind = bind.trim_start_matches('(');
        let expression = split(bind.strip_suffix(')').unwrap_or(bind))
            .into_iter()
            .find_map(|part| match word(part) {
                ("name", value) => value.strip_prefix('='),
                _ => None,
            });
        let Some(expression) = expression else {
            return Label::Known(name.to_owned());
        };
        let before = statement.strings.len().saturating_sub(count(expression));
        let strings: Vec<_> = statement.strings.iter().skip(before).collect();
        self.value(expression, &strings)
            .map_or(Label::Unknown, |label| {
                Label::Known(label.trim().to_owned())
            })
    }
}

/// How many strings there are in `code`.
fn count(code: &str) -> usize {
    code.matches("''").count()
}

/// `value` in the length that the declaration `character(...)` asks for.
fn fit(value: String, selector: &str) -> Option<String> {
    let bare = selector.trim().replace(' ', "");
    let bare = bare.strip_prefix('(').and_then(|b| b.strip_suffix(')'));
    let mut parts = split(bare.unwrap_or("len=1"));
    parts.retain(|part| !part.starts_with("kind="));
    let length = parts.first().copied().unwrap_or("1");
    match length.strip_prefix("len=").unwrap_or(length) {
        "*" => Some(value),
        length => {
            let length: usize = length.parse().ok()?;
            Some(format!("{value:<length$.length$}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::statements;

    /// The label of `subroutine s() bind(c, name=expression)` after `head`.
    fn label(head: &str, expression: &str) -> Label {
        let mut parameters = Parameters::default();
        for statement in statements(head, false) {
            parameters.read(&statement);
        }
        let suffix = format!("bind(c, name={expression})");
        let statement = statements(&suffix, false).remove(0);
        parameters.label(&statement, "s", &statement.code)
    }

    #[track_caller]
    fn known(head: &str, expression: &str, expected: &str) {
        assert_eq!(label(head, expression), Label::Known(expected.to_owned()));
    }

    #[test]
    fn concatenations_are_evaluated() {
        let head = "module m\ncharacter(*), parameter :: a = '_f', Bits = \"64\", both = A // bits\n\
                    character(kind=c_char, len=*), private, parameter :: c = c_char_'Ft''_'";
        known(head, "'x'", "x");
        known(head, "c_char_'x' // \"y\"", "xy");
        known(head, "C // 'x' // a // 'y' // BITS", "Ft'_x_fy64");
        known(head, "'  x' // both // ' '", "x_f64");
    }

    #[test]
    fn lengths_count() {
        let head = "character(len=2), parameter :: cut = '_f64'\ncharacter, parameter :: one = 'xy'\n\
                    character(3, c_char), parameter :: long = 'b', list(2) = ['c', 'd'], next = 'e'\n\
                    character(c_char), parameter :: some = 'f'";
        known(head, "'a' // cut // one", "a_fx");
        known(head, "'a' // long // 'z' // next", "ab  ze");
        assert_eq!(label(head, "'a' // list"), Label::Unknown);
        assert_eq!(label(head, "'a' // some"), Label::Unknown);
    }

    #[test]
    fn each_module_has_its_own() {
        let head = "module a\ncharacter(*), parameter :: s = '1'\nend module\nmodule b\n";
        assert_eq!(label(head, "'x' // s"), Label::Unknown);
        known(
            &format!("{head}character(*), parameter :: s = '2'"),
            "'x' // s",
            "x2",
        );
    }

    #[test]
    fn what_needs_a_compiler_is_unknown() {
        let head = "character(*), parameter :: s = 'x', t = trim(s)\ncharacter(*) :: u = 'x'";
        for expression in ["t", "u", "trim('x')", "('x' // s)", "'x' // m_s", ""] {
            assert_eq!(label(head, expression), Label::Unknown, "{expression}");
        }
    }
}
