//! Reads Fortran far enough to know which modules a file defines and uses.

use std::collections::BTreeSet;

/// A statement in lower case, with its continuations joined and its strings taken out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The text; a string is left as `''`.
    pub(crate) code: String,
    /// The strings, as written.
    pub(crate) strings: Vec<String>,
}

/// What a file defines and uses. A submodule is named `ancestor:name`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) defines: BTreeSet<String>,
    pub(crate) uses: BTreeSet<String>,
}

impl Statement {
    /// The file that an `include` line names.
    pub(crate) fn included(&self) -> Option<&str> {
        let (word, rest) = word(&self.code);
        (word == "include" && rest == "''").then(|| self.strings.first().map(String::as_str))?
    }
}

/// Modules that come with the compiler.
const INTRINSIC: [&str; 9] = [
    "iso_c_binding",
    "iso_fortran_env",
    "ieee_arithmetic",
    "ieee_exceptions",
    "ieee_features",
    "omp_lib",
    "omp_lib_kinds",
    "openacc",
    "openacc_kinds",
];

/// Splits source text into statements.
pub(crate) fn statements(text: &str, fixed: bool) -> Vec<Statement> {
    let mut reader = Reader::default();
    for line in text.lines() {
        if line.starts_with('#') {
            continue;
        }
        if fixed {
            reader.fixed_line(line)
        } else {
            reader.free_line(line)
        }
    }
    reader.end();
    reader.done
}

#[derive(Default)]
struct Reader {
    done: Vec<Statement>,
    now: Statement,
    quote: Option<char>,
    string: String,
    continued: bool,
}

impl Reader {
    fn free_line(&mut self, line: &str) {
        let body = line.trim();
        if self.continued {
            if body.is_empty() || (self.quote.is_none() && body.starts_with('!')) {
                return;
            }
        } else {
            self.end();
        }
        let body = if self.continued {
            body.strip_prefix('&').unwrap_or(body)
        } else {
            body
        };
        self.continued = self.text(body, true);
    }

    fn fixed_line(&mut self, line: &str) {
        let first = line.chars().next().unwrap_or(' ');
        if line.trim().is_empty() || "cCdD*!".contains(first) {
            return;
        }
        let (label, rest) = match line.split_once('\t') {
            Some((label, rest)) if label.len() < 6 => {
                let digit = rest.starts_with(|c: char| ('1'..='9').contains(&c));
                (
                    if digit { "     &" } else { "" },
                    rest.get(usize::from(digit)..).unwrap_or(""),
                )
            }
            _ => line.split_at(line.char_indices().nth(6).map_or(line.len(), |(at, _)| at)),
        };
        if !matches!(label.chars().nth(5), Some(mark) if mark != ' ' && mark != '0') {
            if label.trim_start().starts_with('!') {
                return;
            }
            self.end();
        }
        self.text(rest, false);
    }

    /// Adds the text of a line, and tells whether a `&` at its end asks for another.
    fn text(&mut self, text: &str, ampersand: bool) -> bool {
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let last = ampersand && c == '&' && ends(&text[at + 1..], self.quote.is_some());
            match self.quote {
                _ if last => return true,
                Some(quote) if c == quote => {
                    if chars.next_if(|&(_, next)| next == quote).is_some() {
                        self.string.push(c);
                    } else {
                        self.quote = None;
                        self.now.strings.push(std::mem::take(&mut self.string));
                    }
                }
                Some(_) => self.string.push(c),
                None => match c {
                    '!' => return false,
                    ';' => self.end(),
                    '\'' | '"' => {
                        self.quote = Some(c);
                        self.now.code.push_str("''");
                    }
                    _ => self.now.code.extend(c.to_lowercase()),
                },
            }
        }
        false
    }

    fn end(&mut self) {
        self.quote = None;
        self.string.clear();
        let mut now = std::mem::take(&mut self.now);
        now.code = now.code.trim().to_owned();
        if !now.code.is_empty() {
            self.done.push(now);
        }
    }
}

/// Whether nothing but a comment follows an `&`.
fn ends(rest: &str, in_string: bool) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || (!in_string && rest.starts_with('!'))
}

/// What `statements` define and use.
pub(crate) fn unit(statements: &[Statement]) -> Unit {
    let mut unit = Unit::default();
    for Statement { code, .. } in statements {
        let (word, rest) = word(code);
        match word {
            "module" => {
                if let (name, "") = self::word(rest) {
                    unit.defines
                        .extend((!name.is_empty()).then(|| name.to_owned()));
                }
            }
            "submodule" => submodule(rest, &mut unit),
            "use" => unit.uses.extend(used(rest)),
            _ => {}
        }
    }
    unit
}

/// Splits off the first word of `text`.
pub(crate) fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

fn submodule(rest: &str, unit: &mut Unit) {
    let Some((parents, name)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) else {
        return;
    };
    let mut parents = parents.split(':').map(str::trim);
    let ancestor = parents.next().unwrap_or_default();
    let parent = parents
        .next()
        .map_or(ancestor.to_owned(), |p| format!("{ancestor}:{p}"));
    unit.defines.insert(format!("{ancestor}:{}", name.trim()));
    unit.uses.insert(parent);
}

/// The module that the rest of a `use` statement names, unless it comes with the compiler.
fn used(rest: &str) -> Option<String> {
    let (nature, name) = match rest.strip_prefix(',') {
        Some(natured) => word(natured),
        None => ("", rest),
    };
    let name = match name.strip_prefix("::") {
        Some(name) => name,
        None if nature.is_empty() && !name.starts_with([':', '=', '(', '%']) => name,
        None => return None,
    };
    let (name, rest) = word(name);
    let plain = rest.is_empty() || rest.starts_with(',');
    (plain && !name.is_empty() && nature != "intrinsic").then(|| name.to_owned())
}

/// Whether `module` comes with the compiler.
pub(crate) fn is_intrinsic(module: &str) -> bool {
    INTRINSIC.contains(&module)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `text` defines and what it uses.
    fn scan(text: &str, fixed: bool) -> (Vec<String>, Vec<String>) {
        let unit = unit(&statements(text, fixed));
        (
            unit.defines.into_iter().collect(),
            unit.uses.into_iter().collect(),
        )
    }

    #[track_caller]
    fn free(text: &str, defines: &[&str], uses: &[&str]) {
        assert_eq!(scan(text, false), (owned(defines), owned(uses)));
    }

    #[track_caller]
    fn fixed(text: &str, defines: &[&str], uses: &[&str]) {
        assert_eq!(scan(text, true), (owned(defines), owned(uses)));
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        free(
            "  MODULE  Alpha ! a comment\n\tUse Beta , Only : x\nEND MODULE",
            &["alpha"],
            &["beta"],
        );
    }

    #[test]
    fn continuations_are_joined() {
        free(
            "module &\n  ! between\n\n  & a\nuse, &\n non_intrinsic &\n :: b",
            &["a"],
            &["b"],
        );
        free("use lo&\n  &ng, only: x", &[], &["long"]);
    }

    #[test]
    fn several_statements_share_a_line() {
        free(
            "module a; use b; use c; end module; module d",
            &["a", "d"],
            &["b", "c"],
        );
    }

    #[test]
    fn strings_and_comments_are_not_code() {
        free("print *, 'x; use a', \"it''s; use b\" ! ; use c", &[], &[]);
        free("s = 'over &\n  &; use a'\nuse b", &[], &["b"]);
        free("s = 'don''t; use a'; use b", &[], &["b"]);
    }

    #[test]
    fn module_procedures_are_not_modules() {
        let text = "module a\ninterface f\nmodule procedure f1, f2\nmodule procedure f3\n\
                    module subroutine s(x)\nend subroutine\nmodule function g() result(r)\nend";
        free(text, &["a"], &[]);
    }

    #[test]
    fn modules_of_the_compiler_may_be_replaced() {
        free(
            "use, intrinsic :: iso_c_binding\nuse iso_fortran_env",
            &[],
            &["iso_fortran_env"],
        );
        assert!(is_intrinsic("iso_fortran_env"));
    }

    #[test]
    fn a_variable_may_be_called_use() {
        free(
            "use = 3\nuse(1) = 2\nuse%x = 1\nmodule = 2\nuser = 1",
            &[],
            &[],
        );
    }

    #[test]
    fn submodules_belong_to_their_ancestor() {
        free(
            "submodule (a) b\nend\nsubmodule ( A : B ) c\nend",
            &["a:b", "a:c"],
            &["a", "a:b"],
        );
    }

    #[test]
    fn fixed_form_has_columns() {
        let text = "C     USE A\n*     USE B\n! USE C\n      MODULE X\n      USE\n     1 D,\n     & ONLY: E\n\
                    \n   10 CONTINUE ! USE F\n      END\n";
        fixed(text, &["x"], &["d"]);
        fixed("\tUSE A,\n\t1 ONLY: X\n\tUSE B\n", &[], &["a", "b"]);
        fixed("      USE A\n     0USE B\n", &[], &["a", "b"]);
    }

    #[test]
    fn includes_keep_the_case_of_their_names() {
        let found = statements("  INCLUDE 'Dir/Name.inc' ! here\n", false);
        assert_eq!(found[0].included(), Some("Dir/Name.inc"));
        assert_eq!(statements("include = 'x'", false)[0].included(), None);
    }
}
