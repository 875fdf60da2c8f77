//! Callbacks of the kernels: what ends one early is kept until the kernel has returned.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What made a callback stop its kernel.
pub(crate) enum Stop<E> {
    /// It returned an error.
    Error(E),
    /// It panicked.
    Panic(Box<dyn Any + Send>),
}

impl<E> Stop<E> {
    /// Calls `f`; neither an error nor a panic goes further.
    pub(crate) fn catch(f: impl FnOnce() -> Result<(), E>) -> Result<(), Self> {
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(result) => result.map_err(Self::Error),
            Err(panic) => Err(Self::Panic(panic)),
        }
    }

    /// The error; a panic goes on from here.
    pub(crate) fn resume(self) -> E {
        match self {
            Self::Error(error) => error,
            Self::Panic(panic) => resume_unwind(panic),
        }
    }
}
