//! Lets the C compiler compare declarations.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::check::write;
use crate::prototype::{Parameter, Prototype, declarations, squeeze};
use crate::toolchain::{Dialect, Toolchain};
use crate::{Error, Result};

/// The header, ready to be compared with.
pub(crate) struct Probe<'a> {
    tools: &'a Toolchain<'a>,
    /// The lines that include the headers.
    include: String,
    /// What the headers declare, after the preprocessor.
    pub(crate) declared: Vec<String>,
}

/// A declaration in which header and Fortran differ.
#[derive(Debug)]
pub(crate) struct Difference {
    /// What differs.
    pub(crate) what: String,
    pub(crate) header: String,
    pub(crate) fortran: String,
    /// Where the Fortran is.
    pub(crate) source: Option<PathBuf>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what)?;
        writeln!(f, "  header:  {};", self.header)?;
        write!(f, "  Fortran: {};", self.fortran)?;
        match &self.source {
            Some(source) => write!(f, "  ({})", source.display()),
            None => Ok(()),
        }
    }
}

impl<'a> Probe<'a> {
    /// Reads the headers.
    pub(crate) fn new(tools: &'a Toolchain<'a>) -> Result<Self> {
        let mut include = String::from("#include <stddef.h>\n");
        for header in &tools.build.headers {
            let path = std::path::absolute(header).map_err(Error::io(header))?;
            include += &format!("#include \"{}\"\n", path.display());
        }
        let mut probe = Self {
            tools,
            include,
            declared: Vec::new(),
        };
        let path = write(tools, "header.c", &probe.include)?;
        let flags = [
            "-std=c11".as_ref(),
            "-w".as_ref(),
            "-E".as_ref(),
            "-P".as_ref(),
            path.as_os_str(),
        ];
        let text = tools.ask(Dialect::C, flags, "preprocessing the header")?;
        probe.declared = declarations(&text).0;
        Ok(probe)
    }

    /// The prototype of a function in the header.
    pub(crate) fn header(&self, name: &str) -> Option<Prototype> {
        let candidates = self.declared.iter().filter(|text| text.contains(name));
        candidates
            .filter_map(|text| Prototype::parse(text, Some(name)))
            .next()
    }

    /// Whether C accepts `text` after the header.
    pub(crate) fn accepts(&self, text: &str) -> Result<bool> {
        let preamble = "typedef struct CFI_cdesc_t CFI_cdesc_t;\n\
                        #define __GFORTRAN_FLOAT_COMPLEX float _Complex\n\
                        #define __GFORTRAN_DOUBLE_COMPLEX double _Complex\n\
                        #define __GFORTRAN_LONG_DOUBLE_COMPLEX long double _Complex\n";
        let path = write(
            self.tools,
            "check.c",
            &format!("{}{preamble}{text}\n", self.include),
        )?;
        let flags = [
            "-std=c11".as_ref(),
            "-w".as_ref(),
            "-fsyntax-only".as_ref(),
            path.as_os_str(),
        ];
        match self.tools.ask(Dialect::C, flags, "checking the header") {
            Ok(_) => Ok(true),
            Err(Error::Tool { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The differences in pairs of a Fortran and a header prototype.
    pub(crate) fn compare(
        &self,
        types: &str,
        pairs: &[(Prototype, Prototype, &PathBuf)],
    ) -> Result<Vec<Difference>> {
        let all: Vec<_> = pairs
            .iter()
            .map(|(f, ..)| format!("{};", f.text(None)))
            .collect();
        let agree = self.accepts(&format!("{types}{}", all.join("\n")))?;
        let mut differences = Vec::new();
        for (fortran, header, source) in pairs {
            let mut what = Vec::new();
            if let Some(order) = order(fortran, header) {
                what.push(order);
            }
            if !agree && what.is_empty() {
                what = self.parts(types, fortran, header)?;
            }
            if !what.is_empty() {
                differences.push(difference(&what, fortran, header, source));
            }
        }
        Ok(differences)
    }

    /// The parts in which two prototypes differ.
    fn parts(&self, types: &str, fortran: &Prototype, header: &Prototype) -> Result<Vec<String>> {
        if self.accepts(&format!("{types}{};", fortran.text(None)))? {
            return Ok(Vec::new());
        }
        let (f, h) = (fortran.parameters.len(), header.parameters.len());
        if f != h {
            return Ok(vec![format!(
                "the header has {h} parameters, the Fortran {f}"
            )]);
        }
        let mut parts = Vec::new();
        let result = |head| {
            Prototype {
                head,
                ..header.clone()
            }
            .text(None)
        };
        if !self.any(types, candidates(&fortran.head), result)? {
            parts.push("result".to_owned());
        }
        // A procedure without `bind(c)` may have no intents: then `const` is the header's affair.
        let lax = fortran.name.ends_with('_');
        let pairs = fortran.parameters.iter().zip(&header.parameters);
        for (at, (Parameter { text, name }, asked)) in pairs.enumerate() {
            // Shapes in the header use its own names.
            let bare = text
                .strip_suffix(name.as_str())
                .filter(|_| !asked.name.is_empty());
            let text = bare.map_or(text.clone(), |bare| format!("{bare}{}", asked.name));
            let mut all = candidates(&text);
            if lax && text.contains('*') {
                all.extend(candidates(&format!("const {text}")));
            }
            if !self.any(types, all, |text| header.text(Some((at, &text))))? {
                parts.push(format!("parameter {} (`{name}`)", at + 1));
            }
        }
        Ok(parts)
    }

    /// Whether C accepts one of the declarations that `make` makes.
    fn any(
        &self,
        types: &str,
        candidates: Vec<(String, &'static str)>,
        make: impl Fn(String) -> String,
    ) -> Result<bool> {
        for (candidate, guard) in candidates {
            if self.accepts(&format!("{types}{guard}{};", make(candidate)))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Types that mean the same to Fortran, which knows no unsigned integers.
const SAME: [(&str, &[&str]); 6] = [
    ("signed char", &["char", "unsigned char"]),
    ("char", &["signed char", "unsigned char"]),
    ("short", &["unsigned short"]),
    ("int", &["unsigned int"]),
    (
        "long long",
        &["unsigned long long", "long", "unsigned long"],
    ),
    (
        "long",
        &["unsigned long", "long long", "unsigned long long"],
    ),
];

/// `text`, and `text` with types that are the same to Fortran, each with a condition.
fn candidates(text: &str) -> Vec<(String, &'static str)> {
    const SIZES: &str = "_Static_assert(sizeof(long) == sizeof(long long), \"\");\n";
    let mut all = vec![(text.to_owned(), "")];
    let starts = |kind: &str| {
        let bare = text.strip_prefix("const ").unwrap_or(text);
        bare.strip_prefix(kind)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    if let Some((kind, others)) = SAME.iter().find(|(kind, _)| starts(kind)) {
        let changes = |other: &&str| {
            let guard = if kind.contains("long long") == other.contains("long long") {
                ""
            } else {
                SIZES
            };
            (text.replacen(kind, other, 1), guard)
        };
        all.extend(others.iter().map(changes));
    }
    all
}

/// What to say when the same names stand in another order.
fn order(fortran: &Prototype, header: &Prototype) -> Option<String> {
    let names = |p: &Prototype| {
        p.parameters
            .iter()
            .map(|p| p.name.to_lowercase())
            .collect::<Vec<_>>()
    };
    let (f, h) = (names(fortran), names(header));
    let (mut sorted_f, mut sorted_h) = (f.clone(), h.clone());
    sorted_f.sort();
    sorted_h.sort();
    (f != h && sorted_f == sorted_h).then(|| "the parameters are in another order".to_owned())
}

fn difference(
    what: &[String],
    fortran: &Prototype,
    header: &Prototype,
    source: &Path,
) -> Difference {
    Difference {
        what: format!("`{}`: {}", fortran.name, what.join(", ")),
        header: squeeze(&header.text(None)),
        fortran: fortran.text(None),
        source: Some(source.to_owned()),
    }
}
