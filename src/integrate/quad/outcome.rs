use std::fmt;

use crate::{Error, Result, ffi, status};

/// What a quadrature found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quad {
    /// The integral.
    pub value: f64,
    /// Estimate of its absolute error.
    pub abs_error: f64,
    /// Evaluations of the integrand.
    pub evaluations: usize,
    /// Subintervals in use at the end.
    pub subintervals: usize,
    /// Whether the tolerance is met, and if not, why.
    pub status: QuadStatus,
}

impl Quad {
    /// Turns a missed tolerance into an error.
    ///
    /// # Errors
    /// [`Error::Accuracy`] unless the status is [`QuadStatus::Converged`].
    pub fn converged(self) -> Result<Self> {
        match self.status {
            QuadStatus::Converged => Ok(self),
            status => Err(Error::Accuracy {
                reason: status.reason(),
                value: self.value,
                abs_error: self.abs_error,
            }),
        }
    }
}

/// Whether a quadrature met its tolerance, and if not, why. Displays as words.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuadStatus {
    /// The error estimate meets the tolerance, or the integrand was NaN and so is the value.
    Converged,
    /// All `limit` subintervals are in use. More may help; a break point at the difficulty
    /// helps more.
    MaxSubdivisions,
    /// Roundoff prevents the tolerance; the error may be underestimated.
    Roundoff,
    /// The integrand behaves extremely badly at some point, or is infinite there.
    BadIntegrand,
    /// The extrapolation does not converge; the value is the best that can be had.
    NoConvergence,
    /// The integral is probably divergent, or converges slowly.
    Divergent,
}

impl QuadStatus {
    /// The status in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        status::text(match self {
            Self::Converged => "FT_OK",
            Self::MaxSubdivisions => "FT_MAX_SUBDIVISIONS",
            Self::Roundoff => "FT_ROUNDOFF",
            Self::BadIntegrand => "FT_BAD_INTEGRAND",
            Self::NoConvergence => "FT_NO_CONVERGENCE",
            Self::Divergent => "FT_DIVERGENT",
        })
    }

    /// The number that QUADPACK calls `ier`: 0 to 5.
    #[must_use]
    pub fn ier(self) -> u8 {
        self as u8
    }

    pub(super) fn from_kernel(status: i32) -> Self {
        match status {
            ffi::FT_MAX_SUBDIVISIONS => Self::MaxSubdivisions,
            ffi::FT_ROUNDOFF => Self::Roundoff,
            ffi::FT_BAD_INTEGRAND => Self::BadIntegrand,
            ffi::FT_NO_CONVERGENCE => Self::NoConvergence,
            ffi::FT_DIVERGENT => Self::Divergent,
            _ => Self::Converged,
        }
    }
}

impl fmt::Display for QuadStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}
