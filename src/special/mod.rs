//! Special functions of one real argument.
//!
//! Each function `f` comes in five forms: `f(x)` of one `f64` or `f32`, `f_array(&x)` of an
//! array of any shape and stride, `f_into(&x, &mut y)` into memory of the caller, and
//! `par_f_array`, `par_f_into` on the threads of the current rayon pool. All give the same bits for
//! the same argument. The array forms are several times faster per value than the scalar one.
//!
//! ```
//! use ferrotran::special::{erf, erf_array};
//! use ndarray::array;
//!
//! let y = erf_array(&array![[0.0, 0.5], [-0.5, 1.0]]);
//! assert_eq!(y[[1, 0]], erf(-0.5));
//! ```

mod bessel;
mod elementwise;
mod erf;
mod gamma;

pub use bessel::{j0, j0_array, j0_into, par_j0_array, par_j0_into};
pub use bessel::{j1, j1_array, j1_into, par_j1_array, par_j1_into};
pub use bessel::{par_y0_array, par_y0_into, y0, y0_array, y0_into};
pub use bessel::{par_y1_array, par_y1_into, y1, y1_array, y1_into};
pub use erf::{erf, erf_array, erf_into, par_erf_array, par_erf_into};
pub use erf::{erfc, erfc_array, erfc_into, par_erfc_array, par_erfc_into};
pub use erf::{erfcx, erfcx_array, erfcx_into, par_erfcx_array, par_erfcx_into};
pub use gamma::{gamma, gamma_array, gamma_into, par_gamma_array, par_gamma_into};
pub use gamma::{gammaln, gammaln_array, gammaln_into, par_gammaln_array, par_gammaln_into};

pub(crate) use elementwise::Native;

#[cfg(doctest)]
#[doc = include_str!("../../docs/special.md")]
struct SpecialPage;
