use std::ffi::{c_int, c_void};
use std::marker::PhantomData;

use crate::{Error, Result};

/// `int model(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
/// double *jac)`: puts the values at `m` points with `n` parameters `p` into `y` and, unless `jac`
/// is null, their derivatives into `jac` (n x m). `x` is m numbers, or k x m with k predictors.
/// Nonzero ends the fit.
pub type ModelFn = unsafe extern "C" fn(
    *mut c_void,
    isize,
    isize,
    *const f64,
    *const f64,
    *mut f64,
    *mut f64,
) -> c_int;

/// A function with parameters that can be fitted to data.
///
/// [`Model`](super::Model) has the built-in ones. A closure `|x: f64, p: &[f64]| ...` is a model
/// too: the value at one point. [`ValueModel`] takes all points at once, [`JacobianModel`] gives
/// derivatives, [`TryModel`] may fail, [`CompiledModel`] is a C function.
pub trait FitModel {
    /// What an evaluation can fail with; it ends the whole batch.
    type Error: From<Error>;

    /// Puts the values at the points `x` with parameters `p` into `y`, and the derivatives into
    /// `jac` when asked: those by parameter `j` at `jac[j * y.len()..][..y.len()]`. With k
    /// predictors, `x` holds k times `y.len()` numbers, one predictor after the other. What is
    /// left out counts as NaN. `jac` is never asked for unless `has_jacobian` says so.
    ///
    /// # Errors
    /// Whatever ends the fitting.
    fn evaluate(
        &self,
        x: &[f64],
        p: &[f64],
        y: &mut [f64],
        jac: Option<&mut [f64]>,
    ) -> Result<(), Self::Error>;

    /// Whether `evaluate` can give derivatives; else they are forward differences.
    fn has_jacobian(&self) -> bool {
        false
    }

    /// The number of parameters, if it is fixed.
    fn parameters(&self) -> Option<usize> {
        None
    }

    /// The number of predictors, if it is fixed.
    fn predictors(&self) -> Option<usize> {
        None
    }

    /// Puts a starting point for finite data into `p`, all 1 so far; false if it has none.
    fn guess(&self, _x: &[f64], _y: &[f64], _p: &mut [f64]) -> bool {
        false
    }

    /// A C function that does the same, if there is one: it is called in place of `evaluate`.
    fn compiled(&self) -> Option<CompiledModel> {
        None
    }
}

impl<F> FitModel for F
where
    F: Fn(f64, &[f64]) -> f64,
{
    type Error = Error;

    fn evaluate(&self, x: &[f64], p: &[f64], y: &mut [f64], _: Option<&mut [f64]>) -> Result<()> {
        for (x, y) in x.iter().zip(y) {
            *y = self(*x, p);
        }
        Ok(())
    }

    fn predictors(&self) -> Option<usize> {
        Some(1)
    }
}

/// A model by a closure that puts its values at all points into a slice.
///
/// ```
/// use ferrotran::optimize::ValueModel;
///
/// let plane = ValueModel::new(|x, p, y| {
///     let (u, v) = x.split_at(y.len()); // two predictors
///     for ((u, v), y) in u.iter().zip(v).zip(y) {
///         *y = p[0] + p[1] * u + p[2] * v;
///     }
/// });
/// # let _ = plane;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ValueModel<F>(F);

impl<F> ValueModel<F>
where
    F: Fn(&[f64], &[f64], &mut [f64]),
{
    /// Wraps `f(x, p, y)`.
    #[must_use]
    pub const fn new(f: F) -> Self {
        Self(f)
    }
}

impl<F> FitModel for ValueModel<F>
where
    F: Fn(&[f64], &[f64], &mut [f64]),
{
    type Error = Error;

    fn evaluate(&self, x: &[f64], p: &[f64], y: &mut [f64], _: Option<&mut [f64]>) -> Result<()> {
        (self.0)(x, p, y);
        Ok(())
    }
}

/// A model by a closure that also gives derivatives: `f(x, p, y, jac)` as in
/// [`FitModel::evaluate`].
#[derive(Debug, Clone, Copy)]
pub struct JacobianModel<F>(F);

impl<F> JacobianModel<F>
where
    F: Fn(&[f64], &[f64], &mut [f64], Option<&mut [f64]>),
{
    /// Wraps `f(x, p, y, jac)`.
    #[must_use]
    pub const fn new(f: F) -> Self {
        Self(f)
    }
}

impl<F> FitModel for JacobianModel<F>
where
    F: Fn(&[f64], &[f64], &mut [f64], Option<&mut [f64]>),
{
    type Error = Error;

    fn evaluate(&self, x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>) -> Result<()> {
        (self.0)(x, p, y, jac);
        Ok(())
    }

    fn has_jacobian(&self) -> bool {
        true
    }
}

/// A model by a closure that may fail: `f(x, p, y, jac)` as in [`FitModel::evaluate`].
pub struct TryModel<F, E> {
    f: F,
    has_jacobian: bool,
    error: PhantomData<fn() -> E>,
}

impl<F, E> TryModel<F, E>
where
    F: Fn(&[f64], &[f64], &mut [f64], Option<&mut [f64]>) -> Result<(), E>,
{
    /// Wraps a closure that gives values alone; its `jac` is always `None`.
    #[must_use]
    pub const fn values(f: F) -> Self {
        Self {
            f,
            has_jacobian: false,
            error: PhantomData,
        }
    }

    /// Wraps a closure that gives derivatives when asked.
    #[must_use]
    pub const fn with_jacobian(f: F) -> Self {
        Self {
            f,
            has_jacobian: true,
            error: PhantomData,
        }
    }
}

impl<F, E> FitModel for TryModel<F, E>
where
    F: Fn(&[f64], &[f64], &mut [f64], Option<&mut [f64]>) -> Result<(), E>,
    E: From<Error>,
{
    type Error = E;

    fn evaluate(
        &self,
        x: &[f64],
        p: &[f64],
        y: &mut [f64],
        jac: Option<&mut [f64]>,
    ) -> Result<(), E> {
        (self.f)(x, p, y, jac)
    }

    fn has_jacobian(&self) -> bool {
        self.has_jacobian
    }
}

/// A model that is a C function, with the context it is called with. A fit in which it returns
/// nonzero has the status `Stopped`; the others of a batch go on.
#[derive(Debug, Clone, Copy)]
pub struct CompiledModel {
    pub(super) f: ModelFn,
    pub(super) ctx: *mut c_void,
    pub(super) has_jacobian: bool,
    /// The normal equations of fits side by side, for a built-in model.
    pub(super) normal: Option<NormalFn>,
}

/// `ft_normal_gaussian_f64` and its like.
pub(super) type NormalFn =
    unsafe fn(isize, *const f64, *const f64, *const f64, *const f64, *mut f64);

// SAFETY: the promise made to the constructors.
unsafe impl Send for CompiledModel {}
// SAFETY: the promise made to the constructors.
unsafe impl Sync for CompiledModel {}

impl CompiledModel {
    /// Wraps a function that gives values alone; its `jac` is always null.
    ///
    /// # Safety
    /// As long as the result is used, `f` may be called with `ctx`, on any thread and on several
    /// at once, and neither unwinds nor jumps out. It reads and writes no more than [`ModelFn`]
    /// says, for as many predictors and parameters as the fits have.
    #[must_use]
    pub const unsafe fn values(f: ModelFn, ctx: *mut c_void) -> Self {
        Self {
            f,
            ctx,
            has_jacobian: false,
            normal: None,
        }
    }

    /// Wraps a function that gives derivatives when asked.
    ///
    /// # Safety
    /// As for [`CompiledModel::values`].
    #[must_use]
    pub const unsafe fn with_jacobian(f: ModelFn, ctx: *mut c_void) -> Self {
        Self {
            f,
            ctx,
            has_jacobian: true,
            normal: None,
        }
    }
}

impl FitModel for CompiledModel {
    type Error = Error;

    fn evaluate(&self, x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>) -> Result<()> {
        let jac = jac.map_or(std::ptr::null_mut(), <[f64]>::as_mut_ptr);
        let (m, n) = (y.len() as isize, p.len() as isize);
        // SAFETY: the promise made to the constructors.
        match unsafe { (self.f)(self.ctx, m, n, x.as_ptr(), p.as_ptr(), y.as_mut_ptr(), jac) } {
            0 => Ok(()),
            _ => Err(Error::Stopped),
        }
    }

    fn has_jacobian(&self) -> bool {
        self.has_jacobian
    }

    fn compiled(&self) -> Option<CompiledModel> {
        Some(*self)
    }
}
