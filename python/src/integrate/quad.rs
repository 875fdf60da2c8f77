//! `quad` and `quad_batch`: adaptive quadrature of Python and compiled integrands.

mod batch;
mod columns;
mod integrand;
mod native;
mod report;
mod single;

use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::failure::Failure;
use crate::public::Public;

pyo3::create_exception!(
    ferrotran.integrate,
    IntegrationWarning,
    PyUserWarning,
    "A quadrature may have missed the requested tolerance; the text says why."
);

/// Adds the functions and the warning.
pub(crate) fn add_to(public: &Public<'_, '_>, module: &Bound<'_, PyModule>) -> PyResult<()> {
    public.function(wrap_pyfunction!(single::quad, module)?)?;
    public.function(wrap_pyfunction!(batch::quad_batch, module)?)?;
    let warning = public.py().get_type::<IntegrationWarning>();
    public.add("IntegrationWarning", &warning)
}

/// The members of `args`, which may be missing, a tuple, or one object that is no tuple.
fn members<'py>(args: Option<&Bound<'py, PyAny>>) -> Vec<Bound<'py, PyAny>> {
    match args {
        None => Vec::new(),
        Some(args) => match args.cast::<PyTuple>() {
            Ok(tuple) => tuple.iter().collect(),
            Err(_) => vec![args.clone()],
        },
    }
}

/// `limit` as the kernel takes it.
fn positive(limit: isize) -> PyResult<usize> {
    usize::try_from(limit)
        .map_err(|_| PyValueError::new_err(format!("`limit` is {limit}, expected at least 1")))
}

/// The break points: a number or a sequence of numbers.
fn break_points(points: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<f64>> {
    let Some(points) = points else {
        return Ok(Vec::new());
    };
    if let Ok(point) = points.extract::<f64>() {
        return Ok(vec![point]);
    }
    let numbers = points.try_iter().and_then(|all| {
        all.map(|point| point?.extract::<f64>())
            .collect::<PyResult<Vec<f64>>>()
    });
    numbers.map_err(|error| {
        let text = format!("`points` is {points}, expected a sequence of numbers");
        let new = PyTypeError::new_err(text);
        new.set_cause(points.py(), Some(error));
        new
    })
}

/// Leaves out the break points that are not inside a finite range, as SciPy does.
fn keep_inside(points: &mut Vec<f64>, a: f64, b: f64) {
    if a.is_finite() && b.is_finite() {
        points.retain(|&point| a.min(b) < point && point < a.max(b));
    }
}
