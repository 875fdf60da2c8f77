//! The error of every fallible function.

/// The result of a fallible ferrotran function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a function refused its arguments or could not finish.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An array has the wrong length.
    #[error("`{argument}` has length {found}, expected {expected}")]
    Length {
        /// Name of the argument.
        argument: &'static str,
        /// Length that the other arguments imply.
        expected: usize,
        /// Length that came.
        found: usize,
    },
    /// An array has the wrong shape.
    #[error("`{argument}` has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Name of the argument.
        argument: &'static str,
        /// Shape that the other arguments imply.
        expected: Vec<usize>,
        /// Shape that came.
        found: Vec<usize>,
    },
    /// A number is outside the function's domain.
    #[error("`{argument}` is {found}, expected {expected}")]
    Value {
        /// Name of the argument.
        argument: &'static str,
        /// What is allowed, in words.
        expected: &'static str,
        /// Value that came.
        found: f64,
    },
    /// The integrand, or another callback, asked the kernel to stop.
    #[error("the callback stopped the kernel")]
    Stopped,
    /// A result may miss the requested accuracy.
    #[error("{reason}: {value} with an estimated error of {abs_error:e}")]
    Accuracy {
        /// Why, in words.
        reason: &'static str,
        /// The best value found.
        value: f64,
        /// Estimate of its absolute error.
        abs_error: f64,
    },
    /// A matrix is singular: elimination met a pivot that is exactly zero.
    #[error("the matrix is singular: the pivot of row {row}, counted from 0, is zero")]
    Singular {
        /// Row of the first zero pivot, counted from 0.
        row: usize,
    },
    /// A time step is too long for the explicit scheme to be stable.
    #[error("`dt` is {found}, expected at most {largest} for a stable step")]
    Unstable {
        /// Time step that came.
        found: f64,
        /// The largest stable one.
        largest: f64,
    },
}

/// Refuses the value `found` of an argument unless it is good.
pub(crate) fn require(
    argument: &'static str,
    found: f64,
    good: bool,
    expected: &'static str,
) -> Result<()> {
    if good {
        Ok(())
    } else {
        Err(Error::Value {
            argument,
            expected,
            found,
        })
    }
}
