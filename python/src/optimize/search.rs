//! What both functions say to the search.

use ferrotran::optimize::{LeastSquaresOptions, LeastSquaresStatus};

/// Bounds and tolerances as Python gives them.
pub(super) struct Search {
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) x_scale: Option<Vec<f64>>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) ftol: f64,
    pub(super) xtol: f64,
    pub(super) gtol: f64,
    pub(super) diff_step: Option<f64>,
    pub(super) factor: f64,
    pub(super) max_nfev: Option<usize>,
}

impl Search {
    /// The options of the library. Infinite bounds all round are none.
    pub(super) fn options(self) -> LeastSquaresOptions {
        let bounded = self.lower.iter().chain(&self.upper).any(|b| b.is_finite());
        let (lower, upper) = match bounded {
            true => (self.lower, self.upper),
            false => (Vec::new(), Vec::new()),
        };
        LeastSquaresOptions {
            ftol: self.ftol,
            xtol: self.xtol,
            gtol: self.gtol,
            max_nfev: self.max_nfev,
            factor: self.factor,
            lower,
            upper,
            x_scale: self.x_scale.unwrap_or_default(),
            weights: self.weights.unwrap_or_default(),
            diff_step: self.diff_step,
        }
    }
}

/// SciPy's `ier` of `leastsq` and `curve_fit`: 1 to 4 where a solution is found, also if a
/// tolerance is too small to be told from roundoff; 5 for too many evaluations; below 0 what it
/// has no number for.
pub(super) fn ier(status: LeastSquaresStatus) -> i32 {
    match status.info() {
        0 => status.number(),
        6 => 1,
        7 => 2,
        8 => 4,
        info => info,
    }
}
