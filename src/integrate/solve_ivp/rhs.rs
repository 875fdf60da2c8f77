//! Right-hand sides: closures, C functions and built-in systems as the kernels call them.

mod closures;
mod compiled;
mod guard;
mod transpose;

pub use closures::InLanes;
pub use compiled::{CompiledRhs, LanesFn, ScalarFn};
pub(super) use guard::Guard;

use super::stepper::Rhs;
use crate::Error;

/// Members that a vectorised right-hand side gets at once.
pub const LANES: usize = 8;

/// One number of each of [`LANES`] members.
pub type Lanes = [f64; LANES];

/// What computes `dy/dt` of the members of an ensemble.
///
/// | right-hand side | what it is |
/// |---|---|
/// | a closure `f(t: f64, y: &[f64], dydt: &mut [f64], p: &[f64])` | called member by member |
/// | [`InLanes`] | a closure over [`LANES`] members at once, for the vector units |
/// | [`CompiledRhs`] | a C function, scalar or vectorised |
/// | [`System`](super::System) | a built-in system |
///
/// `y` and `dydt` have one element per component and `p` has the parameters of the member. A
/// closure returns nothing, or `Result<(), E>` whose error ends the integration and comes out of
/// it. What it leaves out of `dydt` is NaN.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no right-hand side",
    note = "a closure needs its types: `|t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]|`"
)]
pub trait RightHandSide {
    /// What ends an integration: the error of the closure, else [`Error`].
    type Error: From<Error>;

    #[doc(hidden)]
    type Source<'a>: Source<Error = Self::Error>
    where
        Self: 'a;

    #[doc(hidden)]
    type Jacobian<'a>: Source<Error = Self::Error>
    where
        Self: 'a;

    /// For members with so many parameters and numbers put out: the components, or the elements
    /// of a Jacobian.
    #[doc(hidden)]
    fn source(&self, parameters: usize, outputs: usize) -> Self::Source<'_>;

    /// The Jacobian it brings, if any has this shape.
    #[doc(hidden)]
    fn jacobian(&self, _parameters: usize, _shape: JacobianShape) -> Option<Self::Jacobian<'_>> {
        None
    }

    /// Adds the Jacobian, a function of the same kind or another: in place of `dydt` it fills the
    /// matrix whose element (i, j), at `i * n + j`, is the derivative of `dydt[i]` by `y[j]`; with
    /// [`IvpOptions::band`](super::IvpOptions::band) it is at `(i - j + upper) * n + j`. What it
    /// leaves out is zero.
    ///
    /// Only implicit methods call it; without it they take differences.
    ///
    /// ```
    /// use ferrotran::integrate::RightHandSide;
    ///
    /// let f = |_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| dydt[0] = -p[0] * y[0] * y[0];
    /// let jac = |_t: f64, y: &[f64], jac: &mut [f64], p: &[f64]| jac[0] = -2.0 * p[0] * y[0];
    /// let rhs = f.with_jacobian(jac);
    /// # let _ = rhs;
    /// ```
    fn with_jacobian<J>(self, jacobian: J) -> WithJacobian<Self, J>
    where
        Self: Sized,
        J: RightHandSide<Error = Self::Error>,
    {
        WithJacobian {
            rhs: self,
            jacobian,
        }
    }

    /// Whether it computes all lanes at the cost of one.
    #[doc(hidden)]
    fn in_lanes(&self) -> bool {
        false
    }

    #[doc(hidden)]
    fn check(&self, _components: usize, _parameters: usize) -> crate::Result<()> {
        Ok(())
    }
}

/// The shape of a Jacobian of order `n`: full, or a `band` of so many diagonals below and above the
/// main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JacobianShape {
    pub(super) n: usize,
    pub(super) band: Option<(usize, usize)>,
}

impl JacobianShape {
    /// Elements: (n x n) or (below + above + 1 x n).
    pub(super) fn elements(self) -> usize {
        self.n * self.band.map_or(self.n, |(lower, upper)| lower + upper + 1)
    }
}

/// A right-hand side and its Jacobian, from [`RightHandSide::with_jacobian`].
#[derive(Debug, Clone, Copy)]
pub struct WithJacobian<R, J> {
    rhs: R,
    jacobian: J,
}

impl<R, J> RightHandSide for WithJacobian<R, J>
where
    R: RightHandSide,
    J: RightHandSide<Error = R::Error>,
{
    type Error = R::Error;
    type Source<'a>
        = R::Source<'a>
    where
        Self: 'a;
    type Jacobian<'a>
        = J::Source<'a>
    where
        Self: 'a;

    fn source(&self, parameters: usize, outputs: usize) -> R::Source<'_> {
        self.rhs.source(parameters, outputs)
    }

    fn jacobian(&self, parameters: usize, shape: JacobianShape) -> Option<J::Source<'_>> {
        let source = self.jacobian.source(parameters, shape.elements());
        source.leave(0.0);
        Some(source)
    }

    fn in_lanes(&self) -> bool {
        self.rhs.in_lanes()
    }

    fn check(&self, components: usize, parameters: usize) -> crate::Result<()> {
        self.rhs.check(components, parameters)
    }
}

/// What a closure may return: nothing, or a `Result` without value.
pub trait Returned {
    /// The error.
    type Error: From<Error>;

    /// As a `Result`.
    ///
    /// # Errors
    /// That of the closure.
    fn result(self) -> Result<(), Self::Error>;
}

impl Returned for () {
    type Error = Error;

    fn result(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E: From<Error>> Returned for Result<(), E> {
    type Error = E;

    fn result(self) -> Self {
        self
    }
}

/// A right-hand side, or the Jacobian of one, in the service of one stepper.
pub trait Source {
    type Error: From<Error>;

    /// What the kernel calls. It may be used as long as `self` lives and stays in its place.
    fn rhs(&self) -> Rhs;

    /// Says whether `lane` holds a member; at first all do. Scalar functions are not called for
    /// the others.
    fn set_busy(&self, _lane: usize, _busy: bool) {}

    /// Sets what a closure finds in its place for results, NaN if nothing else is said.
    fn leave(&self, _blank: f64) {}

    /// The error that made the kernel stop, if it was this and not another source or a C function
    /// without a reason. A panic goes on from here.
    fn taken(&self) -> Option<Self::Error>;
}

/// A C function that the kernels call themselves; it has no reason when it stops them.
pub struct Direct(pub(super) Rhs);

impl Source for Direct {
    type Error = Error;

    fn rhs(&self) -> Rhs {
        self.0
    }

    fn taken(&self) -> Option<Error> {
        None
    }
}

#[cfg(test)]
#[path = "rhs/tests.rs"]
mod tests;
