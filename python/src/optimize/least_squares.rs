//! `least_squares` of Python callables.

use ferrotran::optimize::{LeastSquares, try_least_squares, try_least_squares_jac};
use ndarray::{Array1, ArrayViewMut2, Axis};
use numpy::{
    IntoPyArray, PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArray1, PyReadonlyArrayDyn,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use super::search::{Search, ier};
use crate::call;
use crate::failure::Failure;

/// Adds the function.
pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_least_squares, module)?)
}

/// Minimise half the sum of squares of what `fun(x)` returns. The result: x, residuals, Jacobian,
/// covariance, cost, optimality, nfev, njev, the status of `least_squares`, that of `leastsq`.
#[pyfunction]
#[pyo3(signature = (fun, jac, x0, lower, upper, x_scale, ftol, xtol, gtol, diff_step, factor, max_nfev, weights=None))]
#[expect(clippy::too_many_arguments, reason = "SciPy's")]
fn _least_squares<'py>(
    py: Python<'py>,
    fun: &Bound<'py, PyAny>,
    jac: Option<&Bound<'py, PyAny>>,
    x0: PyReadonlyArray1<'py, f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    x_scale: Option<Vec<f64>>,
    ftol: f64,
    xtol: f64,
    gtol: f64,
    diff_step: Option<f64>,
    factor: f64,
    max_nfev: Option<usize>,
    weights: Option<Vec<f64>>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = Search {
        lower,
        upper,
        x_scale,
        weights,
        ftol,
        xtol,
        gtol,
        diff_step,
        factor,
        max_nfev,
    }
    .options();
    let x0: Array1<f64> = x0.as_array().to_owned();
    // The first call tells how many residuals there are; the kernel's first is the same.
    let first = residuals(fun, x0.as_slice().unwrap_or_default())?;
    let (m, n) = (first.len(), x0.len());
    let mut first = Some(first);
    let f = |x: &[f64], r: &mut [f64]| {
        let found = match first.take() {
            Some(found) => found,
            None => residuals(fun, x)?,
        };
        if found.len() != m {
            let found = found.len();
            return Err(PyValueError::new_err(format!(
                "`fun` returned {found} residuals, expected {m} as at first"
            ))
            .into());
        }
        r.copy_from_slice(&found);
        Ok(())
    };
    let found = match jac {
        None => try_least_squares::<_, Failure>(f, m, &x0, &options),
        Some(jac) => {
            let jac = |x: &[f64], to: ArrayViewMut2<'_, f64>| derivatives(jac, x, (m, n), to);
            try_least_squares_jac(f, jac, m, &x0, &options)
        }
    }?;
    tuple(py, found)
}

/// The members of the result in their order.
fn tuple(py: Python<'_>, found: LeastSquares) -> PyResult<Bound<'_, PyAny>> {
    let arrays = (
        found.x.into_pyarray(py),
        found.fun.into_pyarray(py),
        found.jac.into_pyarray(py),
        found.cov.into_pyarray(py),
    );
    let numbers = (
        found.cost,
        found.optimality,
        found.nfev,
        found.njev,
        found.status.number(),
        ier(found.status),
    );
    let arrays = arrays.into_pyobject(py)?.into_any();
    arrays.add(numbers.into_pyobject(py)?)
}

/// Calls the residuals.
fn residuals(fun: &Bound<'_, PyAny>, x: &[f64]) -> PyResult<Vec<f64>> {
    let value = evaluate(fun, "fun", x)?;
    let array = value.as_array();
    if array.ndim() > 1 {
        let shape = array.shape();
        return Err(PyValueError::new_err(format!(
            "`fun` must return at most 1-d array_like, its result has shape {shape:?}"
        )));
    }
    Ok(array.iter().copied().collect())
}

/// Puts the derivatives into `to`, whose columns are contiguous.
fn derivatives(
    jac: &Bound<'_, PyAny>,
    x: &[f64],
    (m, n): (usize, usize),
    mut to: ArrayViewMut2<'_, f64>,
) -> Result<(), Failure> {
    let value = evaluate(jac, "jac", x)?;
    let mut array = value.as_array();
    let found = array.shape().to_vec();
    // As SciPy: one residual may come as a row, and that of one variable as a number.
    while array.ndim() < 2 {
        array = array.insert_axis(Axis(0));
    }
    if array.shape() != [m, n] {
        return Err(PyValueError::new_err(format!(
            "`jac` returned an array of shape {found:?}, expected ({m}, {n})"
        ))
        .into());
    }
    to.assign(&array);
    Ok(())
}

/// Calls `f(x)`; the result as an array of double, whatever it was.
fn evaluate<'py>(
    f: &Bound<'py, PyAny>,
    name: &str,
    x: &[f64],
) -> PyResult<PyReadonlyArrayDyn<'py, f64>> {
    let py = f.py();
    py.check_signals()?;
    let value = call::call(f, PyArray1::from_slice(py, x).as_any(), &[])?;
    if let Ok(array) = value.cast::<PyArrayDyn<f64>>() {
        return Ok(array.readonly());
    }
    static CONVERT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let convert = CONVERT.get_or_try_init(py, || {
        let module = py.import("ferrotran.optimize._checks")?;
        Ok::<_, PyErr>(module.getattr("returned")?.unbind())
    })?;
    let name = PyString::new(py, name).into_any();
    call::call(convert.bind(py), &name, &[value])?.extract()
}
