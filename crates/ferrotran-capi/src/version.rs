//! Versions, and the words of statuses and of the last failure.

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

use crate::call::{self, entry};
use crate::failure::{self, Failure};
use crate::header as ft;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no zero byte"),
    };

const _: () = {
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let header = [
        b'0' + ft::FT_VERSION_MAJOR as u8,
        b'.',
        b'0' + ft::FT_VERSION_MINOR as u8,
    ];
    assert!(version[0] == header[0] && version[1] == header[1] && version[2] == header[2]);
};

/// `major * 1000000 + minor * 1000 + patch` of a version in text.
fn number(version: &str) -> c_int {
    let part = |text: &str| text.parse().unwrap_or(0);
    version
        .splitn(3, '.')
        .map(part)
        .fold(0, |n, part: c_int| n * 1000 + part)
}

entry! {
    fn ft_check_version(header: c_int) {
        let library = number(env!("CARGO_PKG_VERSION"));
        // The soname changes with the major number, and while that is 0 with the minor one.
        let line = |version: c_int| if version < 1_000_000 { version / 1000 } else { version / 1_000_000 * 1000 };
        if header >= 0 && line(header) == line(library) && header <= library {
            return Ok(());
        }
        let text = |n: c_int| format!("{}.{}.{}", n / 1_000_000, n / 1000 % 1000, n % 1000);
        let message = format!(
            "the header is of version {}, the library of {}: expected the same line and a header that is not newer",
            text(header),
            text(library),
        );
        Err(Failure::new(ft::FT_VERSION_MISMATCH, message))
    }
}

/// `ft_version` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_version() -> *const c_char {
    VERSION.as_ptr()
}

/// `ft_instruction_set` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_instruction_set() -> *const c_char {
    static NAME: OnceLock<Vec<u8>> = OnceLock::new();
    let name = NAME.get_or_init(|| {
        let name = ferrotran::config().instruction_set;
        [name.as_bytes(), b"\0"].concat()
    });
    name.as_ptr().cast()
}

/// `ft_status_message` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_status_message(status: c_int) -> *const c_char {
    failure::message(status).as_ptr()
}

/// `ft_status_converged` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_status_converged(status: c_int) -> c_int {
    c_int::from(matches!(
        status,
        ft::FT_OK
            | ft::FT_GTOL
            | ft::FT_FTOL
            | ft::FT_XTOL
            | ft::FT_XTOL_AND_FTOL
            | ft::FT_FTOL_TOO_SMALL
            | ft::FT_XTOL_TOO_SMALL
            | ft::FT_GTOL_TOO_SMALL
    ))
}

/// `ft_last_error_message` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_last_error_message() -> *const c_char {
    call::last_message()
}

/// `ft_report` of `ferrotran.h`.
///
/// # Safety
/// `message` is null or a string.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ft_report(status: c_int, message: *const c_char) -> c_int {
    let message = match message.is_null() {
        true => failure::message(status),
        // SAFETY: not null, and the caller's promise.
        false => unsafe { CStr::from_ptr(message) },
    };
    call::report(&message.to_string_lossy());
    status
}

/// `ft_last_callback_code` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_last_callback_code() -> c_int {
    call::last_code()
}

// The compiler accepts these only if the header declares the same types.
const _: () = {
    type Text = unsafe extern "C" fn() -> *const c_char;
    type Number = unsafe extern "C" fn() -> c_int;
    let _: [Text; 3] = [
        ft::ft_version,
        ft::ft_instruction_set,
        ft::ft_last_error_message,
    ];
    let _: [Number; 2] = [ft::ft_last_callback_code, ft::ft_get_num_threads];
    let _: unsafe extern "C" fn(c_int, *const c_char) -> c_int = ft::ft_report;
    let _: unsafe extern "C" fn(c_int) -> *const c_char = ft::ft_status_message;
    let _: unsafe extern "C" fn(c_int) -> c_int = ft::ft_status_converged;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_version_of_the_crate() {
        let header = [
            ft::FT_VERSION_MAJOR,
            ft::FT_VERSION_MINOR,
            ft::FT_VERSION_PATCH,
        ];
        let header = header.map(|part| part.to_string()).join(".");
        assert_eq!(header, env!("CARGO_PKG_VERSION"));
    }
}
