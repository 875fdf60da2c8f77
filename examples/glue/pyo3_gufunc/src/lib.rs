//! `erf` as a ufunc and `solve_tridiagonal` as a gufunc, through the C API of the crate `numpy`.

mod integrate;
mod loops;
mod native;
mod ufunc;

use pyo3::prelude::*;

use ufunc::Spec;

#[pymodule]
mod _native {
    use super::*;

    #[pymodule_export]
    use crate::integrate::integrate;

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        let erf = Spec {
            name: c"erf",
            doc: c"The error function, elementwise.",
            signature: None,
            inner_loop: loops::erf,
            nin: 1,
        };
        m.add("erf", ufunc::new(m.py(), &erf)?)?;
        let solve = Spec {
            name: c"solve_tridiagonal",
            doc: c"NaN and the flag `invalid` where the matrix is singular.",
            signature: Some(c"(m),(n),(m),(n)->(n)"),
            inner_loop: loops::solve_tridiagonal,
            nin: 4,
        };
        let solve = ufunc::new(m.py(), &solve)?;
        ufunc::check_core_dims(&solve, loops::core_dims)?;
        m.add("solve_tridiagonal", solve)
    }
}
