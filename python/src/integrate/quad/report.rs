use std::ffi::CString;
use std::iter::repeat_n;

use ferrotran::integrate::{Quad, QuadStatus, QuadWorkspace};
use numpy::{Element, PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::IntegrationWarning;

/// The reason in words, where a tolerance may be missed.
pub(super) fn message(found: &Quad, limit: usize) -> Option<String> {
    match found.status {
        QuadStatus::Converged => None,
        QuadStatus::MaxSubdivisions => Some(format!(
            "{} (`limit` is {limit}); if a larger one does not help, name the difficult places \
             in `points` or split the range there",
            found.status
        )),
        status => Some(status.to_string()),
    }
}

/// Issues an `IntegrationWarning` at the caller of the function.
pub(super) fn warn(py: Python<'_>, text: &str) -> PyResult<()> {
    let category = py.get_type::<IntegrationWarning>();
    PyErr::warn(py, &category, &CString::new(text)?, 1)
}

/// SciPy's dictionary about the last quadrature in `workspace`. Arrays have length `limit`.
pub(super) fn infodict<'py>(
    py: Python<'py>,
    found: &Quad,
    workspace: &QuadWorkspace,
    limit: usize,
    range: Option<(f64, f64)>,
) -> PyResult<Bound<'py, PyDict>> {
    let shown = workspace.intervals();
    let dict = PyDict::new(py);
    dict.set_item("neval", found.evaluations)?;
    dict.set_item("last", found.subintervals)?;
    dict.set_item(
        "iord",
        padded(py, shown.order.iter().map(|i| (i - 1).max(0)), limit)?,
    )?;
    dict.set_item("alist", padded(py, shown.left.iter().copied(), limit)?)?;
    dict.set_item("blist", padded(py, shown.right.iter().copied(), limit)?)?;
    dict.set_item("rlist", padded(py, shown.value.iter().copied(), limit)?)?;
    dict.set_item("elist", padded(py, shown.error.iter().copied(), limit)?)?;
    if found.subintervals == 0 {
        // SciPy's sign of an empty range.
        for ends in ["alist", "blist"] {
            let nan = padded(py, repeat_n(f64::NAN, limit), limit)?;
            dict.set_item(ends, nan)?;
        }
    }
    if let Some((a, b)) = range {
        let mut ends = vec![a.min(b)];
        ends.extend(shown.points);
        ends.push(a.max(b));
        dict.set_item("pts", PyArray1::from_vec(py, ends))?;
        dict.set_item("level", padded(py, shown.level.iter().copied(), limit)?)?;
        dict.set_item("ndin", PyArray1::from_slice(py, shown.replaced))?;
    }
    Ok(dict)
}

/// `used` and then zeros, `limit` in all. NumPy allocates, so that a huge `limit` costs no memory
/// or raises `MemoryError`.
fn padded<'py, T: Element + Copy>(
    py: Python<'py>,
    used: impl Iterator<Item = T>,
    limit: usize,
) -> PyResult<Bound<'py, PyArray1<T>>> {
    let numpy = py.import("numpy")?;
    let array = numpy.call_method1("zeros", (limit, T::get_dtype(py)))?;
    let array = array.cast_into::<PyArray1<T>>()?;
    for (to, from) in array.readwrite().as_slice_mut()?.iter_mut().zip(used) {
        *to = from;
    }
    Ok(array)
}
