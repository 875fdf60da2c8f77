//! The types, constants and prototypes of `ferrotran.h`, made by bindgen.

#![allow(
    non_camel_case_types,
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "names and items are those of the header"
)]

include!(concat!(env!("OUT_DIR"), "/header.rs"));
