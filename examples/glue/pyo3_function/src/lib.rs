//! The three functions through PyO3 and the crate `numpy`.

mod integrate;
mod native;

use numpy::ndarray::{Array1, ArrayView1};
use numpy::npyffi::NPY_ARRAY_ALIGNED;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use native::{FT_SINGULAR, ft_erf_f64, ft_tridiag_pivot_f64, ft_tridiag_work_f64};

pyo3::import_exception!(numpy.linalg, LinAlgError);

/// Return the error function of `x`.
#[pyfunction]
fn erf(x: f64) -> f64 {
    let mut y = 0.0;
    // SAFETY: one number in, one out.
    unsafe { ft_erf_f64(1, &x, &mut y) };
    y
}

/// The lowest address of a vector, and where its elements are from there.
fn place(a: &ArrayView1<'_, f64>) -> (*const f64, [isize; 3]) {
    let stride = a.strides()[0];
    let first = ((1 - a.len() as isize) * stride).max(0);
    (a.as_ptr().wrapping_offset(-first), [first, 0, stride])
}

/// Solves one system of valid lengths; the error is the row without pivot, from 1.
fn solve(matrix: [ArrayView1<'_, f64>; 3], b: ArrayView1<'_, f64>) -> Result<Array1<f64>, isize> {
    let n = b.len() as isize;
    let [dl, d, du] = matrix;
    let [dl, d, du, b] = [dl, d, du, b].map(|a| place(&a));
    let layout = [dl.1, d.1, du.1, b.1, [0, 0, 1]];
    let mut x = Array1::zeros(n as usize);
    let (mut info, mut status) = (0, 0);
    // SAFETY: each layout is that of its array, and `work` has the size that is asked for.
    unsafe {
        let mut work = vec![0.0; ft_tridiag_work_f64(1, n) as usize];
        ft_tridiag_pivot_f64(
            1,
            n,
            layout.as_ptr().cast(),
            dl.0,
            d.0,
            du.0,
            b.0,
            x.as_mut_ptr(),
            work.as_mut_ptr(),
            &mut info,
            &mut status,
        );
    }
    if status == FT_SINGULAR {
        Err(info)
    } else {
        Ok(x)
    }
}

/// Solve a tridiagonal system.
#[pyfunction]
fn solve_tridiagonal<'py>(
    py: Python<'py>,
    dl: PyReadonlyArray1<'py, f64>,
    d: PyReadonlyArray1<'py, f64>,
    du: PyReadonlyArray1<'py, f64>,
    b: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    for a in [&dl, &d, &du, &b] {
        // SAFETY: an array of NumPy, which the GIL protects.
        if unsafe { (*a.as_array_ptr()).fields.flags } & NPY_ARRAY_ALIGNED == 0 {
            return Err(PyValueError::new_err("an array is not aligned"));
        }
    }
    let (matrix, b) = ([dl.as_array(), d.as_array(), du.as_array()], b.as_array());
    let n = b.len();
    if n == 0 || matrix.each_ref().map(|a| a.len()) != [n - 1, n, n - 1] {
        let text = "dl, d, du and b must have lengths n-1, n, n-1 and n";
        return Err(PyValueError::new_err(text));
    }
    let x = py.detach(|| solve(matrix, b)).map_err(|row| {
        LinAlgError::new_err(format!("row {row} has no pivot: the matrix is singular"))
    })?;
    Ok(x.into_pyarray(py))
}

#[pymodule]
mod glue_pyo3_function {
    #[pymodule_export]
    use super::{erf, integrate::integrate, solve_tridiagonal};
}
