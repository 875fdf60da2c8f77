//! Structs of options, which grow: the caller's may be older and shorter, or newer and longer.

use std::mem::size_of;
use std::slice;

use crate::failure::{Done, Failure};

/// A struct of the header whose first field is its size.
///
/// # Safety
/// `repr(C)`, begins with a `usize`, and its other fields may hold any bytes.
pub(crate) unsafe trait Options: Copy {
    /// Its size in the first version that had it.
    const LEAST: usize;

    /// The defaults.
    fn defaults() -> Self;
}

/// Fills the caller's struct of `size` bytes with the defaults.
///
/// # Safety
/// `options` is null or leads to `size` bytes that may be written.
pub(crate) unsafe fn init<T: Options>(options: *mut T, size: usize) -> Done {
    if options.is_null() {
        return Err(Failure::null("options", "a struct to be filled"));
    }
    check("size", T::LEAST, size)?;
    let defaults = T::defaults();
    let known = size.min(size_of::<T>());
    // SAFETY: the caller's promise; a `T` is read as bytes, of which none is padding that matters.
    unsafe {
        options.cast::<u8>().write_bytes(0, size);
        (options.cast::<u8>()).copy_from_nonoverlapping((&raw const defaults).cast(), known);
        options.cast::<usize>().write_unaligned(size);
    }
    Ok(())
}

/// Reads the caller's struct; null stands for the defaults.
///
/// # Safety
/// `options` is null or leads to a struct that begins with its size in bytes.
pub(crate) unsafe fn read<T: Options>(options: *const T) -> Done<T> {
    let mut found = T::defaults();
    if options.is_null() {
        return Ok(found);
    }
    // SAFETY: the caller's promise.
    let size = unsafe { options.cast::<usize>().read_unaligned() };
    check("options.size", T::LEAST, size)?;
    let known = size.min(size_of::<T>());
    // SAFETY: the struct has `size` bytes, and any bytes are a `T`.
    let rest = unsafe {
        ((&raw mut found).cast::<u8>()).copy_from_nonoverlapping(options.cast(), known);
        slice::from_raw_parts(options.cast::<u8>().add(known), size - known)
    };
    if rest.iter().any(|&byte| byte != 0) {
        let expected = "no option that this version of the library does not know";
        return Err(Failure::argument("options", "of a newer header", expected));
    }
    Ok(found)
}

/// Most bytes of a struct of options in any version: more is memory that was never filled.
const MOST: usize = 4096;

fn check(name: &str, least: usize, size: usize) -> Done {
    if (least..=MOST).contains(&size) {
        return Ok(());
    }
    let expected = format!("sizeof of the struct, {least} to {MOST}; its init function sets it");
    Err(Failure::argument(name, size, expected))
}

/// The choice of number `found` out of `choices`.
pub(crate) fn choice<T: Copy>(name: &str, found: i32, choices: &[T]) -> Done<T> {
    let index = usize::try_from(found).ok();
    index
        .and_then(|i| choices.get(i).copied())
        .ok_or_else(|| Failure::argument(name, found, format!("0 to {}", choices.len() - 1)))
}

/// A flag of C.
pub(crate) fn flag(name: &str, found: i32) -> Done<bool> {
    choice(name, found, &[false, true])
}

/// A number of which 0 stands for none.
pub(crate) fn count(name: &str, found: isize) -> Done<Option<usize>> {
    let count = usize::try_from(found);
    let count = count.map_err(|_| Failure::argument(name, found, "zero or more"))?;
    Ok((count > 0).then_some(count))
}

/// A number of which 0 stands for the choice of the method.
pub(crate) fn chosen(found: f64) -> Option<f64> {
    (found != 0.0).then_some(found)
}
