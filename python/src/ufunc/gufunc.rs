//! Functions over core dimensions: one call gets a whole batch.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use numpy::npyffi::PyUFuncObject;
use pyo3::exceptions::{PyImportError, PyValueError};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

use super::{Batch, Lane};
use crate::fpstatus::{self, Flags};

/// A function over core dimensions.
pub(crate) struct Gufunc {
    /// Name in Python; also the attribute's name, without which pickling fails.
    pub(crate) name: &'static CStr,
    /// Core dimensions as NumPy writes them: `(m),(n),(m),(n)->(n)`.
    pub(crate) signature: &'static CStr,
    /// The docstring below the signature, which NumPy writes itself.
    pub(crate) doc: &'static CStr,
    /// Computes all items of a batch. An item that fails is NaN in its place and adds
    /// [`Flags::INVALID`] to what is returned.
    pub(crate) f64: fn(&mut Batch<'_, f64>) -> Flags,
    /// The same in single precision.
    pub(crate) f32: fn(&mut Batch<'_, f32>) -> Flags,
    /// Checks the core dimensions, in the order in which their names first occur in the
    /// signature, and fills in those that only outputs have (-1 on entry). The message of an
    /// error names the argument; it becomes a `ValueError`.
    pub(crate) core_dims: fn(&mut [isize]) -> Result<(), String>,
}

/// A [`Gufunc`] with its signature read: what the loops get.
pub(super) struct Prepared {
    spec: &'static Gufunc,
    pub(super) nin: usize,
    pub(super) nout: usize,
    /// The core dimensions of each operand, as places among the distinct ones.
    pub(super) dims: Vec<Vec<usize>>,
    pub(super) distinct: usize,
}

impl Prepared {
    pub(super) fn new(spec: &'static Gufunc) -> Self {
        let text = spec.signature.to_bytes();
        let operands = |text: &[u8]| text.iter().filter(|&&c| c == b'(').count();
        let arrow = text.windows(2).position(|pair| pair == b"->");
        let nin = operands(&text[..arrow.expect("every signature has an arrow")]);
        let mut distinct: Vec<&[u8]> = Vec::new();
        let mut dims = Vec::new();
        for operand in text.split(|&c| c == b'(').skip(1) {
            let end = operand.iter().position(|&c| c == b')');
            let names = operand[..end.expect("every bracket is closed")].split(|&c| c == b',');
            let mut places = Vec::new();
            for name in names
                .map(<[u8]>::trim_ascii)
                .filter(|name| !name.is_empty())
            {
                let place = distinct.iter().position(|&other| other == name);
                places.push(place.unwrap_or_else(|| {
                    distinct.push(name);
                    distinct.len() - 1
                }));
            }
            dims.push(places);
        }
        let (nout, distinct) = (dims.len() - nin, distinct.len());
        Self {
            spec,
            nin,
            nout,
            dims,
            distinct,
        }
    }
}

/// Chooses the function for an element type.
pub(super) trait GufuncLane: Lane {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags;
}

impl GufuncLane for f32 {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags {
        spec.f32
    }
}

impl GufuncLane for f64 {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags {
        spec.f64
    }
}

/// The inner loop of a [`Gufunc`].
///
/// # Safety
/// As NumPy calls a loop of that signature; all operands are aligned elements of `T`, and
/// `data` is the `&'static Prepared`.
pub(super) unsafe extern "C" fn inner_loop<T: GufuncLane>(
    args: *mut *mut c_char,
    dimensions: *mut isize,
    steps: *mut isize,
    data: *mut c_void,
) {
    // SAFETY: by this function's contract.
    let gufunc = unsafe { &*data.cast::<Prepared>() };
    fpstatus::isolate(|| {
        let work = || {
            // SAFETY: by this function's contract.
            let mut batch = unsafe { Batch::<T>::new(gufunc, args, dimensions, steps) };
            T::function(gufunc.spec)(&mut batch)
        };
        // A panic must not unwind into NumPy: the results are not to be trusted then.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            // SAFETY: as above; the batch of `work` is gone.
            unsafe { Batch::<T>::new(gufunc, args, dimensions, steps) }.spoil()
        })
    });
}

/// `PyUFuncObject` as NumPy 2.1 has it; the fields behind `base` are newer than the `numpy` crate's.
#[repr(C)]
struct UFuncObject {
    base: PyUFuncObject,
    core_dim_sizes: *mut isize,
    core_dim_flags: *mut u32,
    identity_value: *mut PyObject,
    dispatch_cache: *mut c_void,
    loops: *mut PyObject,
    process_core_dims: Option<unsafe extern "C" fn(*mut PyUFuncObject, *mut isize) -> c_int>,
}

/// Lets NumPy call the spec's `core_dims` before every loop.
pub(super) fn check_core_dims(ufunc: &Bound<'_, PyAny>) -> PyResult<()> {
    let object = ufunc.as_ptr().cast::<UFuncObject>();
    // SAFETY: a ufunc, and NumPy is at least 2.1 (checked when it was made), so the fields are
    // there; the GIL is held, and nobody else has the ufunc yet.
    unsafe {
        if (*object).process_core_dims.is_some() {
            return Err(PyImportError::new_err(
                "the layout of NumPy's ufuncs has changed",
            ));
        }
        (*object).process_core_dims = Some(process_core_dims);
    }
    Ok(())
}

/// # Safety
/// NumPy calls it with a ufunc made of a `&'static Prepared` and its core dimensions.
unsafe extern "C" fn process_core_dims(ufunc: *mut PyUFuncObject, sizes: *mut isize) -> c_int {
    // SAFETY: `data` was filled with the prepared spec when the ufunc was made; NumPy holds the GIL.
    let (spec, sizes, py) = unsafe {
        let fields = &(*ufunc).fields;
        let spec = (*(*fields.data).cast::<Prepared>()).spec;
        let sizes = slice::from_raw_parts_mut(sizes, fields.core_num_dim_ix as usize);
        (spec, sizes, Python::assume_attached())
    };
    let checked = catch_unwind(AssertUnwindSafe(|| (spec.core_dims)(sizes)));
    match checked.unwrap_or_else(|_| Err("the check of the core dimensions failed".into())) {
        Ok(()) => 0,
        Err(message) => {
            let name = spec.name.to_string_lossy();
            PyValueError::new_err(format!("{name}: {message}")).restore(py);
            -1
        }
    }
}
