//! What the kernels were compiled with.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::ffi;

/// The instruction set named to all three compilers; empty for the target's baseline.
const CPU: &str = env!("FERROTRAN_COMPARE_CPU");

/// Compilers, versions and flags of the native kernels.
///
/// Returns
/// -------
/// dict of str to dict of str to str
///     For 'fortran', 'c' and 'rust' the 'compiler' with its version and the 'flags'; for 'target'
///     the 'cpu' that was named to all three and the 'features' that rustc took from it.
#[pyfunction]
pub(crate) fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let opt_level = env!("COMPARE_OPT_LEVEL");
    let mut rust = format!("-C opt-level={opt_level}");
    if !CPU.is_empty() {
        rust += &format!(" -C target-cpu={CPU}");
    }
    let languages = [
        ("fortran", ffi::FORTRAN_COMPILER, ffi::FORTRAN_FLAGS),
        ("c", ffi::C_COMPILER, ffi::C_FLAGS),
        ("rust", env!("COMPARE_RUSTC"), rust.as_str()),
    ];
    let info = PyDict::new(py);
    for (language, compiler, flags) in languages {
        let entry = PyDict::new(py);
        entry.set_item("compiler", compiler)?;
        entry.set_item("flags", flags)?;
        info.set_item(language, entry)?;
    }
    let target = PyDict::new(py);
    target.set_item("cpu", if CPU.is_empty() { "baseline" } else { CPU })?;
    target.set_item("features", features().join(" "))?;
    info.set_item("target", target)?;
    Ok(info)
}

/// Instruction sets that rustc was told to use.
fn features() -> Vec<&'static str> {
    [
        ("sse2", cfg!(target_feature = "sse2")),
        ("avx", cfg!(target_feature = "avx")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("fma", cfg!(target_feature = "fma")),
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("neon", cfg!(target_feature = "neon")),
    ]
    .into_iter()
    .filter_map(|(name, used)| used.then_some(name))
    .collect()
}

/// Refuses a processor that lacks what the module was built for.
///
/// # Errors
/// `ImportError` with the name of the instruction set.
pub(crate) fn require_cpu() -> PyResult<()> {
    #[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
    if !(std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")) {
        return Err(pyo3::exceptions::PyImportError::new_err(format!(
            "ferrotran_compare was built for {CPU}, which this processor lacks: build it again"
        )));
    }
    Ok(())
}
