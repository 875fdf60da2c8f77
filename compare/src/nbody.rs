//! n-body: planets about the sun, all pairs, one thread.

use ndarray::{Array1, Array2};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::ffi;
use crate::language::{Language, length, size};

type Moved<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<f64>>,
);

/// Returns the energy before and after, the positions and the velocities.
#[pyfunction]
pub(crate) fn nbody<'py>(
    py: Python<'py>,
    language: Language,
    steps: usize,
    dt: f64,
    m: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray2<'py, f64>,
    v: PyReadonlyArray2<'py, f64>,
) -> PyResult<Moved<'py>> {
    let m = m.as_array().to_vec();
    length("x", x.as_array().len(), 3 * m.len())?;
    length("v", v.as_array().len(), 3 * m.len())?;
    let mut x: Vec<f64> = x.as_array().iter().copied().collect();
    let mut v: Vec<f64> = v.as_array().iter().copied().collect();
    let mut energy = [0.0; 2];
    py.detach(|| {
        let kernel = match language {
            Language::Fortran => ffi::cmp_nbody_fortran,
            Language::C => ffi::cmp_nbody_c,
            Language::Rust => return run(steps, dt, &m, &mut x, &mut v, &mut energy),
        };
        let (n, steps) = (size(m.len()), size(steps));
        let (px, pv, pe) = (x.as_mut_ptr(), v.as_mut_ptr(), energy.as_mut_ptr());
        // SAFETY: `m` holds n numbers, `x` and `v` 3 n (checked above), `energy` 2; all are owned.
        unsafe { kernel(n, steps, dt, m.as_ptr(), px, pv, pe) };
    });
    let shape = (m.len(), 3);
    let grid = |a| Array2::from_shape_vec(shape, a).expect("3 n numbers, checked above");
    Ok((
        Array1::from(energy.to_vec()).into_pyarray(py),
        grid(x).into_pyarray(py),
        grid(v).into_pyarray(py),
    ))
}

fn run(steps: usize, dt: f64, m: &[f64], x: &mut [f64], v: &mut [f64], energy: &mut [f64; 2]) {
    let (x, _) = x.as_chunks_mut::<3>();
    let (v, _) = v.as_chunks_mut::<3>();
    energy[0] = energy_of(m, x, v);
    for _ in 0..steps {
        for i in 0..m.len() {
            for j in i + 1..m.len() {
                let d = between(&x[i], &x[j]);
                let d2 = dot(&d);
                let pull = dt / (d2 * d2.sqrt());
                for k in 0..3 {
                    v[i][k] -= d[k] * (m[j] * pull);
                    v[j][k] += d[k] * (m[i] * pull);
                }
            }
        }
        for (x, v) in x.iter_mut().zip(&*v) {
            for k in 0..3 {
                x[k] += dt * v[k];
            }
        }
    }
    energy[1] = energy_of(m, x, v);
}

fn energy_of(m: &[f64], x: &[[f64; 3]], v: &[[f64; 3]]) -> f64 {
    let mut e = 0.0;
    for i in 0..m.len() {
        e += 0.5 * m[i] * dot(&v[i]);
        for j in i + 1..m.len() {
            e -= m[i] * m[j] / dot(&between(&x[i], &x[j])).sqrt();
        }
    }
    e
}

fn between(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(d: &[f64; 3]) -> f64 {
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
}
