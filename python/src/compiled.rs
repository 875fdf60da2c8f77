//! C functions as Python hands them over: `scipy.LowLevelCallable`, numba `cfunc`, ctypes
//! function, `PyCapsule` named by its signature.
//!
//! | who | asks |
//! |---|---|
//! | what is it? | [`CFunction::find`]; `None` is a Python callable |
//! | which of my signatures is it? | [`CFunction::signature`], in the form of [`normal`] |
//! | none of them | [`CFunction::refused`] |

use std::ffi::{CStr, c_long};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyCapsule, PyTuple};

/// A C function. The object that it came from must outlive it.
#[derive(Clone, Debug)]
pub(crate) struct CFunction {
    /// Its address.
    pub(crate) address: usize,
    /// The user data of a LowLevelCallable, else 0.
    pub(crate) user_data: usize,
    /// As it was found.
    found: String,
    /// Whether it comes from ctypes; a capsule's signature is a string of the user's.
    pub(crate) typed: bool,
}

impl CFunction {
    /// Finds out whether `func`, the argument of that name, is a compiled function; `None` for
    /// a Python callable.
    ///
    /// # Errors
    /// `TypeError` for what cannot be called, and for a ctypes function without types.
    pub(crate) fn find(func: &Bound<'_, PyAny>, argument: &str) -> PyResult<Option<Self>> {
        if let Some(tuple) = func.cast::<PyTuple>().ok().filter(|tuple| tuple.len() == 3) {
            // A scipy.LowLevelCallable is a tuple whose first member is a capsule, named by the
            // signature, with the user data as its context.
            if let Ok(capsule) = tuple.get_borrowed_item(0)?.cast::<PyCapsule>() {
                return Self::from_capsule(&capsule).map(Some);
            }
        }
        // Early, because a Python function has none of the attributes asked for below.
        let py = func.py();
        if func.get_type().is(functions(py)?) || func.is_exact_instance_of::<PyCFunction>() {
            return Ok(None);
        }
        if let Ok(capsule) = func.cast::<PyCapsule>() {
            return Self::from_capsule(capsule).map(Some);
        }
        if let Some(found) = Self::from_ctypes(func, argument)? {
            return Ok(Some(found));
        }
        // A numba cfunc has its address and itself as a ctypes function.
        if let Ok(inner) = func.getattr("ctypes")
            && func.hasattr("address")?
            && let Some(found) = Self::from_ctypes(&inner, argument)?
        {
            return Ok(Some(found));
        }
        if func.is_callable() {
            return Ok(None);
        }
        Err(PyTypeError::new_err(format!(
            "`{argument}` is {}, expected a callable, a scipy.LowLevelCallable, a numba cfunc, a \
             ctypes function or a PyCapsule",
            func.get_type().name()?
        )))
    }

    /// The C signature in the form of [`normal`].
    pub(crate) fn signature(&self) -> String {
        normal(&self.found)
    }

    /// The error for a signature that is none of those `accepted`, a list in words.
    pub(crate) fn refused(&self, argument: &str, accepted: &str) -> PyErr {
        let found = &self.found;
        if self.typed {
            let text = format!("`{argument}` has the signature {found}, expected {accepted}");
            return PyTypeError::new_err(text);
        }
        let text = format!("`{argument}` has the signature \"{found}\", expected {accepted}");
        PyValueError::new_err(text)
    }

    /// Reads a capsule whose name is the signature.
    fn from_capsule(capsule: &Bound<'_, PyCapsule>) -> PyResult<Self> {
        let object = capsule.as_ptr();
        // SAFETY: `object` is a capsule; the pointer is asked for by the capsule's own name,
        // which lives as long as the capsule does.
        let (name, address, user_data) = unsafe {
            let name = ffi::PyCapsule_GetName(object);
            let address = ffi::PyCapsule_GetPointer(object, name);
            (name, address, ffi::PyCapsule_GetContext(object))
        };
        if let Some(error) = PyErr::take(capsule.py()) {
            return Err(error);
        }
        // SAFETY: not null, and a C string by the capsule's contract.
        let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy());
        Ok(Self {
            address: address as usize,
            user_data: user_data as usize,
            found: name.unwrap_or_default().into_owned(),
            typed: false,
        })
    }

    /// Reads a ctypes function; `None` for any other object.
    fn from_ctypes(func: &Bound<'_, PyAny>, argument: &str) -> PyResult<Option<Self>> {
        static MODULE: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
        let py = func.py();
        let (kind, address_of) = MODULE.get_or_try_init(py, || {
            let module = py.import("_ctypes")?;
            let kind = module.getattr("CFuncPtr")?.unbind();
            Ok::<_, PyErr>((kind, module.getattr("addressof")?.unbind()))
        })?;
        if !func.is_instance(kind.bind(py))? {
            return Ok(None);
        }
        let types = func.getattr("argtypes")?;
        if types.is_none() {
            return Err(PyTypeError::new_err(format!(
                "`{argument}` is a ctypes function without types: set its `argtypes` and `restype`"
            )));
        }
        let mut found = type_name(&func.getattr("restype")?)? + "(";
        for (i, kind) in types.try_iter()?.enumerate() {
            found += if i > 0 { "," } else { "" };
            found += &type_name(&kind?)?;
        }
        found += ")";
        let cell: usize = address_of.bind(py).call1((func,))?.extract()?;
        // SAFETY: ctypes keeps the address of the function in the cell of the function object.
        let address = unsafe { *(cell as *const usize) };
        if address == 0 {
            return Err(PyValueError::new_err(format!(
                "`{argument}` is a null pointer"
            )));
        }
        Ok(Some(Self {
            address,
            user_data: 0,
            found,
            typed: true,
        }))
    }
}

/// A C signature without `const` and spaces; `ptrdiff_t` stands for all its names:
/// `int(void*,ptrdiff_t,double*)`.
pub(crate) fn normal(signature: &str) -> String {
    let bare: String = signature
        .replace("const", "")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let Some((result, arguments)) = bare.split_once('(') else {
        return bare;
    };
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    let arguments: Vec<_> = arguments
        .split(',')
        .map(|name| if is_index(name) { "ptrdiff_t" } else { name })
        .collect();
    format!("{result}({})", arguments.join(","))
}

/// Tells whether a C type is `ptrdiff_t` under one of its names.
fn is_index(name: &str) -> bool {
    match name {
        "ptrdiff_t" | "ssize_t" | "Py_ssize_t" | "npy_intp" | "intptr_t" => true,
        "long" => size_of::<c_long>() == size_of::<isize>(),
        "longlong" | "int64_t" => size_of::<i64>() == size_of::<isize>(),
        _ => false,
    }
}

/// The type of Python functions.
fn functions(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let find = || Ok::<_, PyErr>(py.import("types")?.getattr("FunctionType")?.unbind());
    Ok(TYPE.get_or_try_init(py, find)?.bind(py))
}

/// The C name of a ctypes type.
fn type_name(kind: &Bound<'_, PyAny>) -> PyResult<String> {
    if kind.is_none() {
        return Ok("void".to_owned());
    }
    let name: String = kind.getattr("__name__")?.extract()?;
    let (mut bare, mut stars) = (name.as_str(), String::new());
    while let Some(inner) = bare.strip_prefix("LP_") {
        bare = inner;
        stars.push('*');
    }
    bare = bare.strip_prefix("c_").unwrap_or(bare);
    if bare == "void_p" {
        bare = "void*";
    }
    Ok(format!("{bare}{stars}"))
}
