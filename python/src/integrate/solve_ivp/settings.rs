use ferrotran::integrate::{IvpOptions, Method, Tolerance};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The arguments that Python has checked: the attributes of `_ivp_arguments.Settings`.
#[derive(FromPyObject)]
pub(super) struct Settings<'py> {
    method: String,
    pub(super) t0: f64,
    pub(super) tf: f64,
    t_eval: Option<Vec<f64>>,
    dense_output: bool,
    pub(super) vectorized: bool,
    pub(super) is_complex: bool,
    rtol: f64,
    atol: Vec<f64>,
    first_step: Option<f64>,
    max_step: f64,
    max_steps: Option<usize>,
    band: Option<(usize, usize)>,
    /// A `_ivp_jacobian.Jacobian`.
    pub(super) jac: Option<Bound<'py, PyAny>>,
    /// A compiled function.
    pub(super) compiled_jac: Option<Bound<'py, PyAny>>,
    /// Function, number of occurrences that end the integration, direction.
    pub(super) events: Option<Vec<(Bound<'py, PyAny>, usize, f64)>>,
}

impl Settings<'_> {
    /// What the methods take of them.
    pub(super) fn options(&self) -> PyResult<IvpOptions> {
        let method = Method::ALL.into_iter().find(|m| m.name() == self.method);
        let method = method.ok_or_else(|| {
            PyValueError::new_err(format!("`method` is {}, which there is not", self.method))
        })?;
        Ok(IvpOptions {
            method,
            rtol: self.rtol,
            atol: match self.atol[..] {
                [atol] => Tolerance::Scalar(atol),
                _ => Tolerance::PerComponent(self.atol.clone()),
            },
            first_step: self.first_step,
            max_step: self.max_step,
            max_steps: self.max_steps,
            t_eval: self.t_eval.clone(),
            dense_output: self.dense_output,
            band: self.band,
        })
    }

    /// The same for an ensemble, whose output is the two ends if there are no times.
    pub(super) fn ensemble_options(&self) -> PyResult<IvpOptions> {
        let mut options = self.options()?;
        options.t_eval.get_or_insert_with(|| vec![self.t0, self.tf]);
        Ok(options)
    }
}
