use ferrotran::integrate::DenseSolution;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

/// The interpolants of all steps.
#[pyclass(frozen, module = "ferrotran._ferrotran", name = "_Interpolants")]
pub(super) struct Interpolants(pub(super) DenseSolution);

#[pymethods]
impl Interpolants {
    /// The start, then the end of each step.
    #[getter]
    fn ts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.0.times())
    }

    /// The states at many times, (n, times).
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        t: PyReadonlyArray1<'py, f64>,
    ) -> Bound<'py, PyArray2<f64>> {
        let t = t.as_array();
        PyArray2::from_owned_array(py, self.0.at_all(&t))
    }
}
