//! Curve fits and least squares.

mod fit;
mod fit_options;
mod least_squares;
mod least_squares_batch;

use std::ffi::c_int;

use ferrotran::optimize::LeastSquaresStatus;

use crate::header as ft;

/// The status of a search as the header has it.
fn status(status: LeastSquaresStatus) -> c_int {
    use LeastSquaresStatus as S;
    match status {
        S::Gtol => ft::FT_GTOL,
        S::Ftol => ft::FT_FTOL,
        S::Xtol => ft::FT_XTOL,
        S::FtolAndXtol => ft::FT_XTOL_AND_FTOL,
        S::MaxEvaluations => ft::FT_MAX_EVALUATIONS,
        S::FtolTooSmall => ft::FT_FTOL_TOO_SMALL,
        S::XtolTooSmall => ft::FT_XTOL_TOO_SMALL,
        S::GtolTooSmall => ft::FT_GTOL_TOO_SMALL,
        S::NotFinite => ft::FT_START_NOT_FINITE,
        S::JacobianNotFinite => ft::FT_JACOBIAN_NOT_FINITE,
        S::NotRun => ft::FT_NOT_RUN,
        _ => ft::FT_INTERNAL,
    }
}
