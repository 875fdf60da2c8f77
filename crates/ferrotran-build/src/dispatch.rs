//! Generates the Rust that calls the best variant of each function.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, FnArg, ForeignItemFn, Item, Pat, Visibility, parse_quote};

use crate::bind::{Bindings, symbol};
use crate::sources::Sources;
use crate::toolchain::{Dialect, Toolchain};
use crate::{Build, Isa, Result};

/// The text of the bindings.
pub(crate) fn generate(
    bindings: &Bindings,
    build: &Build,
    native: Option<(&Toolchain<'_>, &Sources)>,
) -> Result<String> {
    let variants: Vec<Isa> = native
        .iter()
        .flat_map(|(tools, _)| tools.variants())
        .collect();
    let vis: Visibility = if build.public {
        parse_quote!(pub)
    } else {
        parse_quote!(pub(crate))
    };
    let items = bindings.items.iter().map(|item| restyle(item, &vis));
    let modules = std::iter::once(None).chain(variants.iter().copied().map(Some));
    let modules = modules.map(|variant| externs(bindings, variant));
    let wrappers = bindings
        .functions
        .iter()
        .map(|f| wrapper(f, &variants, &vis));
    let isa = isa(&variants, &vis);
    let info = info(native, &vis)?;
    let variables = variables(bindings, &vis);
    let tokens = quote! { #(#items)* #variables #(#wrappers)* #isa #info #(#modules)* };
    let file = syn::parse2(tokens).expect("the tokens come from syntax trees and templates");
    Ok(comment(&prettyplease::unparse(&file)))
}

/// Puts a comment before each unsafe block.
fn comment(text: &str) -> String {
    let mut out = String::from("// Made by ferrotran-build; not for editing.\n");
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("unsafe {") || code.contains("=> unsafe {") {
            let indent = &line[..line.len() - code.len()];
            out.push_str(indent);
            out.push_str("// SAFETY: the caller keeps the contract of this function.\n");
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Sets the visibility of a type or constant, and allows it to be unused and to keep its C name.
fn restyle(item: &Item, vis: &Visibility) -> TokenStream {
    let mut item = item.clone();
    let fields = |fields: &mut syn::Fields| fields.iter_mut().for_each(|f| f.vis = vis.clone());
    match &mut item {
        Item::Const(i) if i.ident != "_" => i.vis = vis.clone(),
        Item::Type(i) => i.vis = vis.clone(),
        Item::Struct(i) => {
            i.vis = vis.clone();
            fields(&mut i.fields);
        }
        Item::Union(i) => {
            i.vis = vis.clone();
            i.fields.named.iter_mut().for_each(|f| f.vis = vis.clone());
        }
        _ => return quote!(#item),
    }
    quote! {
        #[allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals)]
        #item
    }
}

/// The variables that the header declares.
fn variables(bindings: &Bindings, vis: &Visibility) -> Option<TokenStream> {
    let with_vis = bindings.variables.iter().cloned().map(|mut variable| {
        variable.vis = vis.clone();
        variable
    });
    let variables: Vec<_> = with_vis.collect();
    let block = quote! {
        #[allow(dead_code, non_upper_case_globals)]
        unsafe extern "C" { #(#variables)* }
    };
    (!variables.is_empty()).then_some(block)
}

/// The module of a variant's functions.
fn externs(bindings: &Bindings, variant: Option<Isa>) -> TokenStream {
    let module = module(variant);
    let functions = bindings.functions.iter().map(|f| {
        let mut symbol = symbol(f);
        if let Some(variant) = variant {
            symbol = format!("{symbol}_{}", variant.name());
        }
        let sig = &f.sig;
        quote! { #[link_name = #symbol] pub(super) #sig; }
    });
    quote! {
        #[allow(dead_code, non_snake_case, unused_imports)]
        mod #module {
            use super::*;
            unsafe extern "C" { #(#functions)* }
        }
    }
}

fn module(variant: Option<Isa>) -> syn::Ident {
    format_ident!("{}", variant.map_or("baseline", Isa::name))
}

/// The function that calls the variant in use.
fn wrapper(function: &ForeignItemFn, variants: &[Isa], vis: &Visibility) -> TokenStream {
    let docs = function
        .attrs
        .iter()
        .filter(|a: &&Attribute| a.path().is_ident("doc"));
    let sig = &function.sig;
    let name = &sig.ident;
    if sig.variadic.is_some() {
        return quote! { #vis use baseline::#name; };
    }
    let many = (sig.inputs.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let names: Vec<_> = sig.inputs.iter().filter_map(argument).collect();
    let (inputs, output) = (&sig.inputs, &sig.output);
    let arms = variants.iter().map(|v| {
        let (ident, module) = (format_ident!("{}", v.ident()), module(Some(*v)));
        quote! { Isa::#ident => unsafe { #module::#name(#(#names),*) }, }
    });
    let body = if variants.is_empty() {
        quote! { unsafe { baseline::#name(#(#names),*) } }
    } else {
        quote! {
            match isa() {
                Isa::Baseline => unsafe { baseline::#name(#(#names),*) },
                #(#arms)*
            }
        }
    };
    quote! {
        #(#docs)*
        #[doc = ""]
        #[doc = " # Safety"]
        #[doc = ""]
        #[doc = " The arguments are as the header asks: pointers to memory of the shapes it names."]
        #[inline]
        #many
        #vis unsafe fn #name(#inputs) #output { #body }
    }
}

/// The name of an argument.
fn argument(input: &FnArg) -> Option<&syn::Ident> {
    match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(name) => Some(&name.ident),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

/// The enum of variants and the choice between them.
fn isa(variants: &[Isa], vis: &Visibility) -> TokenStream {
    let idents: Vec<_> = variants
        .iter()
        .map(|v| format_ident!("{}", v.ident()))
        .collect();
    let docs = variants.iter().map(|v| format!(" Compiled for {v:?}."));
    let names: Vec<_> = variants.iter().map(|v| v.name()).collect();
    let choose = choose(variants, vis);
    quote! {
        /// An instruction set that the native functions are compiled for.
        #[allow(dead_code)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #vis enum Isa {
            /// The least that the target has.
            Baseline,
            #(#[doc = #docs] #idents,)*
        }

        #[allow(dead_code)]
        impl Isa {
            /// Every instruction set compiled for, the least first.
            #vis const ALL: &'static [Self] = &[Self::Baseline, #(Self::#idents),*];

            /// The name, as `FERROTRAN_ISA` has it.
            #[must_use]
            #vis const fn name(self) -> &'static str {
                match self {
                    Self::Baseline => "baseline",
                    #(Self::#idents => #names,)*
                }
            }
        }

        #choose
    }
}

/// The functions that choose a variant.
fn choose(variants: &[Isa], vis: &Visibility) -> TokenStream {
    let docs = quote! {
        /// The instruction set in use, chosen once: the best that the processor has and that
        /// is not above the one `FERROTRAN_ISA` names. An unknown name there counts as none.
    };
    if variants.is_empty() {
        return quote! {
            #docs
            #[allow(dead_code)]
            #[must_use]
            #vis fn isa() -> Isa { Isa::Baseline }
        };
    }
    let idents: Vec<_> = variants
        .iter()
        .map(|v| format_ident!("{}", v.ident()))
        .collect();
    let numbers: Vec<_> = (1u8..).take(variants.len()).collect();
    let tests = variants.iter().map(|v| {
        let features = v.features();
        quote!(#(std::is_x86_feature_detected!(#features))&&*)
    });
    quote! {
        #docs
        #[allow(dead_code)]
        #[inline]
        #[must_use]
        #vis fn isa() -> Isa {
            use std::sync::atomic::{AtomicU8, Ordering};
            static CHOICE: AtomicU8 = AtomicU8::new(u8::MAX);
            match CHOICE.load(Ordering::Relaxed) {
                0 => Isa::Baseline,
                #(#numbers => Isa::#idents,)*
                _ => {
                    let choice = choose_isa();
                    CHOICE.store(choice as u8, Ordering::Relaxed);
                    choice
                }
            }
        }

        #[allow(dead_code)]
        #[cold]
        fn choose_isa() -> Isa {
            let asked = std::env::var("FERROTRAN_ISA").unwrap_or_default();
            let limit = Isa::ALL.iter().find(|isa| isa.name() == asked);
            let usable = |isa: &Isa| match isa {
                Isa::Baseline => true,
                #(Isa::#idents => #tests,)*
            };
            let allowed = Isa::ALL.iter().filter(|isa| limit.is_none_or(|limit| *isa <= limit));
            allowed.copied().rfind(usable).unwrap_or(Isa::Baseline)
        }
    }
}

/// The constants that say what compiled the native code.
fn info(native: Option<(&Toolchain<'_>, &Sources)>, vis: &Visibility) -> Result<TokenStream> {
    let of = |dialect: Dialect| match native {
        Some((tools, sources)) if sources.has(dialect) => {
            Ok((tools.version(dialect)?, tools.flags(dialect)?))
        }
        _ => Ok(<(String, String)>::default()),
    };
    let ((c, c_flags), (fortran, fortran_flags)) = (of(Dialect::C)?, of(Dialect::Free)?);
    Ok(quote! {
        /// The C compiler, empty when there is no C.
        #[allow(dead_code)]
        #vis const C_COMPILER: &str = #c;
        /// The flags of all C files.
        #[allow(dead_code)]
        #vis const C_FLAGS: &str = #c_flags;
        /// The Fortran compiler, empty when there is no Fortran.
        #[allow(dead_code)]
        #vis const FORTRAN_COMPILER: &str = #fortran;
        /// The flags of all Fortran files.
        #[allow(dead_code)]
        #vis const FORTRAN_FLAGS: &str = #fortran_flags;
    })
}
