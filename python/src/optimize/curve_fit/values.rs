use ferrotran::optimize::Model;
use ndarray::{Array2, Array3, ArrayView1};
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::model::{Native, named};
use crate::compiled::CFunction;

/// Adds the functions.
pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_guess, module)?)?;
    module.add_function(wrap_pyfunction!(_is_compiled, module)?)?;
    module.add_function(wrap_pyfunction!(_model_names, module)?)?;
    module.add_function(wrap_pyfunction!(_model_values, module)?)
}

/// Tell whether `f` is a compiled function, not a Python callable.
#[pyfunction]
fn _is_compiled(f: &Bound<'_, PyAny>) -> PyResult<bool> {
    let found = CFunction::find(f, "f")?.is_some();
    if found {
        Native::new(f, 1)?; // the error for another signature
    }
    Ok(found)
}

/// Return the names of the parameters of a built-in model; none for a polynomial.
#[pyfunction]
fn _model_names(name: &str) -> PyResult<Vec<String>> {
    Ok(match named(name, 0)? {
        Model::Polynomial { .. } => Vec::new(),
        model => model.parameter_names(),
    })
}

/// Return where fits to the rows of `x` and `y` may start.
#[pyfunction]
fn _guess<'py>(
    py: Python<'py>,
    name: &str,
    x: PyReadonlyArray2<'py, f64>,
    y: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let model = named(name, 0)?;
    let (x, y) = (x.as_array(), y.as_array());
    let mut p = Array2::zeros((y.nrows(), model.parameters()));
    let guessed = py.detach(|| {
        for ((x, y), mut p) in x.rows().into_iter().zip(y.rows()).zip(p.rows_mut()) {
            let found = model.guess(&x.to_vec(), &y.to_vec())?;
            p.assign(&ArrayView1::from(&found));
        }
        Ok(())
    });
    guessed.map_err(|error: ferrotran::Error| PyValueError::new_err(error.to_string()))?;
    Ok(p.into_pyarray(py))
}

/// Return the values of a model at the rows of `x` (rows, [k,] m) with the parameters `p` (rows,
/// n), and the derivatives (rows, m, n), or None where they are not asked for or not known. Rows
/// in which a compiled model returns an error code are NaN.
#[pyfunction]
fn _model_values<'py>(
    py: Python<'py>,
    f: &Bound<'py, PyAny>,
    x: PyReadonlyArrayDyn<'py, f64>,
    p: PyReadonlyArray2<'py, f64>,
    derivatives: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let (x, p) = (x.as_array(), p.as_array());
    let m = x.shape().last().copied().unwrap_or(0);
    let (rows, n) = p.dim();
    let native = Native::new(f, n)?;
    let mut y = Array2::from_elem((rows, m), f64::NAN);
    let mut jac = derivatives.then(|| Array3::from_elem((rows, m, n), f64::NAN));
    py.detach(|| {
        let mut by_parameter = vec![f64::NAN; if derivatives { m * n } else { 0 }];
        for (i, (x, p)) in x.outer_iter().zip(p.rows()).enumerate() {
            let (x, p): (Vec<f64>, Vec<f64>) = (x.iter().copied().collect(), p.to_vec());
            let mut values = vec![f64::NAN; m];
            let to = derivatives.then_some(by_parameter.as_mut_slice());
            if !native.evaluate(&x, &p, &mut values, to) {
                continue;
            }
            y.row_mut(i).assign(&ArrayView1::from(&values));
            if let Some(jac) = &mut jac {
                for (j, by) in by_parameter.chunks(m.max(1)).enumerate() {
                    let mut column = jac.slice_mut(ndarray::s![i, .., j]);
                    column.assign(&ArrayView1::from(by));
                }
            }
        }
    });
    let arrays = (y.into_pyarray(py), jac.map(|jac| jac.into_pyarray(py)));
    Ok(arrays.into_pyobject(py)?.into_any())
}
