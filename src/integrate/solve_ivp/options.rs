use crate::error::require;
use crate::{Error, Result};

/// How to integrate.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Method {
    /// Dormand and Prince's pair of orders 5 and 4: for loose tolerances, above about 1e-6.
    #[default]
    Rk45,
    /// The method of order 8 of Dormand and Prince, in Hairer's form: for tight tolerances.
    Dop853,
    /// Radau IIA of order 5, implicit: for stiff problems.
    Radau,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rk45, Self::Dop853, Self::Radau];

    /// SciPy's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rk45 => "RK45",
            Self::Dop853 => "DOP853",
            Self::Radau => "Radau",
        }
    }
}

/// An error that is good enough, the same for all components or one for each.
#[derive(Debug, Clone, PartialEq)]
pub enum Tolerance {
    /// The same for all components.
    Scalar(f64),
    /// One for each component.
    PerComponent(Vec<f64>),
}

impl Tolerance {
    /// One number, or one for each component.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        match self {
            Self::Scalar(value) => std::slice::from_ref(value),
            Self::PerComponent(values) => values,
        }
    }

    /// One number for each of `n` components.
    pub(super) fn for_components(&self, n: usize) -> Vec<f64> {
        match self {
            Self::Scalar(value) => vec![*value; n],
            Self::PerComponent(values) => values.clone(),
        }
    }
}

impl From<f64> for Tolerance {
    fn from(value: f64) -> Self {
        Self::Scalar(value)
    }
}

impl From<Vec<f64>> for Tolerance {
    fn from(values: Vec<f64>) -> Self {
        Self::PerComponent(values)
    }
}

/// Method, tolerances, steps and outputs of an integration.
///
/// ```
/// use ferrotran::integrate::{IvpOptions, Method};
///
/// let options = IvpOptions {
///     method: Method::Dop853,
///     rtol: 1e-10,
///     atol: 1e-12.into(),
///     ..Default::default()
/// };
/// assert_eq!(options.max_step, f64::INFINITY);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IvpOptions {
    /// How to integrate.
    pub method: Method,
    /// Relative error of a step that is good enough; below 100 machine epsilons it counts as
    /// 100.
    pub rtol: f64,
    /// Absolute error of a step that is good enough. A step passes when the root mean square of
    /// error / (`atol` + `rtol` * |y|) over the components is at most 1. [`Method::Radau`] is
    /// stricter above 1e-7: there it multiplies both by (1e-7 / `rtol`)^(1/6).
    pub atol: Tolerance,
    /// Size of the first step, above 0 and at most the length of the span; `None`: the method
    /// chooses.
    pub first_step: Option<f64>,
    /// Largest step, above 0.
    pub max_step: f64,
    /// Most tries at a step, accepted or rejected, at least 1; `None`: no limit.
    pub max_steps: Option<usize>,
    /// Times of the outputs, inside the span and in the direction of integration, without
    /// duplicates; `None`: the end of each step.
    pub t_eval: Option<Vec<f64>>,
    /// Whether to keep the solution as a function of time.
    pub dense_output: bool,
    /// Numbers of diagonals below and above the main one outside which the Jacobian is zero;
    /// `None`: the Jacobian is full. Read by [`Method::Radau`] alone.
    pub band: Option<(usize, usize)>,
}

impl Default for IvpOptions {
    /// SciPy's: RK45, `rtol` 1e-3, `atol` 1e-6, steps of any size and number.
    fn default() -> Self {
        Self {
            method: Method::default(),
            rtol: 1e-3,
            atol: Tolerance::Scalar(1e-6),
            first_step: None,
            max_step: f64::INFINITY,
            max_steps: None,
            t_eval: None,
            dense_output: false,
            band: None,
        }
    }
}

impl IvpOptions {
    /// The relative tolerance that is used.
    #[must_use]
    pub fn effective_rtol(&self) -> f64 {
        self.rtol.max(100.0 * f64::EPSILON)
    }

    /// Checks everything against the span and the number of components.
    pub(super) fn check(&self, (t0, t1): (f64, f64), n: usize) -> Result<()> {
        require("t_span", t0, t0.is_finite(), "a finite start")?;
        require("t_span", t1, t1.is_finite(), "a finite end")?;
        let length = (t1 - t0).abs();
        require(
            "t_span",
            t1,
            length.is_finite(),
            "an end at a finite distance",
        )?;
        let not_negative = |x: f64| x >= 0.0 && x.is_finite();
        require("rtol", self.rtol, not_negative(self.rtol), NOT_NEGATIVE)?;
        if let Tolerance::PerComponent(values) = &self.atol
            && values.len() != n
        {
            return Err(Error::Length {
                argument: "atol",
                expected: n,
                found: values.len(),
            });
        }
        for &atol in self.atol.as_slice() {
            require("atol", atol, not_negative(atol), NOT_NEGATIVE)?;
        }
        if let Some(h) = self.first_step {
            let inside = h > 0.0 && h <= length;
            let expected = "above 0 and at most the length of `t_span`";
            require("first_step", h, inside, expected)?;
        }
        require("max_step", self.max_step, self.max_step > 0.0, "above 0")?;
        let tries = self.max_steps.unwrap_or(1);
        require("max_steps", tries as f64, tries > 0, "at least 1")?;
        if let Some((lower, upper)) = self.band
            && n > 0
        {
            let widest = lower.max(upper);
            let expected = "less than the number of components";
            require("band", widest as f64, widest < n, expected)?;
        }
        self.t_eval
            .as_deref()
            .map_or(Ok(()), |times| check_times(times, t0, t1))
    }
}

/// Checks that output times lie in the span and run in its direction.
fn check_times(times: &[f64], t0: f64, t1: f64) -> Result<()> {
    let (low, high) = (t0.min(t1), t0.max(t1));
    for &t in times {
        require("t_eval", t, low <= t && t <= high, "a time inside `t_span`")?;
    }
    let sign = t1 - t0;
    for pair in times.windows(2) {
        let sorted = sign == 0.0 || (sign > 0.0) == (pair[1] > pair[0]) && pair[0] != pair[1];
        let expected = "times sorted in the direction of `t_span`, without duplicates";
        require("t_eval", pair[1], sorted, expected)?;
    }
    Ok(())
}

const NOT_NEGATIVE: &str = "a finite number, at least 0";
