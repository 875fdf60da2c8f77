use std::ffi::CString;

use ferrotran::integrate::{Quad, QuadStatus, QuadWorkspace};
use numpy::{PyArray1, PyArrayMethods};
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
    dict.set_item("iord", counts(py, shown.order, limit, 1)?)?;
    dict.set_item("alist", numbers(py, shown.left, limit, f64::NAN)?)?;
    dict.set_item("blist", numbers(py, shown.right, limit, f64::NAN)?)?;
    dict.set_item("rlist", numbers(py, shown.value, limit, 0.0)?)?;
    dict.set_item("elist", numbers(py, shown.error, limit, 0.0)?)?;
    if let Some((a, b)) = range {
        let mut ends = vec![a.min(b)];
        ends.extend(shown.points);
        ends.push(a.max(b));
        dict.set_item("pts", PyArray1::from_vec(py, ends))?;
        dict.set_item("level", counts(py, shown.level, limit, 0)?)?;
        dict.set_item("ndin", counts(py, shown.replaced, shown.replaced.len(), 0)?)?;
    }
    Ok(dict)
}

/// `used` and then `rest`, `limit` numbers in all.
fn numbers<'py>(
    py: Python<'py>,
    used: &[f64],
    limit: usize,
    rest: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let array = PyArray1::zeros(py, limit, false);
    let mut writer = array.readwrite();
    let all = writer.as_slice_mut()?;
    let (head, tail) = all.split_at_mut(used.len());
    head.copy_from_slice(used);
    if rest != 0.0 {
        tail.fill(rest);
    }
    drop(writer);
    Ok(array)
}

/// `used` less `base`, none below zero, and then zeros, `limit` in all.
fn counts<'py>(
    py: Python<'py>,
    used: &[isize],
    limit: usize,
    base: isize,
) -> PyResult<Bound<'py, PyArray1<isize>>> {
    let array = PyArray1::zeros(py, limit, false);
    let mut writer = array.readwrite();
    for (to, from) in writer.as_slice_mut()?.iter_mut().zip(used) {
        *to = (from - base).max(0);
    }
    drop(writer);
    Ok(array)
}
