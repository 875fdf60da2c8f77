//! Why a call did not succeed.

use std::ffi::{CStr, c_int};

use ferrotran::Error;

use crate::header as ft;

include!(concat!(env!("OUT_DIR"), "/status.rs"));

/// A status other than `FT_OK`, in words, with what a callback returned.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: c_int,
    pub(crate) message: String,
    pub(crate) code: c_int,
}

/// The outcome of a call.
pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: c_int, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: 0,
        }
    }

    /// An argument is `found`, where `expected` is.
    pub(crate) fn argument(
        name: &str,
        found: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        let message = format!("`{name}` is {found}, expected {expected}");
        Self::new(ft::FT_INVALID_ARGUMENT, message)
    }

    /// A pointer is null.
    pub(crate) fn null(name: &str, expected: &str) -> Self {
        Self::argument(name, "null", expected).with(ft::FT_NULL_POINTER)
    }

    /// The failure in which an argument of the crate has the name that it has in the header.
    pub(crate) fn renamed(mut self, from: &str, to: &str) -> Self {
        self.message = self
            .message
            .replace(&format!("`{from}`"), &format!("`{to}`"));
        self
    }

    fn with(mut self, status: c_int) -> Self {
        self.status = status;
        self
    }
}

/// The outcome of a call whose result has this status.
pub(crate) fn outcome(status: c_int) -> Done {
    match status {
        ft::FT_OK => Ok(()),
        status => Err(Failure::new(status, message(status).to_string_lossy())),
    }
}

/// The outcome of a batch whose members have these statuses, one for which is a success if `good`
/// says so.
pub(crate) fn batch(
    statuses: impl ExactSizeIterator<Item = c_int>,
    good: impl Fn(c_int) -> bool,
) -> Done {
    let members = statuses.len();
    let mut failed = statuses.enumerate().filter(|(_, status)| !good(*status));
    let Some((first, status)) = failed.next() else {
        return Ok(());
    };
    let words = message(status).to_string_lossy();
    let count = failed.count() + 1;
    let text = format!("{count} of {members} members failed, the first is number {first}: {words}");
    Err(Failure::new(ft::FT_SOME_FAILED, text))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Length { .. } | Error::Shape { .. } | Error::Value { .. } => {
                ft::FT_INVALID_ARGUMENT
            }
            Error::Stopped => ft::FT_STOPPED,
            Error::Singular { .. } => ft::FT_SINGULAR,
            Error::Unstable { .. } => ft::FT_UNSTABLE,
            _ => ft::FT_INTERNAL,
        };
        Self::new(status, error.to_string())
    }
}

/// What ends a kernel from inside a callback: the number that it returned, or an error of the
/// crate.
#[derive(Debug)]
pub(crate) enum Halt {
    Code(c_int),
    Error(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Error(error) => error.into(),
            Halt::Code(code) => Self {
                status: ft::FT_STOPPED,
                message: format!("the callback returned {code}"),
                code,
            },
        }
    }
}
