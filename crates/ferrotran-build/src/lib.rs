#![doc = include_str!("../README.md")]

mod bind;
mod build;
mod check;
mod compare;
mod compile;
mod dispatch;
mod dummies;
mod env;
mod error;
mod find;
mod isa;
mod label;
mod link;
mod order;
mod prototype;
mod scan;
mod sources;
mod structs;
mod symbols;
mod toolchain;
mod tools;

pub use build::{Build, Built};
pub use error::{Error, Result};
pub use isa::Isa;
