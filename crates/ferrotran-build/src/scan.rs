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
