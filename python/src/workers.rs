//! The argument `workers` of functions that are no ufuncs.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::pool::{self, MOST_THREADS};

/// The number of threads for one call from this thread; the old one comes back when it is
/// dropped.
pub(crate) struct Workers {
    before: Option<usize>,
}

impl Workers {
    /// Sets what the argument says: `None` for no change, -1 for one on each core.
    ///
    /// # Errors
    /// `ValueError` for a number out of range.
    pub(crate) fn set(workers: Option<isize>) -> PyResult<Option<Self>> {
        let Some(workers) = workers else {
            return Ok(None);
        };
        let threads = match usize::try_from(workers) {
            Ok(n) if (1..=MOST_THREADS).contains(&n) => n,
            Err(_) if workers == -1 => pool::available(),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "`workers` is {workers}, expected 1 to {MOST_THREADS}, or -1 for one on each core"
                )));
            }
        };
        let before = pool::replace_threads_here(Some(threads));
        Ok(Some(Self { before }))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        pool::replace_threads_here(self.before);
    }
}
