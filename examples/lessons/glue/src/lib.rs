//! Rainflow counting in C and in Fortran, for Python.

use numpy::npyffi::NPY_ARRAY_ALIGNED;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[allow(unreachable_pub, reason = "bindgen writes `pub`")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/rainflow.rs"));
}

type Signal<'py> = PyReadonlyArray1<'py, f64>;
type Counts<'py> = PyResult<Bound<'py, PyArray1<f64>>>;

/// Hands `signal`, `counts` and memory to `kernel`; turns its status into an exception.
fn count<'py>(
    py: Python<'py>,
    signal: Signal<'py>,
    width: f64,
    bins: usize,
    kernel: impl Fn(&[f64], &mut [f64], &mut [i32]) -> i32 + Sync,
) -> Counts<'py> {
    if width.is_nan() || width <= 0.0 {
        let text = format!("`width` is {width}, expected a positive number");
        return Err(PyValueError::new_err(text));
    }
    // SAFETY: an array of NumPy, which the GIL protects.
    if unsafe { (*signal.as_array_ptr()).fields.flags } & NPY_ARRAY_ALIGNED == 0 {
        return Err(PyValueError::new_err("`signal` is not aligned"));
    }
    let signal = signal.as_array();
    let (counts, status) = py.detach(|| {
        let signal = signal.as_standard_layout(); // a copy, if it is not contiguous
        let signal = signal.as_slice().expect("in standard layout now");
        let (mut counts, mut work) = (vec![0.0; bins], vec![0; signal.len()]);
        let status = kernel(signal, &mut counts, &mut work);
        (counts, status)
    });
    match status {
        0 => Ok(counts.into_pyarray(py)),
        1 => Err(PyValueError::new_err(
            "`signal` has a value that is not finite, or above 1e9 times `width`",
        )),
        _ => Err(PyValueError::new_err(format!(
            "`bins` is {bins}, too few for the largest range"
        ))),
    }
}

/// Return the cycles of `signal` by range, counted in C.
#[pyfunction]
fn rainflow_c<'py>(py: Python<'py>, signal: Signal<'py>, width: f64, bins: usize) -> Counts<'py> {
    count(py, signal, width, bins, |signal, counts, work| {
        let (n, bins) = (signal.len() as isize, counts.len() as isize);
        let (counts, work) = (counts.as_mut_ptr(), work.as_mut_ptr());
        // SAFETY: the lengths are those of the slices, and `work` is as long as `signal`.
        unsafe { ffi::rainflow_c(n, signal.as_ptr(), width, bins, counts, work) }
    })
}

/// Return the cycles of `signal` by range, counted in Fortran.
#[pyfunction]
fn rainflow_f<'py>(py: Python<'py>, signal: Signal<'py>, width: f64, bins: usize) -> Counts<'py> {
    count(py, signal, width, bins, |signal, counts, work| {
        let (n, bins) = (signal.len() as isize, counts.len() as isize);
        let (counts, work) = (counts.as_mut_ptr(), work.as_mut_ptr());
        let mut status = 0;
        // SAFETY: as above; `status` is one integer.
        unsafe { ffi::rainflow_f(n, signal.as_ptr(), width, bins, counts, work, &mut status) };
        status
    })
}

/// The module that Python imports.
#[pymodule]
mod rainflow_pyo3 {
    #[pymodule_export]
    use super::{rainflow_c, rainflow_f};
}
