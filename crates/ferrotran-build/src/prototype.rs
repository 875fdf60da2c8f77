//! C declarations as text, taken apart just far enough to compare parameters.

/// A function declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prototype {
    pub(crate) name: String,
    /// What stands before the name.
    pub(crate) head: String,
    pub(crate) parameters: Vec<Parameter>,
    /// What stands after the parameters.
    pub(crate) tail: String,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) text: String,
    /// Empty when the declaration gives none.
    pub(crate) name: String,
}

impl Prototype {
    /// Parses the declaration of the first function in `text`, or of the one called `name`.
    pub(crate) fn parse(text: &str, name: Option<&str>) -> Option<Self> {
        let (start, open) = calls(text).find(|&(start, open)| {
            let word = text[start..open].trim();
            name.map_or(!word.is_empty() && !word.starts_with("__attr"), |name| {
                name == word
            })
        })?;
        let close = open + matching(&text[open..])?;
        let inside = text[open + 1..close].trim();
        let parameters = if matches!(inside, "" | "void") {
            Vec::new()
        } else {
            split(inside).into_iter().map(Parameter::new).collect()
        };
        Some(Self {
            name: text[start..open].trim().to_owned(),
            head: squeeze(&text[..start]),
            parameters,
            tail: squeeze(&text[close + 1..]),
        })
    }

    /// The declaration, with `replaced` in the place of one parameter.
    pub(crate) fn text(&self, replaced: Option<(usize, &str)>) -> String {
        let shown = |(at, p): (usize, &Parameter)| match replaced {
            Some((which, text)) if which == at => text.to_owned(),
            _ => p.text.clone(),
        };
        let list: Vec<_> = self.parameters.iter().enumerate().map(shown).collect();
        let list = if list.is_empty() {
            "void".to_owned()
        } else {
            list.join(", ")
        };
        let gap = if self.head.is_empty() || self.head.ends_with('*') {
            ""
        } else {
            " "
        };
        format!("{}{gap}{}({list}){}", self.head, self.name, self.tail)
    }
}

impl Parameter {
    /// Takes a parameter apart.
    pub(crate) fn new(text: &str) -> Self {
        let text = squeeze(text);
        let declarator = match text.find("(*") {
            Some(at) => text[at + 2..].split(')').next().unwrap_or_default(),
            None => text.split('[').next().unwrap_or_default(),
        };
        let name = declarator
            .rsplit(|c: char| !is_word(c))
            .find(|w| !w.is_empty())
            .unwrap_or("");
        let words = text
            .split(|c: char| !is_word(c))
            .filter(|w| !w.is_empty())
            .count();
        let named = words > 1 && !KEYWORDS.contains(&name) || text.contains("(*");
        Self {
            name: if named {
                name.to_owned()
            } else {
                String::new()
            },
            text,
        }
    }

    /// Whether it is a pointer to a function, as far as the text tells.
    pub(crate) fn is_function(&self) -> bool {
        self.text.contains("(*")
    }

    /// Whether it is of a type that has a name of its own, and is not one of C's integers.
    pub(crate) fn is_alias(&self) -> bool {
        let mut words = self
            .text
            .split(|c: char| !is_word(c))
            .filter(|w| !w.is_empty());
        let integer = |w: &str| {
            let bare = w.trim_start_matches("u");
            w.ends_with("_t")
                && ["int", "size", "ssize", "ptrdiff"]
                    .iter()
                    .any(|i| bare.starts_with(i))
        };
        self.pointers() == 0 && !words.any(|w| KEYWORDS.contains(&w) && w != "const" || integer(w))
    }

    /// How many levels of pointer it has, as far as the text tells.
    pub(crate) fn pointers(&self) -> usize {
        self.text.matches(['*', '[']).count()
    }
}

/// Words that end a parameter which has no name.
const KEYWORDS: [&str; 12] = [
    "int", "long", "short", "char", "double", "float", "unsigned", "signed", "const", "restrict",
    "_Bool", "_Complex",
];

/// Splits text into declarations, without comments and preprocessor lines.
///
/// gfortran leaves a declaration open when it cannot convert a type; the names of those are
/// the second value.
pub(crate) fn declarations(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut done, mut broken, mut now, mut depth) = (Vec::new(), Vec::new(), String::new(), 0);
    let lines = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.starts_with("extern \"C\""));
    let mut rest = lines.collect::<Vec<_>>().join("\n");
    rest.push('\n');
    let mut rest = rest.as_str();
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            if rest[..end].contains("Cannot convert") {
                let open = now.find('(').unwrap_or(now.len());
                broken.extend(now[..open].split_whitespace().last().map(bare));
                now.clear();
            }
            rest = &rest[end..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            ';' if depth == 0 => done.push(squeeze(&std::mem::take(&mut now))),
            // The brace that closes `extern "C"`.
            '}' if depth == 0 => {}
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                now.push(c);
            }
        }
    }
    (done, broken)
}

fn bare(name: &str) -> String {
    name.trim_start_matches('*').to_owned()
}

/// Where words stand that are followed by an opening parenthesis, with that parenthesis.
fn calls(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices('(').filter_map(move |(open, _)| {
        let word = text[..open].trim_end();
        let start = word.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
        (start < word.len()).then_some((start, open))
    })
}

/// The position of the parenthesis that closes the one at the start.
fn matching(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at)
    })
}

/// Splits at the commas that are not inside brackets.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `text` on one line, with single spaces.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prototypes_are_taken_apart() {
        let text = "const double *f(int n, double x[n][2], int (*g)(int, void *), int)";
        let f = Prototype::parse(text, None).expect("a prototype");
        let names: Vec<_> = f.parameters.iter().map(|p| p.name.as_str()).collect();
        assert_eq!((f.name.as_str(), f.head.as_str()), ("f", "const double *"));
        assert_eq!(names, ["n", "x", "g", ""]);
        assert_eq!(f.text(None), text);
        assert_eq!(
            f.text(Some((0, "long n"))),
            text.replace("int n,", "long n,")
        );
    }

    #[test]
    fn attributes_are_not_names() {
        let text = "__attribute__((pure)) int g(void)";
        assert_eq!(
            Prototype::parse(text, None).map(|g| g.name),
            Some("g".to_owned())
        );
        assert!(Prototype::parse("int gg(int g)", Some("g")).is_none());
    }

    #[test]
    fn declarations_survive_what_gfortran_leaves_open() {
        let text = "#include <x.h>\ntypedef struct a {\n int i;\n} a;\nvoid one (int *x /* KIND */ );\n\
                    void two (int n, /* Cannot convert 'TYPE(*)' */void three (int x);\n}\n";
        let (done, broken) = declarations(text);
        assert_eq!(
            done,
            [
                "typedef struct a { int i; } a",
                "void one (int *x )",
                "void three (int x)"
            ]
        );
        assert_eq!(broken, ["two"]);
    }
}
