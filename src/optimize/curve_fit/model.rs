use std::ffi::{c_int, c_void};
use std::fmt;

use super::guess;
use super::traits::{CompiledModel, FitModel, ModelFn, NormalFn};
use crate::{Error, Result, ffi};

/// A built-in model, in C, with its derivatives.
///
/// Values and derivatives are within a few units of the last place, on every instruction set.
///
/// | model | parameters | value |
/// |---|---|---|
/// | `Gaussian` | amplitude a, mean m, sigma s, offset c | a exp(-(x - m)² / (2 s²)) + c |
/// | `Lorentzian` | amplitude a, center m, width w, offset c | a / (1 + ((x - m) / w)²) + c |
/// | `PseudoVoigt` | amplitude a, center m, width w, fraction f, offset c | a (f / (1 + z²) + (1 - f) exp(-log(2) z²)) + c, z = (x - m) / w |
/// | `Exponential` | amplitude a, rate k, offset c | a exp(-k x) + c |
/// | `DoubleExponential` | amplitude a, rate k, amplitude2 b, rate2 l, offset c | a exp(-k x) + b exp(-l x) + c |
/// | `Power` | amplitude a, exponent b, offset c | a xᵇ + c, NaN for x < 0 |
/// | `Logistic` | amplitude a, center m, rate k, offset c | a / (1 + exp(-k (x - m))) + c |
/// | `Polynomial` | c0, c1, ... | c0 + c1 x + ... of the given degree |
/// | `Sine` | amplitude a, frequency f, phase h, offset c | a sin(2π f x + h) + c |
///
/// The widths of `Lorentzian` and `PseudoVoigt` are half widths at half maximum. A fit finds
/// sigma and width with either sign: only the square matters.
///
/// ```
/// use ferrotran::optimize::Model;
///
/// assert_eq!(Model::Gaussian.parameter_names(), ["amplitude", "mean", "sigma", "offset"]);
/// let mut y = [0.0; 2];
/// Model::Polynomial { degree: 2 }.values(&[1.0, 2.0], &[1.0, 0.0, 3.0], &mut y)?;
/// assert_eq!(y, [4.0, 13.0]);
/// # Ok::<(), ferrotran::Error>(())
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// A bell on an offset.
    Gaussian,
    /// A Cauchy peak on an offset.
    Lorentzian,
    /// A mixture of the two of one width, the usual stand-in for a Voigt profile.
    PseudoVoigt,
    /// Decay, or growth for a negative rate, to an offset.
    Exponential,
    /// Two decays to an offset.
    DoubleExponential,
    /// A power on an offset.
    Power,
    /// A step of sigmoid shape on an offset.
    Logistic,
    /// A polynomial, lowest degree first.
    Polynomial {
        /// Degree: one less than there are coefficients.
        degree: usize,
    },
    /// An oscillation about an offset; the frequency counts periods per unit of x.
    Sine,
}

impl Model {
    /// Every model, the polynomial as a straight line.
    pub const ALL: [Self; 9] = [
        Self::Gaussian,
        Self::Lorentzian,
        Self::PseudoVoigt,
        Self::Exponential,
        Self::DoubleExponential,
        Self::Power,
        Self::Logistic,
        Self::Polynomial { degree: 1 },
        Self::Sine,
    ];

    /// The name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Lorentzian => "lorentzian",
            Self::PseudoVoigt => "pseudo_voigt",
            Self::Exponential => "exponential",
            Self::DoubleExponential => "double_exponential",
            Self::Power => "power",
            Self::Logistic => "logistic",
            Self::Polynomial { .. } => "polynomial",
            Self::Sine => "sine",
        }
    }

    /// The number of parameters.
    #[must_use]
    pub fn parameters(self) -> usize {
        match self {
            Self::Polynomial { degree } => degree.saturating_add(1),
            other => other.fixed_names().len(),
        }
    }

    /// The names of the parameters, in order.
    #[must_use]
    pub fn parameter_names(self) -> Vec<String> {
        match self {
            Self::Polynomial { degree } => (0..=degree).map(|k| format!("c{k}")).collect(),
            other => other.fixed_names().iter().map(|&s| s.to_owned()).collect(),
        }
    }

    fn fixed_names(self) -> &'static [&'static str] {
        match self {
            Self::Gaussian => &["amplitude", "mean", "sigma", "offset"],
            Self::Lorentzian => &["amplitude", "center", "width", "offset"],
            Self::PseudoVoigt => &["amplitude", "center", "width", "fraction", "offset"],
            Self::Exponential => &["amplitude", "rate", "offset"],
            Self::DoubleExponential => &["amplitude", "rate", "amplitude2", "rate2", "offset"],
            Self::Power => &["amplitude", "exponent", "offset"],
            Self::Logistic => &["amplitude", "center", "rate", "offset"],
            Self::Polynomial { .. } => &[],
            Self::Sine => &["amplitude", "frequency", "phase", "offset"],
        }
    }

    /// Puts the values at the points `x` with parameters `p` into `y`.
    ///
    /// # Errors
    /// [`Error::Length`] if `y` is not as long as `x`, or `p` not as the model needs it.
    pub fn values(self, x: &[f64], p: &[f64], y: &mut [f64]) -> Result<()> {
        self.evaluate(x, p, y, None)
    }

    /// Puts the values into `y` and the derivatives into `jac`: those by parameter `j` at
    /// `jac[j * x.len()..][..x.len()]`.
    ///
    /// # Errors
    /// As [`Model::values`]; also if `jac` has not one row of derivatives per parameter.
    pub fn values_and_derivatives(
        self,
        x: &[f64],
        p: &[f64],
        y: &mut [f64],
        jac: &mut [f64],
    ) -> Result<()> {
        self.evaluate(x, p, y, Some(jac))
    }

    /// A starting point for a fit, from the data.
    ///
    /// Peaks: the highest or lowest point and the share of points beyond half of it. Other
    /// models: the best of a grid of rates, exponents, centers or frequencies, with amplitude and
    /// offset by linear least squares. `x` may be in any order. What it cannot tell is 1.
    ///
    /// ```
    /// use ferrotran::optimize::Model;
    ///
    /// let x: Vec<f64> = (0..50).map(|i| 0.1 * f64::from(i)).collect();
    /// let y: Vec<f64> = x.iter().map(|x| 3.0 * (-0.7 * x).exp() + 1.0).collect();
    /// let p = Model::Exponential.guess(&x, &y)?;
    /// assert!((p[1] - 0.7).abs() < 0.3);
    /// # Ok::<(), ferrotran::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`] if `y` is not as long as `x`.
    pub fn guess(self, x: &[f64], y: &[f64]) -> Result<Vec<f64>> {
        check("y", y.len(), x.len())?;
        let mut p = vec![1.0; self.parameters()];
        guess::guess(self, x, y, &mut p);
        Ok(p)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FitModel for Model {
    type Error = Error;

    fn has_jacobian(&self) -> bool {
        true
    }

    fn parameters(&self) -> Option<usize> {
        Some(Self::parameters(*self))
    }

    fn predictors(&self) -> Option<usize> {
        Some(1)
    }

    fn guess(&self, x: &[f64], y: &[f64], p: &mut [f64]) -> bool {
        guess::guess(*self, x, y, p);
        true
    }

    fn compiled(&self) -> Option<CompiledModel> {
        // SAFETY: the kernels keep no state, touch what `ModelFn` says, at least one predictor
        // given, and refuse a number of parameters that is not theirs.
        let model = unsafe { CompiledModel::with_jacobian(kernel(*self), std::ptr::null_mut()) };
        Some(CompiledModel {
            normal: normal(*self),
            ..model
        })
    }

    fn evaluate(&self, x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>) -> Result<()> {
        let (m, n) = (x.len(), Self::parameters(*self));
        check("y", y.len(), m)?;
        check("p", p.len(), n)?;
        if let Some(jac) = &jac {
            check("jac", jac.len(), m * n)?;
        }
        let jac = jac.map_or(std::ptr::null_mut(), <[f64]>::as_mut_ptr);
        let (ctx, m, n) = (std::ptr::null_mut(), m as isize, n as isize);
        // SAFETY: the lengths are checked above; the slices are borrowed apart from one another.
        unsafe { kernel(*self)(ctx, m, n, x.as_ptr(), p.as_ptr(), y.as_mut_ptr(), jac) };
        Ok(())
    }
}

fn check(argument: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        argument,
        expected,
        found,
    })
}

/// Declares functions of C's calling convention that call the best variant of a kernel.
macro_rules! kernels {
    ($($name:ident)*) => {
        $(
            unsafe extern "C" fn $name(
                ctx: *mut c_void,
                m: isize,
                n: isize,
                x: *const f64,
                p: *const f64,
                y: *mut f64,
                jac: *mut f64,
            ) -> c_int {
                // SAFETY: the caller keeps the contract of the kernel.
                unsafe { ffi::$name(ctx, m, n, x, p, y, jac) }
            }
        )*
    };
}

kernels! {
    ft_model_gaussian_f64
    ft_model_lorentzian_f64
    ft_model_pseudo_voigt_f64
    ft_model_exponential_f64
    ft_model_double_exponential_f64
    ft_model_power_f64
    ft_model_logistic_f64
    ft_model_polynomial_f64
    ft_model_sine_f64
}

fn kernel(model: Model) -> ModelFn {
    match model {
        Model::Gaussian => ft_model_gaussian_f64,
        Model::Lorentzian => ft_model_lorentzian_f64,
        Model::PseudoVoigt => ft_model_pseudo_voigt_f64,
        Model::Exponential => ft_model_exponential_f64,
        Model::DoubleExponential => ft_model_double_exponential_f64,
        Model::Power => ft_model_power_f64,
        Model::Logistic => ft_model_logistic_f64,
        Model::Polynomial { .. } => ft_model_polynomial_f64,
        Model::Sine => ft_model_sine_f64,
    }
}

/// The normal equations, unless the number of parameters is open.
fn normal(model: Model) -> Option<NormalFn> {
    Some(match model {
        Model::Gaussian => ffi::ft_normal_gaussian_f64,
        Model::Lorentzian => ffi::ft_normal_lorentzian_f64,
        Model::PseudoVoigt => ffi::ft_normal_pseudo_voigt_f64,
        Model::Exponential => ffi::ft_normal_exponential_f64,
        Model::DoubleExponential => ffi::ft_normal_double_exponential_f64,
        Model::Power => ffi::ft_normal_power_f64,
        Model::Logistic => ffi::ft_normal_logistic_f64,
        Model::Polynomial { .. } => return None,
        Model::Sine => ffi::ft_normal_sine_f64,
    })
}
