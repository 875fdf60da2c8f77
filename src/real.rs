//! The element types of the kernels.

/// A floating-point type that the kernels exist for: `f64` or `f32`. Sealed.
pub trait Real:
    num_traits::Float + std::fmt::Debug + Default + Send + Sync + 'static + sealed::Sealed
{
}

impl Real for f32 {}
impl Real for f64 {}

mod sealed {
    /// Joins the native entry points of all kernels for one element type.
    pub trait Sealed:
        crate::linalg::tridiag::Native + crate::special::Native + crate::stencil::heat2d::Native
    {
    }
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}
