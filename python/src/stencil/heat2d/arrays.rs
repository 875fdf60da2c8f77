//! The arrays of a call: types, shapes, overlap.

use ferrotran::Real;
use ndarray::ArrayViewMut2;
use numpy::{
    Element, PyArray2, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray2, PyReadwriteArray2,
    PyUntypedArray, PyUntypedArrayMethods, dtype,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;

/// The type of the grid.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    F64,
    F32,
}

/// One number, or one for each cell.
pub(super) enum Grid<'py> {
    Number(f64),
    Array(Bound<'py, PyUntypedArray>),
}

/// The arrays as the kernels can use them.
pub(super) struct Grids<'py> {
    pub(super) kind: Kind,
    /// The start, or `None` if it is in `to`.
    pub(super) from: Option<Bound<'py, PyUntypedArray>>,
    pub(super) diffusivity: Grid<'py>,
    /// Where the result goes.
    pub(super) to: Bound<'py, PyUntypedArray>,
    /// Where it is copied to in the end.
    copy_to: Option<Bound<'py, PyUntypedArray>>,
}

impl<'py> Grids<'py> {
    /// Checks the arguments, and copies what the kernels cannot use where it is.
    pub(super) fn new(
        u: &Bound<'py, PyAny>,
        diffusivity: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let given = array(u)?;
        let u = floating(&given, "u", None)?;
        let kind = if dtype::<f32>(u.py()).is_equiv_to(&u.dtype()) {
            Kind::F32
        } else {
            Kind::F64
        };
        if u.ndim() != 2 {
            let found = u.ndim();
            let message = format!("`u` has {found} dimensions, expected 2");
            return Err(PyValueError::new_err(message));
        }
        let mut diffusivity = number_or_array(diffusivity, &u)?;
        let Some(out) = out else {
            let to = u.py().import(intern!(u.py(), "numpy"))?;
            let to = to.call_method1(intern!(u.py(), "empty_like"), (&u,))?;
            return Ok(Self {
                kind,
                from: Some(u),
                diffusivity,
                to: array(&to)?,
                copy_to: None,
            });
        };
        let out = checked_out(out, &u)?;
        let same = u.as_ptr() == out.as_ptr() || at_one_place(&u, &out)?;
        let (to, copy_to) = if usable(&out)? {
            (out.clone(), None)
        } else {
            (copied(&out)?, Some(out.clone()))
        };
        let from = if same && copy_to.is_none() {
            None
        } else if overlap(&u, &to)? {
            Some(copied(&u)?)
        } else {
            Some(u)
        };
        if let Grid::Array(cells) = &diffusivity
            && overlap(cells, &to)?
        {
            diffusivity = Grid::Array(copied(cells)?);
        }
        Ok(Self {
            kind,
            from,
            diffusivity,
            to,
            copy_to,
        })
    }

    /// Hands the result over.
    pub(super) fn finish(self) -> PyResult<Bound<'py, PyUntypedArray>> {
        let Some(out) = self.copy_to else {
            return Ok(self.to);
        };
        let numpy = out.py().import(intern!(out.py(), "numpy"))?;
        numpy.call_method1(intern!(out.py(), "copyto"), (&out, self.to))?;
        Ok(out)
    }
}

/// Borrows an array that the checks have passed.
pub(super) fn read<'py, T: Real + Element>(
    array: &Bound<'py, PyUntypedArray>,
    name: &str,
) -> PyResult<PyReadonlyArray2<'py, T>> {
    let typed = array.cast::<PyArray2<T>>().map_err(PyErr::from)?;
    typed.try_readonly().map_err(|_| in_use(name))
}

/// Borrows the array for the result.
pub(super) fn write<'py, T: Real + Element>(
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<PyReadwriteArray2<'py, T>> {
    let typed = array.cast::<PyArray2<T>>().map_err(PyErr::from)?;
    typed.try_readwrite().map_err(|_| in_use("out"))
}

/// The array for the result as a view. Debug builds of `ndarray` take NumPy's strides of an empty
/// array for overlap.
pub(super) fn view_mut<'a, T: Element>(
    array: &'a mut PyReadwriteArray2<'_, T>,
) -> ArrayViewMut2<'a, T> {
    if array.is_empty() {
        let shape = (array.shape()[0], array.shape()[1]);
        ArrayViewMut2::from_shape(shape, &mut []).expect("an empty shape holds nothing")
    } else {
        array.as_array_mut()
    }
}

fn in_use(name: &str) -> PyErr {
    PyValueError::new_err(format!("`{name}` is in use by another call"))
}

/// `numpy.asarray`.
fn array<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = object.py();
    let numpy = py.import(intern!(py, "numpy"))?;
    let array = numpy.call_method1(intern!(py, "asarray"), (object,))?;
    Ok(array.cast_into::<PyUntypedArray>()?)
}

/// The array in float64 or float32 as the kernels can use it; in the type of `like` if given.
fn floating<'py>(
    array: &Bound<'py, PyUntypedArray>,
    name: &str,
    like: Option<&Bound<'py, PyUntypedArray>>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = array.py();
    let found = array.dtype();
    let (kind, size) = (found.kind(), found.itemsize());
    let fits = matches!(kind, b'b' | b'i' | b'u') || (kind == b'f' && size <= 8);
    if !fits {
        return Err(PyTypeError::new_err(format!(
            "`{name}` has dtype {found}, expected float64 or float32"
        )));
    }
    let wanted = match like {
        Some(like) => like.dtype(),
        None if kind == b'f' && size == 4 => dtype::<f32>(py),
        None => dtype::<f64>(py),
    };
    if found.is_equiv_to(&wanted) && usable(array)? {
        return Ok(array.clone());
    }
    let copy = array.call_method1(intern!(py, "astype"), (wanted,))?;
    Ok(copy.cast_into::<PyUntypedArray>()?)
}

fn number_or_array<'py>(
    diffusivity: &Bound<'py, PyAny>,
    u: &Bound<'py, PyUntypedArray>,
) -> PyResult<Grid<'py>> {
    let name = "diffusivity";
    let given = array(diffusivity)?;
    if given.ndim() == 0 {
        let number = floating(&given, name, None)?;
        return Ok(Grid::Number(number.call_method0("item")?.extract()?));
    }
    let cells = floating(&given, name, Some(u))?;
    if cells.shape() == u.shape() {
        return Ok(Grid::Array(cells));
    }
    Err(PyValueError::new_err(format!(
        "`{name}` has shape {:?}, expected a number or shape {:?}",
        cells.shape(),
        u.shape()
    )))
}

fn checked_out<'py>(
    out: &Bound<'py, PyAny>,
    u: &Bound<'py, PyUntypedArray>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let Ok(out) = out.cast::<PyUntypedArray>() else {
        let found = out.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "`out` is {found}, expected numpy.ndarray"
        )));
    };
    if !out.dtype().is_equiv_to(&u.dtype()) {
        return Err(PyTypeError::new_err(format!(
            "`out` has dtype {}, expected {}",
            out.dtype(),
            u.dtype()
        )));
    }
    if out.shape() != u.shape() {
        return Err(PyValueError::new_err(format!(
            "`out` has shape {:?}, expected {:?}",
            out.shape(),
            u.shape()
        )));
    }
    let flags = out.getattr(intern!(out.py(), "flags"))?;
    if !flags.getattr(intern!(out.py(), "writeable"))?.is_truthy()? {
        return Err(PyValueError::new_err("`out` is read-only"));
    }
    Ok(out.clone())
}

/// Whether the elements are aligned, and whole elements apart.
fn usable(array: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    let py = array.py();
    let flags = array.getattr(intern!(py, "flags"))?;
    let size = array.dtype().itemsize() as isize;
    let whole = array.strides().iter().all(|stride| stride % size == 0);
    Ok(whole && flags.getattr(intern!(py, "aligned"))?.is_truthy()?)
}

fn copied<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = array.py();
    let copy = array.call_method1(intern!(py, "copy"), ("K",))?;
    Ok(copy.cast_into::<PyUntypedArray>()?)
}

/// Whether two arrays may have an element in common.
fn overlap(a: &Bound<'_, PyUntypedArray>, b: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    let numpy = a.py().import(intern!(a.py(), "numpy"))?;
    let shared = numpy.call_method1(intern!(a.py(), "may_share_memory"), (a, b))?;
    shared.is_truthy()
}

/// Whether two arrays of one shape and type are views of the same elements in the same order.
fn at_one_place(a: &Bound<'_, PyUntypedArray>, b: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    let address = |array: &Bound<'_, PyUntypedArray>| -> PyResult<usize> {
        let interface = array.getattr(intern!(array.py(), "ctypes"))?;
        interface.getattr(intern!(array.py(), "data"))?.extract()
    };
    Ok(a.strides() == b.strides() && address(a)? == address(b)?)
}
