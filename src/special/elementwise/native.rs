//! The native kernels by element type.

use crate::ffi;

/// An elementwise kernel: `n` elements from the first pointer to the second, which may be equal.
pub(crate) type Kernel<T> = unsafe fn(isize, *const T, *mut T);

/// Declares the trait that leads from an element type to its kernels: one line per function.
macro_rules! kernels {
    ($($name:ident: $double:ident, $single:ident;)*) => {
        /// The elementwise kernels of one element type.
        pub trait Native: Sized {
            $(
                #[doc(hidden)]
                const $name: Kernel<Self>;
            )*
        }

        impl Native for f64 {
            $(const $name: Kernel<Self> = ffi::$double;)*
        }

        impl Native for f32 {
            $(const $name: Kernel<Self> = ffi::$single;)*
        }
    };
}

kernels! {
    ERF: ft_erf_f64, ft_erf_f32;
    ERFC: ft_erfc_f64, ft_erfc_f32;
    ERFCX: ft_erfcx_f64, ft_erfcx_f32;
    GAMMA: ft_gamma_f64, ft_gamma_f32;
    GAMMALN: ft_gammaln_f64, ft_gammaln_f32;
    J0: ft_j0_f64, ft_j0_f32;
    J1: ft_j1_f64, ft_j1_f32;
    Y0: ft_y0_f64, ft_y0_f32;
    Y1: ft_y1_f64, ft_y1_f32;
}
