use super::Problem;
use crate::{Error, Result};

/// Tolerances, effort, bounds and scaling of a search for the least squares.
///
/// ```
/// use ferrotran::optimize::LeastSquaresOptions;
///
/// let options = LeastSquaresOptions { lower: vec![0.0, -1.0], ..Default::default() };
/// assert_eq!(options.ftol, 1e-8);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquaresOptions {
    /// Relative change of the sum of squares, as done and as predicted, that is small enough.
    pub ftol: f64,
    /// Relative change of the parameters, in the scaled norm, that is small enough.
    pub xtol: f64,
    /// Cosine of the angle between the residuals and any column of the Jacobian that is small
    /// enough.
    pub gtol: f64,
    /// Most evaluations of the residuals; `None`: 100 n with derivatives and 100 n (n + 1) with
    /// differences, whose evaluations count.
    pub max_nfev: Option<usize>,
    /// First radius of the trust region over the scaled length of `x0`; 0.1 to 100 are usual.
    pub factor: f64,
    /// Lower bounds, one per parameter; -inf for none, empty for none at all.
    pub lower: Vec<f64>,
    /// Upper bounds, one per parameter; inf for none, empty for none at all.
    pub upper: Vec<f64>,
    /// Typical sizes of the parameters; empty: the method scales by the longest columns of the
    /// Jacobian so far.
    pub x_scale: Vec<f64>,
    /// Weights, one per residual, by which residuals and their derivatives are multiplied: 1 over
    /// the standard deviation where residuals are of unequal certainty, 0 to leave one out. Empty:
    /// all 1. A fit takes `sigma` instead.
    pub weights: Vec<f64>,
    /// Relative step of forward differences; `None`: the root of the machine epsilon.
    pub diff_step: Option<f64>,
}

impl Default for LeastSquaresOptions {
    /// Tolerances of 1e-8, `factor` 100, no bounds, all else left to the method.
    fn default() -> Self {
        Self {
            ftol: 1e-8,
            xtol: 1e-8,
            gtol: 1e-8,
            max_nfev: None,
            factor: 100.0,
            lower: Vec::new(),
            upper: Vec::new(),
            x_scale: Vec::new(),
            weights: Vec::new(),
            diff_step: None,
        }
    }
}

/// Bounds with the missing half filled in.
#[derive(Debug, Clone, Default)]
pub(in crate::optimize) struct Bounds {
    pub(in crate::optimize) lower: Vec<f64>,
    pub(in crate::optimize) upper: Vec<f64>,
}

impl LeastSquaresOptions {
    /// The bounds on `n` parameters; both sides are empty where there are none.
    pub(in crate::optimize) fn bounds(&self, n: usize) -> Result<Bounds> {
        let side = |argument, given: &Vec<f64>, other: &Vec<f64>, none: f64| {
            if given.is_empty() {
                let length = if other.is_empty() { 0 } else { n };
                return Ok(vec![none; length]);
            }
            check_length(argument, given, n)?;
            Ok(given.clone())
        };
        let bounds = Bounds {
            lower: side("lower", &self.lower, &self.upper, f64::NEG_INFINITY)?,
            upper: side("upper", &self.upper, &self.lower, f64::INFINITY)?,
        };
        for (&low, &high) in bounds.lower.iter().zip(&bounds.upper) {
            if low.is_nan() || low == f64::INFINITY {
                return bad("lower", "a number below infinity", low);
            }
            if high.is_nan() || high <= low {
                return bad("upper", "a number above the lower bound", high);
            }
        }
        Ok(bounds)
    }

    /// Checks the options for `m` residuals and `n` parameters.
    pub(in crate::optimize) fn problem<'a>(
        &'a self,
        m: usize,
        n: usize,
        bounds: &'a Bounds,
        differences: bool,
    ) -> Result<Problem<'a>> {
        if n == 0 {
            return Err(Error::Length {
                argument: "x0",
                expected: 1,
                found: 0,
            });
        }
        if m < n {
            let expected = "at least as many residuals as parameters";
            return bad("m", expected, m as f64);
        }
        let tolerances = [
            ("ftol", self.ftol),
            ("xtol", self.xtol),
            ("gtol", self.gtol),
        ];
        for (argument, tolerance) in tolerances {
            if tolerance.is_nan() || tolerance < 0.0 {
                return bad(argument, "zero or more", tolerance);
            }
        }
        if self.factor.is_nan() || self.factor <= 0.0 {
            return bad("factor", "more than zero", self.factor);
        }
        if self.max_nfev == Some(0) {
            return bad("max_nfev", "at least 1", 0.0);
        }
        if !self.x_scale.is_empty() {
            check_length("x_scale", &self.x_scale, n)?;
        }
        if !self.weights.is_empty() {
            check_length("weights", &self.weights, m)?;
        }
        if let Some(&weight) = self.weights.iter().find(|&&w| !(w >= 0.0 && w.is_finite())) {
            return bad("weights", "a finite number, zero or more", weight);
        }
        if let Some(&scale) = self.x_scale.iter().find(|&&s| !(s > 0.0 && s.is_finite())) {
            return bad("x_scale", "a finite number above zero", scale);
        }
        let diff_step = self.diff_step.unwrap_or(f64::EPSILON.sqrt());
        if !(diff_step > 0.0 && diff_step < 1.0) {
            return bad("diff_step", "a number between 0 and 1", diff_step);
        }
        let effort = if differences {
            n.saturating_mul(n + 1)
        } else {
            n
        };
        let default = effort.saturating_mul(100).max(1);
        Ok(Problem {
            m,
            lower: &bounds.lower,
            upper: &bounds.upper,
            x_scale: &self.x_scale,
            weights: &self.weights,
            together: false,
            diff_step: if differences { diff_step } else { 0.0 },
            ftol: self.ftol,
            xtol: self.xtol,
            gtol: self.gtol,
            factor: self.factor,
            max_nfev: self.max_nfev.unwrap_or(default),
        })
    }
}

impl Bounds {
    /// Checks that a start is finite and inside.
    pub(in crate::optimize) fn check_start(&self, x0: &[f64]) -> Result<()> {
        if let Some(&x) = x0.iter().find(|x| !x.is_finite()) {
            return bad("x0", "a finite number", x);
        }
        let inside = self.lower.iter().zip(&self.upper).zip(x0);
        for ((&low, &high), &x) in inside {
            if !(low <= x && x <= high) {
                return bad("x0", "a number within the bounds", x);
            }
        }
        Ok(())
    }
}

fn check_length(argument: &'static str, given: &[f64], n: usize) -> Result<()> {
    if given.len() == n {
        return Ok(());
    }
    Err(Error::Length {
        argument,
        expected: n,
        found: given.len(),
    })
}

fn bad<T>(argument: &'static str, expected: &'static str, found: f64) -> Result<T> {
    Err(Error::Value {
        argument,
        expected,
        found,
    })
}
