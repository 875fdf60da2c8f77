use std::ffi::CStr;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyCapsule, PyFloat, PyTuple};

use super::native::{ACCEPTED, Native, Signature};
use super::{Failure, members};
use crate::call;

/// What can be integrated.
pub(super) enum Integrand<'py> {
    /// A Python callable and its further arguments.
    Callable(Callable<'py>),
    /// A compiled function.
    Native(Native),
}

/// A Python callable and its further arguments.
pub(super) struct Callable<'py> {
    func: Bound<'py, PyAny>,
    args: Vec<Bound<'py, PyAny>>,
}

impl<'py> Integrand<'py> {
    /// Finds out what `func` is.
    pub(super) fn new(func: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Some(tuple) = func.cast::<PyTuple>().ok().filter(|tuple| tuple.len() == 3) {
            // A scipy.LowLevelCallable is a tuple whose first member is a capsule, named by the
            // signature, with the user data as its context.
            if let Ok(capsule) = tuple.get_borrowed_item(0)?.cast::<PyCapsule>() {
                return from_capsule(&capsule);
            }
        }
        // Early, because a Python function has none of the attributes asked for below.
        let py = func.py();
        if func.get_type().is(functions(py)?) || func.is_exact_instance_of::<PyCFunction>() {
            return Ok(Self::callable(func));
        }
        if let Ok(capsule) = func.cast::<PyCapsule>() {
            return from_capsule(capsule);
        }
        if let Some(native) = from_ctypes(func)? {
            return Ok(native);
        }
        // A numba cfunc has its address and itself as a ctypes function.
        if let Ok(inner) = func.getattr("ctypes")
            && func.hasattr("address")?
            && let Some(native) = from_ctypes(&inner)?
        {
            return Ok(native);
        }
        if func.is_callable() {
            return Ok(Self::callable(func));
        }
        Err(PyTypeError::new_err(format!(
            "`func` is {}, expected a callable, a scipy.LowLevelCallable, a numba cfunc, a ctypes \
             function or a PyCapsule",
            func.get_type().name()?
        )))
    }

    fn callable(func: &Bound<'py, PyAny>) -> Self {
        Self::Callable(Callable {
            func: func.clone(),
            args: Vec::new(),
        })
    }
}

impl<'py> Callable<'py> {
    /// Sets the arguments that follow x.
    pub(super) fn with(mut self, args: Option<&Bound<'py, PyAny>>) -> Self {
        self.args = members(args);
        self
    }

    /// Sets the arguments that follow x to numbers.
    pub(super) fn set(&mut self, args: impl Iterator<Item = f64>) {
        let py = self.func.py();
        self.args.clear();
        self.args
            .extend(args.map(|arg| PyFloat::new(py, arg).into_any()));
    }

    /// Puts the values at `x` into `y`; of a complex value the part that is named.
    pub(super) fn evaluate(
        &self,
        x: &[f64],
        y: &mut [f64],
        part: Option<&str>,
    ) -> Result<(), Failure> {
        let py = self.func.py();
        for (x, y) in x.iter().zip(y) {
            let node = PyFloat::new(py, *x);
            let mut value = call::call(&self.func, &node, &self.args)?;
            if let Some(part) = part {
                value = value.getattr(part)?;
            }
            *y = call::float(&value).map_err(|error| self.not_a_number(&value, error))?;
        }
        Ok(())
    }

    /// The error for a value that is no number.
    fn not_a_number(&self, value: &Bound<'py, PyAny>, error: PyErr) -> PyErr {
        let py = self.func.py();
        if !error.is_instance_of::<PyTypeError>(py) {
            return error;
        }
        let kind = value.get_type();
        let kind = kind
            .name()
            .map_or_else(|_| "?".to_owned(), |name| name.to_string());
        let hint = if kind.starts_with("complex") {
            "; see `complex_func`"
        } else {
            ""
        };
        let new = PyTypeError::new_err(format!("`func` returned {kind}, expected a float{hint}"));
        new.set_cause(py, Some(error));
        new
    }
}

/// The type of Python functions.
fn functions(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let find = || Ok::<_, PyErr>(py.import("types")?.getattr("FunctionType")?.unbind());
    Ok(TYPE.get_or_try_init(py, find)?.bind(py))
}

/// Reads a capsule whose name is the signature.
fn from_capsule<'py>(capsule: &Bound<'py, PyCapsule>) -> PyResult<Integrand<'py>> {
    let object = capsule.as_ptr();
    // SAFETY: `object` is a capsule; the pointer is asked for by the capsule's own name, which
    // lives as long as the capsule does.
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
    let name = name.unwrap_or_default();
    let Some(signature) = Signature::parse(&name) else {
        return Err(PyValueError::new_err(format!(
            "`func` has the signature \"{name}\", expected {ACCEPTED}"
        )));
    };
    Ok(Integrand::Native(Native {
        address: address as usize,
        signature,
        user_data: user_data as usize,
    }))
}

/// Reads a ctypes function; `None` for any other object.
fn from_ctypes<'py>(func: &Bound<'py, PyAny>) -> PyResult<Option<Integrand<'py>>> {
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
        return Err(PyTypeError::new_err(
            "`func` is a ctypes function without types: set its `argtypes` and `restype`",
        ));
    }
    let mut text = type_name(&func.getattr("restype")?)? + "(";
    for (i, kind) in types.try_iter()?.enumerate() {
        text += if i > 0 { "," } else { "" };
        text += &type_name(&kind?)?;
    }
    text += ")";
    // What SciPy asks for where the C function is double (int, double *).
    if text == "double(int,double)" {
        text = "double(int,double*)".to_owned();
    }
    let Some(signature) = Signature::parse(&text) else {
        return Err(PyTypeError::new_err(format!(
            "`func` has the signature {text}, expected {ACCEPTED}"
        )));
    };
    let cell: usize = address_of.bind(py).call1((func,))?.extract()?;
    // SAFETY: ctypes keeps the address of the function in the cell of the function object.
    let address = unsafe { *(cell as *const usize) };
    Ok(Some(Integrand::Native(Native {
        address,
        signature,
        user_data: 0,
    })))
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
