//! Binds the header with bindgen.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use syn::{Attribute, ForeignItem, ForeignItemFn, ForeignItemStatic, Ident, Item, Type};

use crate::env::Env;
use crate::tools::Tool;
use crate::{Build, Error, Result};

/// What the header declares, as Rust.
#[derive(Default)]
pub(crate) struct Bindings {
    /// Types and constants.
    pub(crate) items: Vec<Item>,
    /// Functions.
    pub(crate) functions: Vec<ForeignItemFn>,
    /// Variables.
    pub(crate) variables: Vec<ForeignItemStatic>,
}

impl Bindings {
    /// The symbols of the functions.
    pub(crate) fn symbols(&self) -> Vec<String> {
        self.functions.iter().map(symbol).collect()
    }
}

/// The symbol of a function: its `link_name`, or its name.
pub(crate) fn symbol(function: &ForeignItemFn) -> String {
    let named = |attr: &Attribute| {
        let value = &attr.meta.require_name_value().ok()?.value;
        let syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) = value
        else {
            return None;
        };
        attr.path()
            .is_ident("link_name")
            .then(|| text.value().trim_start_matches('\u{1}').to_owned())
    };
    function
        .attrs
        .iter()
        .find_map(named)
        .unwrap_or_else(|| function.sig.ident.to_string())
}

/// Binds what the headers themselves declare.
pub(crate) fn bindings(build: &Build, env: &Env) -> Result<Bindings> {
    for key in [
        "LIBCLANG_PATH",
        "LLVM_CONFIG_PATH",
        "BINDGEN_EXTRA_CLANG_ARGS",
    ] {
        env.get(key);
    }
    let mut builder = bindgen::Builder::default()
        .formatter(bindgen::Formatter::None)
        .disable_header_comment()
        .prepend_enum_name(false)
        .clang_arg("-std=c11");
    for include in &build.includes {
        builder = builder.clang_arg(format!("-I{}", include.display()));
    }
    for header in &build.headers {
        let path = header.display().to_string();
        let quoted: String = path.chars().flat_map(escape).collect();
        builder = builder.header(path).allowlist_file(quoted);
    }
    let text = quietly(|| builder.generate())?.map_err(|e| Error::Bind(e.to_string()))?;
    split(&text.to_string())
}

/// The character for a regular expression.
fn escape(c: char) -> impl Iterator<Item = char> {
    let special = c.is_ascii_punctuation().then_some('\\');
    special.into_iter().chain(std::iter::once(c))
}

thread_local! {
    /// Whether this thread keeps its panics to itself.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs bindgen, which panics when there is no libclang.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or_default();
        if text.contains("libclang") {
            Tool::Libclang.missing(text)
        } else {
            Error::Bind(text.to_owned())
        }
    })
}

/// Takes the functions out of bindgen's text, and gives enum constants the type C gives them.
fn split(text: &str) -> Result<Bindings> {
    let file = syn::parse_file(text).map_err(|e| Error::Bind(e.to_string()))?;
    let mut bindings = Bindings::default();
    for item in file.items {
        let Item::ForeignMod(block) = item else {
            bindings.items.push(item);
            continue;
        };
        for item in block.items {
            match item {
                ForeignItem::Fn(function) => bindings.functions.push(function),
                ForeignItem::Static(variable) => bindings.variables.push(variable),
                _ => {}
            }
        }
    }
    let enums: Vec<Ident> = bindings.items.iter().filter_map(enum_alias).collect();
    for item in &mut bindings.items {
        if let Item::Const(constant) = item
            && matches!(&*constant.ty, Type::Path(p) if p.path.get_ident().is_some_and(|i| enums.contains(i)))
        {
            *constant.ty = syn::parse_quote!(::std::os::raw::c_int);
        }
    }
    Ok(bindings)
}

/// The name of an alias for `unsigned int` or `int`: what bindgen makes of an enum.
fn enum_alias(item: &Item) -> Option<Ident> {
    let Item::Type(alias) = item else { return None };
    let Type::Path(path) = &*alias.ty else {
        return None;
    };
    let last = &path.path.segments.last()?.ident;
    (last == "c_uint" || last == "c_int").then(|| alias.ident.clone())
}
