//! The way into a public Python module.

use pyo3::prelude::*;
use pyo3::types::PyCFunction;

/// Adds things to the extension module under the name of the public module that shows them,
/// so that pickling, `help` and the documentation find them there.
pub(crate) struct Public<'a, 'py> {
    module: &'a Bound<'py, PyModule>,
    name: &'static str,
}

impl<'a, 'py> Public<'a, 'py> {
    /// `name` is the public module, such as `ferrotran.special`.
    pub(crate) fn new(module: &'a Bound<'py, PyModule>, name: &'static str) -> Self {
        Self { module, name }
    }

    /// The proof that the GIL is held.
    pub(crate) fn py(&self) -> Python<'py> {
        self.module.py()
    }

    /// Adds a function: `public.function(wrap_pyfunction!(quad, module)?)`.
    pub(crate) fn function(&self, function: Bound<'py, PyCFunction>) -> PyResult<()> {
        let name: String = function.getattr("__name__")?.extract()?;
        self.add(&name, &function)
    }

    /// Adds `object` as `name`.
    pub(crate) fn add(&self, name: &str, object: &Bound<'py, PyAny>) -> PyResult<()> {
        // Ufuncs take attributes since NumPy 2.2; older ones are found by their name alone.
        if let Err(error) = object.setattr("__module__", self.name)
            && !error.is_instance_of::<pyo3::exceptions::PyAttributeError>(self.py())
        {
            return Err(error);
        }
        self.module.add(name, object)
    }
}
