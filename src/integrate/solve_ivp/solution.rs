use std::fmt;

use ndarray::{Array1, Array2};

use super::DenseSolution;

/// What an integration found.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct IvpSolution {
    /// Times of the outputs: those of `t_eval` that were reached, or the start and the end of
    /// each step.
    pub t: Array1<f64>,
    /// States there, (n x outputs).
    pub y: Array2<f64>,
    /// What each event function saw, in the order in which they were given.
    pub events: Vec<Occurrences>,
    /// The solution as a function of time, if it was asked for.
    pub dense: Option<DenseSolution>,
    /// Evaluations of the right-hand side.
    pub nfev: usize,
    /// Evaluations of the Jacobian.
    pub njev: usize,
    /// LU decompositions.
    pub nlu: usize,
    /// Steps that were accepted.
    pub accepted: usize,
    /// Steps that were tried again with a shorter one.
    pub rejected: usize,
    /// Steps at which an explicit method found the problem stiff; where it is not 0,
    /// [`Method::Radau`](super::Method::Radau) needs fewer steps.
    pub stiff: usize,
    /// Why the integration ended.
    pub status: IvpStatus,
}

/// When an event function crossed zero.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrences {
    /// Times, in the order in which they were met.
    pub t: Array1<f64>,
    /// States there, (n x times).
    pub y: Array2<f64>,
}

/// Why an integration ended. Displays as words.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IvpStatus {
    /// It reached the end of the span.
    Finished,
    /// A terminal event occurred.
    Event,
    /// The step fell below the spacing of numbers: the solution blows up, or the right-hand side
    /// is not smooth or returns NaN.
    StepTooSmall,
    /// The state or its derivative is not finite at the start.
    NotFinite,
    /// The matrix of the implicit method stays singular, or not finite, however short the step.
    Singular,
    /// `max_steps` tries are spent.
    MaxSteps,
    /// A compiled right-hand side asked to stop.
    Stopped,
    /// The batch was stopped before this member ended.
    NotRun,
}

impl IvpStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Finished,
        Self::Event,
        Self::StepTooSmall,
        Self::NotFinite,
        Self::Singular,
        Self::MaxSteps,
        Self::Stopped,
        Self::NotRun,
    ];

    /// The status in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Finished => "the integration reached the end of the span",
            Self::Event => "a terminal event occurred",
            Self::StepTooSmall => "the required step is below the spacing of numbers",
            Self::NotFinite => "the state or its derivative is not finite at the start",
            Self::Singular => "the matrix of the implicit method stays singular or not finite",
            Self::MaxSteps => "the maximum number of steps has been reached",
            Self::Stopped => "the right-hand side stopped the integration",
            Self::NotRun => "the batch was stopped before this member ended",
        }
    }

    /// SciPy's number: 0 at the end of the span, 1 at a terminal event, else -1.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Finished => 0,
            Self::Event => 1,
            _ => -1,
        }
    }

    /// Whether the integration ended as intended, at the end of the span or a terminal event.
    #[must_use]
    pub fn is_success(self) -> bool {
        self.code() >= 0
    }
}

impl fmt::Display for IvpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}
