//! What the build is and how many threads it uses.

use std::ffi::CString;

use pyo3::exceptions::{PyRuntimeWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::pool;
use crate::public::Public;

/// Adds the functions of the front page.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    if let Err(value) = pool::default_threads() {
        let text = format!(
            "FERROTRAN_NUM_THREADS is `{value}`, expected 1 to {}",
            pool::MOST_THREADS
        );
        let category = module.py().get_type::<PyRuntimeWarning>();
        PyErr::warn(module.py(), &category, &CString::new(text)?, 1)?;
    }
    let public = Public::new(module, "ferrotran");
    public.function(wrap_pyfunction!(get_num_threads, module)?)?;
    public.function(wrap_pyfunction!(set_num_threads, module)?)?;
    module.add_function(wrap_pyfunction!(_config, module)?)?;
    module.add_function(wrap_pyfunction!(_set_threads_here, module)?)?;
    module.add_function(wrap_pyfunction!(_restore_threads_here, module)?)?;
    module.add("__version__", ferrotran::config().version)
}

/// Return what the build is: see `ferrotran.show_config`.
#[pyfunction]
fn _config(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let config = ferrotran::config();
    let dict = PyDict::new(py);
    dict.set_item("version", config.version)?;
    dict.set_item("c_compiler", config.c_compiler)?;
    dict.set_item("c_flags", config.c_flags)?;
    dict.set_item("fortran_compiler", config.fortran_compiler)?;
    dict.set_item("fortran_flags", config.fortran_flags)?;
    dict.set_item("instruction_sets", config.instruction_sets)?;
    dict.set_item("instruction_set", config.instruction_set)?;
    Ok(dict)
}

/// Return the number of threads that a call from this thread may use.
///
/// Returns
/// -------
/// int
///     The number set by `threads` in this thread, else by `set_num_threads`, else by the
///     environment variable ``FERROTRAN_NUM_THREADS``, else the number of cores that the
///     process may run on.
///
/// Examples
/// --------
/// >>> import ferrotran as ft
/// >>> with ft.threads(2):
/// ...     ft.get_num_threads()
/// 2
#[pyfunction]
fn get_num_threads() -> usize {
    pool::threads()
}

/// Set the number of threads of the whole process.
///
/// Results do not depend on it, to the last bit. Calls already running keep their threads.
///
/// Parameters
/// ----------
/// n : int
///     1 to 1024.
///
/// Raises
/// ------
/// ValueError
///     If `n` is not in that range.
///
/// See Also
/// --------
/// threads : The same for one block of code in one thread.
///
/// Examples
/// --------
/// >>> import ferrotran as ft
/// >>> before = ft.get_num_threads()
/// >>> ft.set_num_threads(3)
/// >>> ft.get_num_threads()
/// 3
/// >>> ft.set_num_threads(before)
#[pyfunction]
#[pyo3(signature = (n, /))]
fn set_num_threads(n: isize) -> PyResult<()> {
    pool::set_threads(checked(n)?);
    Ok(())
}

/// Set the number of threads for calls from this thread; return the number before, or `None`
/// for that of the process.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn _set_threads_here(n: isize) -> PyResult<Option<usize>> {
    Ok(pool::replace_threads_here(Some(checked(n)?)))
}

/// Give back to this thread what `_set_threads_here` returned.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn _restore_threads_here(n: Option<usize>) {
    pool::replace_threads_here(n);
}

fn checked(n: isize) -> PyResult<usize> {
    match usize::try_from(n) {
        Ok(n) if (1..=pool::MOST_THREADS).contains(&n) => Ok(n),
        _ => Err(PyValueError::new_err(format!(
            "`n` is {n}, expected 1 to {}",
            pool::MOST_THREADS
        ))),
    }
}
