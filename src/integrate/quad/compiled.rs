use std::ffi::{c_int, c_void};

use super::{Quad, QuadOptions, QuadWorkspace, fill};
use crate::{Error, Result};

type Scalar = unsafe extern "C" fn(f64, *mut c_void) -> f64;
type Nodes = unsafe extern "C" fn(*mut c_void, isize, *const f64, *mut f64) -> c_int;

/// An integrand that is a C function, with the context it is called with.
#[derive(Debug, Clone, Copy)]
pub struct Compiled {
    kind: Kind,
    ctx: *mut c_void,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Scalar(Scalar),
    Nodes(Nodes),
}

impl Compiled {
    /// Wraps `double f(double x, void *ctx)`.
    ///
    /// # Safety
    /// As long as the result is used, `f` may be called with `ctx` on the thread that calls
    /// [`quad_compiled`], and neither unwinds nor jumps out.
    #[must_use]
    pub const unsafe fn scalar(f: Scalar, ctx: *mut c_void) -> Self {
        Self {
            kind: Kind::Scalar(f),
            ctx,
        }
    }

    /// Wraps `int f(void *ctx, ptrdiff_t n, const double *x, double *y)`, which puts its values
    /// at the `n` nodes `x` into `y`; nonzero stops the quadrature.
    ///
    /// # Safety
    /// As for [`Compiled::scalar`]; `f` reads `n` numbers at `x` and writes `n` at `y`.
    #[must_use]
    pub const unsafe fn nodes(f: Nodes, ctx: *mut c_void) -> Self {
        Self {
            kind: Kind::Nodes(f),
            ctx,
        }
    }
}

/// Integrates a C function from `a` to `b`.
///
/// ```
/// use std::ffi::c_void;
/// use ferrotran::integrate::{Compiled, QuadOptions, quad_compiled};
///
/// unsafe extern "C" fn square(x: f64, _: *mut c_void) -> f64 {
///     x * x
/// }
/// // SAFETY: `square` ignores its context and does not unwind.
/// let f = unsafe { Compiled::scalar(square, std::ptr::null_mut()) };
/// let result = quad_compiled(f, 0.0, 3.0, &QuadOptions::default())?;
/// assert!((result.value - 9.0).abs() < 1e-14 * 9.0);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
/// As [`quad_with`](super::quad_with), and [`Error::Stopped`] when the function asks for it.
pub fn quad_compiled(f: Compiled, a: f64, b: f64, options: &QuadOptions) -> Result<Quad> {
    let mut workspace = QuadWorkspace::new();
    let call = |x: &[f64], y: &mut [f64]| {
        match f.kind {
            // SAFETY: the promise made to `Compiled::scalar`.
            Kind::Scalar(scalar) => fill(x, y, |x| unsafe { scalar(x, f.ctx) }),
            Kind::Nodes(nodes) => {
                // SAFETY: the promise made to `Compiled::nodes`; both slices have that length.
                let stop = unsafe { nodes(f.ctx, x.len() as isize, x.as_ptr(), y.as_mut_ptr()) };
                if stop != 0 {
                    return Err(Error::Stopped);
                }
            }
        }
        Ok(())
    };
    workspace.try_quad_nodes(call, a, b, options)
}
