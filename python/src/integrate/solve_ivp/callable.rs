use ndarray::{ArrayView2, Axis};
use numpy::{
    Complex64, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyList, PyTuple};

use crate::call;

/// A Python function of time and state, `f(t, y, *args)`. A complex state of n components is one
/// of 2 n real ones to the kernels, real and imaginary parts side by side.
pub(super) struct Callable<'py> {
    function: Bound<'py, PyAny>,
    args: Vec<Bound<'py, PyAny>>,
    is_complex: bool,
    /// Whether it gets the state as a matrix of one column.
    column: bool,
}

impl<'py> Callable<'py> {
    pub(super) fn new(function: &Bound<'py, PyAny>, is_complex: bool) -> Self {
        Self {
            function: function.clone(),
            args: Vec::new(),
            is_complex,
            column: false,
        }
    }

    /// Sets the arguments that follow the state.
    pub(super) fn with(mut self, args: &[Bound<'py, PyAny>]) -> Self {
        self.args = args.to_vec();
        self
    }

    /// Makes it get the state as a matrix of one column.
    pub(super) fn in_a_column(mut self, column: bool) -> Self {
        self.column = column;
        self
    }

    /// Calls it for a state with its own arguments and the parameters `p` of a member.
    fn call(&self, t: f64, y: &[f64], p: &[f64]) -> PyResult<Bound<'py, PyAny>> {
        let py = self.function.py();
        let t = PyFloat::new(py, t).into_any();
        let mut rest = Vec::with_capacity(1 + self.args.len() + p.len());
        rest.push(self.state(y)?);
        rest.extend_from_slice(&self.args);
        rest.extend(p.iter().map(|&p| PyFloat::new(py, p).into_any()));
        call::call(&self.function, &t, &rest)
    }

    /// A new array of the state.
    fn state(&self, y: &[f64]) -> PyResult<Bound<'py, PyAny>> {
        let py = self.function.py();
        if self.is_complex {
            let pairs = y.chunks_exact(2);
            let y = PyArray1::from_iter(py, pairs.map(|pair| Complex64::new(pair[0], pair[1])));
            return self.shaped(y);
        }
        self.shaped(PyArray1::from_slice(py, y))
    }

    fn shaped<T: numpy::Element>(&self, y: Bound<'py, PyArray1<T>>) -> PyResult<Bound<'py, PyAny>> {
        if self.column {
            let n = y.len();
            return Ok(y.reshape([n, 1])?.into_any());
        }
        Ok(y.into_any())
    }

    /// Puts the derivatives at a state into `dydt`; `p` are further arguments.
    pub(super) fn derivative(
        &self,
        t: f64,
        y: &[f64],
        dydt: &mut [f64],
        p: &[f64],
    ) -> PyResult<()> {
        self.take(&self.call(t, y, p)?, dydt)
    }

    /// Puts the derivatives of `k` members into `dydt`: arrays are (components, k), and so are
    /// the parameters `p`.
    pub(super) fn derivatives(
        &self,
        t: &[f64],
        y: ArrayView2<'_, f64>,
        mut dydt: ndarray::ArrayViewMut2<'_, f64>,
        p: ArrayView2<'_, f64>,
    ) -> PyResult<()> {
        let py = self.function.py();
        let times = PyArray1::from_slice(py, t).into_any();
        let states = if self.is_complex {
            let (rows, members) = y.dim();
            let state = |(i, k): (usize, usize)| Complex64::new(y[[2 * i, k]], y[[2 * i + 1, k]]);
            let whole = ndarray::Array2::from_shape_fn((rows / 2, members), state);
            PyArray2::from_owned_array(py, whole).into_any()
        } else {
            PyArray2::from_owned_array(py, y.to_owned()).into_any()
        };
        let parameters = p.axis_iter(Axis(0));
        let parameters = parameters.map(|row| PyArray1::from_owned_array(py, row.to_owned()));
        let mut rest = vec![states];
        rest.extend(parameters.map(Bound::into_any));
        let value = call::call(&self.function, &times, &rest)?;
        let (rows, members) = dydt.dim();
        let shape = [rows / self.each(), members];
        let found = self.as_array(&value, &shape)?;
        let found = found.as_array();
        let numbers = found.iter();
        if self.is_complex {
            let mut numbers = numbers;
            for mut pair in dydt.axis_chunks_iter_mut(Axis(0), 2) {
                for k in 0..members {
                    for part in 0..2 {
                        pair[[part, k]] = numbers.next().copied().unwrap_or(f64::NAN);
                    }
                }
            }
        } else {
            dydt.iter_mut().zip(numbers).for_each(|(to, x)| *to = *x);
        }
        Ok(())
    }

    /// Reals in a component.
    fn each(&self) -> usize {
        if self.is_complex { 2 } else { 1 }
    }

    /// Puts what the function returned into `out`.
    fn take(&self, value: &Bound<'py, PyAny>, out: &mut [f64]) -> PyResult<()> {
        if !self.is_complex
            && let Ok(array) = value.cast::<PyArray1<f64>>()
            && array.len() == out.len()
        {
            let array = array.try_readonly()?;
            out.iter_mut()
                .zip(array.as_array())
                .for_each(|(to, x)| *to = *x);
            return Ok(());
        }
        if !self.is_complex && floats(value, out) {
            return Ok(());
        }
        let found = self.as_array(value, &[out.len() / self.each()])?;
        let found = found.as_array();
        out.iter_mut().zip(&found).for_each(|(to, x)| *to = *x);
        Ok(())
    }

    /// What the function returned as reals, in memory order of the shape.
    fn as_array(
        &self,
        value: &Bound<'py, PyAny>,
        shape: &[usize],
    ) -> PyResult<PyReadonlyArrayDyn<'py, f64>> {
        let py = value.py();
        let array = call::call(as_array(py)?, value, &[])?;
        let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
        let name = value.get_type().name()?;
        if kind == "c" && !self.is_complex {
            return Err(PyTypeError::new_err(
                "`fun` returned complex numbers, expected floats; make `y0` complex",
            ));
        }
        if !"biufc".contains(&kind) {
            return Err(PyTypeError::new_err(format!(
                "`fun` returned {name}, expected array_like of numbers of shape {shape:?}"
            )));
        }
        let found: Vec<usize> = array.getattr("shape")?.extract()?;
        let size: usize = shape.iter().product();
        let column = self.column && found == [size, 1];
        let one = size == 1 && found.iter().product::<usize>() == 1;
        if found != shape && !column && !one {
            return Err(PyValueError::new_err(format!(
                "`fun` returned shape {found:?}, expected {shape:?}"
            )));
        }
        let target = if self.is_complex {
            "complex128"
        } else {
            "float64"
        };
        let array = array.call_method1("astype", (target,))?;
        let array = array.call_method1("reshape", (-1,))?;
        let array = py
            .import("numpy")?
            .call_method1("ascontiguousarray", (array,))?;
        array.call_method1("view", ("float64",))?.extract()
    }

    /// The value of an event.
    pub(super) fn number(&self, t: f64, y: &[f64], index: usize) -> PyResult<f64> {
        let value = self.call(t, y, &[])?;
        call::float(&value).map_err(|error| {
            let py = value.py();
            if !error.is_instance_of::<PyTypeError>(py) {
                return error;
            }
            let kind = value.get_type();
            let kind = kind
                .name()
                .map_or_else(|_| "?".to_owned(), |name| name.to_string());
            let text = format!("`events[{index}]` returned {kind}, expected a float");
            let new = PyTypeError::new_err(text);
            new.set_cause(py, Some(error));
            new
        })
    }
}

/// The Jacobian in Python: a `_ivp_jacobian.Jacobian`, which returns a contiguous real matrix.
pub(super) struct Jacobian<'py>(pub(super) Callable<'py>);

impl Jacobian<'_> {
    /// Puts the matrix at a state into `out`.
    pub(super) fn put(&self, t: f64, y: &[f64], out: &mut [f64], p: &[f64]) -> PyResult<()> {
        let matrix = self.0.call(t, y, p)?;
        let matrix = matrix.cast::<PyArray2<f64>>()?.try_readonly()?;
        out.copy_from_slice(matrix.as_slice()?);
        Ok(())
    }
}

/// Puts the members of a list or tuple of as many floats into `out`; false for anything else.
fn floats(value: &Bound<'_, PyAny>, out: &mut [f64]) -> bool {
    let put = |to: &mut f64, item: Bound<'_, PyAny>| match item.cast::<PyFloat>() {
        Ok(number) => {
            *to = number.value();
            true
        }
        Err(_) => false,
    };
    if let Ok(list) = value.cast::<PyList>() {
        return list.len() == out.len() && out.iter_mut().zip(list).all(|(to, x)| put(to, x));
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return tuple.len() == out.len() && out.iter_mut().zip(tuple).all(|(to, x)| put(to, x));
    }
    false
}

/// `numpy.asarray`.
fn as_array(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static FUNCTION: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let find = || Ok::<_, PyErr>(py.import("numpy")?.getattr("asarray")?.unbind());
    Ok(FUNCTION.get_or_try_init(py, find)?.bind(py))
}
