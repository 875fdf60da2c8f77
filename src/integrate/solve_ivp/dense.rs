use std::fmt;

use ndarray::{Array1, Array2, ArrayRef1};

use super::stepper::Stepper;

/// The solution as a function of time, made of the interpolants of the steps.
///
/// The interpolant of RK45 and DOP853 has order 4 and 7, that of Radau 3. Beyond the span the
/// first or last interpolant is extrapolated.
#[derive(Clone)]
pub struct DenseSolution {
    n: usize,
    /// The start, then the end of each step.
    times: Vec<f64>,
    /// The last step's end, which lies behind that in `times` after a terminal event.
    last: f64,
    width: usize,
    /// `width` numbers for each step.
    coefficients: Vec<f64>,
    evaluate: fn(&[f64], f64, f64, f64, &mut [f64]),
}

impl DenseSolution {
    /// A solution without steps.
    pub(super) fn new<S: Stepper>(n: usize, t0: f64, stepper: &S) -> Self {
        Self {
            n,
            times: vec![t0],
            last: t0,
            width: stepper.coefficient_count(),
            coefficients: Vec::new(),
            evaluate: S::evaluate,
        }
    }

    /// Adds the last accepted step of `lane`, up to `end`.
    pub(super) fn push<S: Stepper>(&mut self, stepper: &S, lane: usize, end: f64) {
        let old = self.coefficients.len();
        self.coefficients.resize(old + self.width, 0.0);
        stepper.coefficients(lane, &mut self.coefficients[old..]);
        self.times.push(end);
        self.last = stepper.t(lane);
    }

    /// The start, then the end of each step; the last is where the integration ended.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        self.n
    }

    /// The state at `t`; NaN when not one step succeeded.
    #[must_use]
    pub fn at(&self, t: f64) -> Array1<f64> {
        let mut y = vec![0.0; self.n];
        self.evaluate_into(t, &mut y);
        Array1::from_vec(y)
    }

    /// The states at many times in any order, (n x times).
    #[must_use]
    pub fn at_all(&self, t: &ArrayRef1<f64>) -> Array2<f64> {
        let mut y = vec![0.0; self.n * t.len()];
        if self.n > 0 {
            for (y, &t) in y.chunks_exact_mut(self.n).zip(t) {
                self.evaluate_into(t, y);
            }
        }
        columns(y, self.n, t.len())
    }

    /// Puts the state at `t` into `y`.
    ///
    /// # Panics
    /// When `y` has not one element for each component.
    pub fn evaluate_into(&self, t: f64, y: &mut [f64]) {
        assert_eq!(y.len(), self.n, "`y` has one element for each component");
        let steps = self.times.len() - 1;
        if steps == 0 {
            y.fill(f64::NAN);
            return;
        }
        // A time between two steps belongs to the earlier one.
        let backward = self.last < self.times[0];
        let inner = &self.times[1..steps];
        let step = inner.partition_point(|&end| if backward { end > t } else { end < t });
        let end = if step + 1 == steps {
            self.last
        } else {
            self.times[step + 1]
        };
        let coefficients = &self.coefficients[step * self.width..][..self.width];
        (self.evaluate)(coefficients, self.times[step], end, t, y);
    }
}

/// States that follow each other in memory as the columns of a matrix.
pub(super) fn columns(states: Vec<f64>, n: usize, count: usize) -> Array2<f64> {
    Array2::from_shape_vec((count, n), states)
        .expect("one number for each component of each state")
        .reversed_axes()
}

impl fmt::Debug for DenseSolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DenseSolution")
            .field("components", &self.n)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
