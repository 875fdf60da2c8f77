//! Makes ufuncs of inner loops over `f64`.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use numpy::npyffi::{NPY_TYPES, PY_ARRAY_API, PY_UFUNC_API, PyUFuncGenericFunction, PyUFuncObject};
use pyo3::exceptions::PyImportError;
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// The C API of NumPy 2.1, the first with a check of core dimensions.
const NUMPY_2_1: u32 = 0x13;
/// `PyUFunc_None`: a reduction has no identity.
const NO_IDENTITY: c_int = -1;

/// An inner loop as NumPy calls it: operands, sizes, strides in bytes, nothing.
pub type Loop = unsafe extern "C" fn(*mut *mut c_char, *mut isize, *mut isize, *mut c_void);
/// A check of core dimensions: 0, or -1 and an exception.
pub type CoreDims = unsafe extern "C" fn(*mut PyUFuncObject, *mut isize) -> c_int;

/// A ufunc with one output.
pub struct Spec {
    pub name: &'static CStr,
    pub doc: &'static CStr,
    /// Core dimensions, if it has some.
    pub signature: Option<&'static CStr>,
    pub inner_loop: Loop,
    pub nin: usize,
}

pub fn new<'py>(py: Python<'py>, spec: &Spec) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the GIL is held, by `py`.
    if unsafe { PY_ARRAY_API.PyArray_GetNDArrayCFeatureVersion(py) } < NUMPY_2_1 {
        return Err(PyImportError::new_err("this needs NumPy 2.1 or newer"));
    }
    // NumPy keeps pointers into these for the life of the ufunc, which is that of the process.
    let functions = Box::leak(Box::new([Some(spec.inner_loop) as PyUFuncGenericFunction]));
    let data = Box::leak(Box::new([ptr::null_mut()]));
    let types = vec![NPY_TYPES::NPY_DOUBLE as c_char; spec.nin + 1].leak();
    // SAFETY: `functions`, `data` and `types` hold 1, 1 and nin + 1 items and live as long as the
    // process, and so do the strings; the GIL is held.
    unsafe {
        let ufunc = PY_UFUNC_API.PyUFunc_FromFuncAndDataAndSignature(
            py,
            functions.as_mut_ptr(),
            data.as_mut_ptr(),
            types.as_mut_ptr(),
            1,
            spec.nin as c_int,
            1,
            NO_IDENTITY,
            spec.name.as_ptr(),
            spec.doc.as_ptr(),
            0,
            spec.signature.map_or(ptr::null(), CStr::as_ptr),
        );
        Bound::from_owned_ptr_or_err(py, ufunc)
    }
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
    process_core_dims: Option<CoreDims>,
}

/// Lets NumPy call `check` before every loop of a new gufunc.
pub fn check_core_dims(ufunc: &Bound<'_, PyAny>, check: CoreDims) -> PyResult<()> {
    let object = ufunc.as_ptr().cast::<UFuncObject>();
    // SAFETY: `new` made it with NumPy 2.1 at least, so the fields are there, and nobody else has it.
    unsafe {
        if (*object).process_core_dims.is_some() {
            let text = "the layout of NumPy's ufuncs has changed";
            return Err(PyImportError::new_err(text));
        }
        (*object).process_core_dims = Some(check);
    }
    Ok(())
}
