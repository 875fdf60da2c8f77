//! True NumPy ufuncs and gufuncs made of Rust functions over slices and arrays.
//!
//! [`Unary`] describes an elementwise function of one argument, [`Gufunc`] a function over
//! core dimensions that gets a whole batch at once. [`Public`] registers either, in one line:
//!
//! ```ignore
//! public.unary(&Unary {
//!     name: c"erfc",
//!     doc: c"Complementary error function.\n...",
//!     f64: special::erfc_slice::<f64>,
//!     f32: special::erfc_slice::<f32>,
//!     pole: |_| false,
//!     zero: |x| x == f64::INFINITY,
//!     cost: 2.0,
//! })?;
//! ```

mod batch;
mod gufunc;
mod unary;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use numpy::npyffi::{NPY_TYPES, PY_ARRAY_API, PY_UFUNC_API, PyUFuncGenericFunction};
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

pub(crate) use batch::Batch;
pub(crate) use gufunc::Gufunc;
pub(crate) use unary::Unary;

use crate::public::Public;
use gufunc::Prepared;

/// The C API of NumPy 2.1, the first with a check of core dimensions.
const NUMPY_2_1: u32 = 0x13;
/// `PyUFunc_None`: a reduction has no identity.
const NO_IDENTITY: c_int = -1;

/// A docstring of literals, one after another.
macro_rules! docstring {
    ($($part:expr),* $(,)?) => {
        match std::ffi::CStr::from_bytes_with_nul(concat!($($part,)* "\0").as_bytes()) {
            Ok(text) => text,
            Err(_) => panic!("a docstring holds a NUL"),
        }
    };
}
pub(crate) use docstring;

/// An element type of the loops.
pub(crate) trait Lane: num_traits::Float + Send + Sync + 'static {
    /// NumPy's number of the type.
    const TYPE: NPY_TYPES;
}

impl Lane for f32 {
    const TYPE: NPY_TYPES = NPY_TYPES::NPY_FLOAT;
}

impl Lane for f64 {
    const TYPE: NPY_TYPES = NPY_TYPES::NPY_DOUBLE;
}

impl Public<'_, '_> {
    /// Adds an elementwise function of one argument.
    pub(crate) fn unary(&self, spec: &'static Unary) -> PyResult<()> {
        let data = ptr::from_ref(spec).cast_mut().cast();
        let loops = [unary::inner_loop::<f32> as Loop, unary::inner_loop::<f64>];
        self.ufunc(spec.name, spec.doc, None, loops, data, 1, 1)?;
        Ok(())
    }

    /// Adds a function over core dimensions.
    pub(crate) fn gufunc(&self, spec: &'static Gufunc) -> PyResult<()> {
        let prepared = Box::leak(Box::new(Prepared::new(spec)));
        let (nin, nout) = (prepared.nin, prepared.nout);
        let data = ptr::from_mut(prepared).cast();
        let loops = [gufunc::inner_loop::<f32> as Loop, gufunc::inner_loop::<f64>];
        let signature = Some(spec.signature);
        let ufunc = self.ufunc(spec.name, spec.doc, signature, loops, data, nin, nout)?;
        gufunc::check_core_dims(&ufunc)
    }

    /// Makes a ufunc with one loop over `f32` and one over `f64`, in this order: NumPy takes the
    /// first that all operands can be cast to safely.
    #[allow(clippy::too_many_arguments)]
    fn ufunc(
        &self,
        name: &'static CStr,
        doc: &'static CStr,
        signature: Option<&'static CStr>,
        loops: [Loop; 2],
        data: *mut c_void,
        nin: usize,
        nout: usize,
    ) -> PyResult<Bound<'_, PyAny>> {
        let py = self.py();
        // SAFETY: the GIL is held, by `py`.
        if unsafe { PY_ARRAY_API.PyArray_GetNDArrayCFeatureVersion(py) } < NUMPY_2_1 {
            return Err(PyImportError::new_err("ferrotran needs NumPy 2.1 or newer"));
        }
        // NumPy keeps pointers into these for the life of the ufunc, which is that of the process.
        let functions = Box::leak(Box::new(loops.map(|f| Some(f) as PyUFuncGenericFunction)));
        let data = Box::leak(Box::new([data; 2]));
        let types: Vec<c_char> = [f32::TYPE, f64::TYPE]
            .iter()
            .flat_map(|&t| vec![t as c_char; nin + nout])
            .collect();
        let types = Box::leak(types.into_boxed_slice());
        // SAFETY: `functions`, `data` and `types` hold 2, 2 and 2 * (nin + nout) items and live
        // as long as the process, and so do the strings; the loops expect this `data`.
        let ufunc = unsafe {
            let ufunc = PY_UFUNC_API.PyUFunc_FromFuncAndDataAndSignature(
                py,
                functions.as_mut_ptr(),
                data.as_mut_ptr(),
                types.as_mut_ptr(),
                2,
                nin as c_int,
                nout as c_int,
                NO_IDENTITY,
                name.as_ptr(),
                doc.as_ptr(),
                0,
                signature.map_or(ptr::null(), CStr::as_ptr),
            );
            Bound::from_owned_ptr_or_err(py, ufunc)?
        };
        self.add(&name.to_string_lossy(), &ufunc)?;
        Ok(ufunc)
    }
}

/// An inner loop as NumPy calls it: operand pointers, sizes, strides in bytes, the spec.
type Loop = unsafe extern "C" fn(*mut *mut c_char, *mut isize, *mut isize, *mut c_void);
