use std::fmt;

use crate::{ffi, status};

/// Why a search for the least squares ended.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeastSquaresStatus {
    /// The residuals are orthogonal to each column of the Jacobian within `gtol`.
    Gtol,
    /// Actual and predicted relative change of the sum of squares are at most `ftol`.
    Ftol,
    /// The relative change of the parameters is at most `xtol`.
    Xtol,
    /// Both `ftol` and `xtol` are met.
    FtolAndXtol,
    /// `max_nfev` evaluations were made.
    MaxEvaluations,
    /// `ftol` is too small: the sum of squares cannot be reduced further.
    FtolTooSmall,
    /// `xtol` is too small: the parameters cannot be improved further.
    XtolTooSmall,
    /// `gtol` is too small: the residuals are orthogonal to the Jacobian within roundoff.
    GtolTooSmall,
    /// The residuals are not finite at the start.
    NotFinite,
    /// The derivatives are not finite at the best point found.
    JacobianNotFinite,
    /// The batch was stopped before this member.
    NotRun,
}

impl LeastSquaresStatus {
    /// Whether the parameters are at a minimum as far as the tolerances, or the arithmetic, tell.
    #[must_use]
    pub fn converged(self) -> bool {
        use LeastSquaresStatus as S;
        match self {
            S::Gtol | S::Ftol | S::Xtol | S::FtolAndXtol => true,
            S::FtolTooSmall | S::XtolTooSmall | S::GtolTooSmall => true,
            S::MaxEvaluations | S::NotFinite | S::JacobianNotFinite | S::NotRun => false,
        }
    }

    /// The status in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        status::text(match self {
            Self::Gtol => "FT_GTOL",
            Self::Ftol => "FT_FTOL",
            Self::Xtol => "FT_XTOL",
            Self::FtolAndXtol => "FT_XTOL_AND_FTOL",
            Self::MaxEvaluations => "FT_MAX_EVALUATIONS",
            Self::FtolTooSmall => "FT_FTOL_TOO_SMALL",
            Self::XtolTooSmall => "FT_XTOL_TOO_SMALL",
            Self::GtolTooSmall => "FT_GTOL_TOO_SMALL",
            Self::NotFinite => "FT_START_NOT_FINITE",
            Self::JacobianNotFinite => "FT_JACOBIAN_NOT_FINITE",
            Self::NotRun => return "the batch was stopped before this member",
        })
    }

    /// The number in `scipy.optimize.least_squares`: 0 for `max_nfev`, 1 for `gtol`, 2 for
    /// `ftol`, 3 for `xtol`, 4 for both; beyond it, 5 to 7 where `ftol`, `xtol` or `gtol` is too
    /// small, -2 and -3 where residuals or derivatives are not finite, -4 where nothing was run.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::MaxEvaluations => 0,
            Self::Gtol => 1,
            Self::Ftol => 2,
            Self::Xtol => 3,
            Self::FtolAndXtol => 4,
            Self::FtolTooSmall => 5,
            Self::XtolTooSmall => 6,
            Self::GtolTooSmall => 7,
            Self::NotFinite => -2,
            Self::JacobianNotFinite => -3,
            Self::NotRun => -4,
        }
    }

    /// The number that MINPACK calls `info`, as in `scipy.optimize.leastsq`: 1 to 8; 0 where it
    /// has none.
    #[must_use]
    pub fn info(self) -> i32 {
        match self {
            Self::Ftol => 1,
            Self::Xtol => 2,
            Self::FtolAndXtol => 3,
            Self::Gtol => 4,
            Self::MaxEvaluations => 5,
            Self::FtolTooSmall => 6,
            Self::XtolTooSmall => 7,
            Self::GtolTooSmall => 8,
            Self::NotFinite | Self::JacobianNotFinite | Self::NotRun => 0,
        }
    }

    pub(in crate::optimize) fn from_kernel(status: i32) -> Self {
        match status {
            ffi::FT_GTOL => Self::Gtol,
            ffi::FT_FTOL => Self::Ftol,
            ffi::FT_XTOL => Self::Xtol,
            ffi::FT_XTOL_AND_FTOL => Self::FtolAndXtol,
            ffi::FT_FTOL_TOO_SMALL => Self::FtolTooSmall,
            ffi::FT_XTOL_TOO_SMALL => Self::XtolTooSmall,
            ffi::FT_GTOL_TOO_SMALL => Self::GtolTooSmall,
            ffi::FT_START_NOT_FINITE => Self::NotFinite,
            ffi::FT_JACOBIAN_NOT_FINITE => Self::JacobianNotFinite,
            _ => Self::MaxEvaluations,
        }
    }
}

impl fmt::Display for LeastSquaresStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}
