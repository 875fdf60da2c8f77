use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use ndarray::ArrayRef1;

use super::drive::{Halt, drive};
use super::events::Event;
use super::explicit::{Dop853, Rk45};
use super::options::{IvpOptions, Method};
use super::radau::Radau;
use super::record::Recorder;
use super::rhs::{Guard, JacobianShape, Returned, RightHandSide, Source};
use super::solution::IvpSolution;
use super::stepper::{Rhs, Start, Stepper};
use super::still::Still;
use crate::error::require;
use crate::{Error, Result};

/// Makes the source of a Jacobian of this shape.
type Jacobian<'a, E> = Box<dyn Fn(JacobianShape) -> Option<Box<dyn Source<Error = E> + 'a>> + 'a>;

/// An initial value problem with all that [`solve_ivp`](super::solve_ivp) has no argument for:
/// events, the Jacobian, a compiled right-hand side.
///
/// ```
/// use ferrotran::integrate::{Event, Ivp, IvpOptions, IvpStatus};
/// use ndarray::array;
///
/// // A stone thrown upward at 10 m/s: y[0] is its height.
/// let fall = |_t: f64, y: &[f64], dydt: &mut [f64]| {
///     dydt[0] = y[1];
///     dydt[1] = -9.81;
/// };
/// let solution = Ivp::new(fall, (0.0, 100.0), &array![0.0, 10.0])
///     .event(Event::new(|_t, y| y[0]).falling().terminal())
///     .event(Event::new(|_t, y| y[1]))
///     .solve(&IvpOptions::default())?;
/// assert_eq!(solution.status, IvpStatus::Event);
/// assert!((solution.events[0].t[0] - 20.0 / 9.81).abs() < 1e-12);
/// assert!((solution.events[1].y[[0, 0]] - 50.0 / 9.81).abs() < 1e-12);
/// # Ok::<(), ferrotran::Error>(())
/// ```
pub struct Ivp<'a, E = Error> {
    rhs: Box<dyn Source<Error = E> + 'a>,
    jacobian: Option<Jacobian<'a, E>>,
    events: Vec<Event<'a, E>>,
    t_span: (f64, f64),
    y0: Vec<f64>,
    params: Vec<f64>,
}

impl<'a, E: From<Error> + 'a> Ivp<'a, E> {
    /// States the problem `dy/dt = f(t, y)` from `t_span.0`, where `y` is `y0`, to `t_span.1`,
    /// which may be the earlier time, or infinite where a terminal event or
    /// [`IvpOptions::max_steps`] ends the integration.
    ///
    /// `f(t, y, dydt)` puts the derivatives into `dydt`; what it leaves out is NaN. It returns
    /// nothing, or `Result<(), E>` whose error ends the integration and comes out of it.
    #[must_use]
    pub fn new<F, R>(mut f: F, t_span: (f64, f64), y0: &ArrayRef1<f64>) -> Self
    where
        F: FnMut(f64, &[f64], &mut [f64]) -> R + 'a,
        R: Returned<Error = E> + 'a,
    {
        let call = move |t: f64, y: &[f64], dydt: &mut [f64], _: &[f64]| f(t, y, dydt);
        Self {
            rhs: Box::new(Guard::scalar(call, 0, y0.len())),
            jacobian: None,
            events: Vec::new(),
            t_span,
            y0: y0.to_vec(),
            params: Vec::new(),
        }
    }

    /// States the problem of a right-hand side as ensembles have it, with parameters: a closure
    /// `f(t, y, dydt, p)`, a C function, or a built-in system.
    ///
    /// # Errors
    /// [`Error::Length`] when a built-in system has other numbers of components or parameters.
    pub fn with_params<S>(
        rhs: &'a S,
        params: &ArrayRef1<f64>,
        t_span: (f64, f64),
        y0: &ArrayRef1<f64>,
    ) -> Result<Self>
    where
        S: RightHandSide,
        E: From<S::Error>,
    {
        rhs.check(y0.len(), params.len())?;
        let (n, npar) = (y0.len(), params.len());
        let jacobian = move |shape| -> Option<Box<dyn Source<Error = E> + 'a>> {
            Some(Converted::new(rhs.jacobian(npar, shape)?))
        };
        Ok(Self {
            rhs: Converted::new(rhs.source(npar, n)),
            jacobian: Some(Box::new(jacobian)),
            events: Vec::new(),
            t_span,
            y0: y0.to_vec(),
            params: params.to_vec(),
        })
    }

    /// Gives the Jacobian of the right-hand side, in place of differences; implicit methods alone
    /// call it.
    ///
    /// `f(t, y, jac)` puts the derivative of `dydt[i]` by `y[j]` into element `i * n + j` of `jac`
    /// (n x n), or, with [`IvpOptions::band`], into element `(i - j + upper) * n + j` of
    /// (lower + upper + 1 x n). What it leaves out is zero. It returns what the right-hand side
    /// may return.
    ///
    /// ```
    /// use ferrotran::integrate::{Ivp, IvpOptions, Method};
    /// use ndarray::array;
    ///
    /// let options = IvpOptions { method: Method::Radau, ..Default::default() };
    /// let f = |_t: f64, y: &[f64], dydt: &mut [f64]| dydt[0] = -1e6 * (y[0] - 1.0);
    /// let solution = Ivp::new(f, (0.0, 10.0), &array![0.0])
    ///     .jac(|_t, _y, jac| jac[0] = -1e6)
    ///     .solve(&options)?;
    /// assert!(solution.accepted < 50 && solution.njev > 0);
    /// # Ok::<(), ferrotran::Error>(())
    /// ```
    #[must_use]
    pub fn jac<F, R>(mut self, f: F) -> Self
    where
        F: FnMut(f64, &[f64], &mut [f64]) -> R + 'a,
        R: Returned<Error = E> + 'a,
    {
        let f = Rc::new(RefCell::new(f));
        self.jacobian = Some(Box::new(move |shape| {
            let f = Rc::clone(&f);
            let call =
                move |t: f64, y: &[f64], jac: &mut [f64], _: &[f64]| (f.borrow_mut())(t, y, jac);
            let guard = Guard::scalar(call, 0, shape.elements());
            guard.leave(0.0);
            Some(Box::new(guard))
        }));
        self
    }

    /// Adds an event; the results have those of all in this order.
    #[must_use]
    pub fn event(mut self, event: Event<'a, E>) -> Self {
        self.events.push(event);
        self
    }

    /// Integrates.
    ///
    /// # Errors
    /// As [`solve_ivp`](super::solve_ivp), and the error of the right-hand side or an event.
    pub fn solve(&mut self, options: &IvpOptions) -> Result<IvpSolution, E> {
        let n = self.y0.len();
        options.check(self.span(options), n)?;
        for &y in &self.y0 {
            require("y0", y, y.is_finite(), "finite numbers")?;
        }
        if n == 0 || self.t_span.0 == self.t_span.1 {
            return self.run(Still::new(n), options);
        }
        let (npar, rtol) = (self.params.len(), options.effective_rtol());
        let atol = options.atol.for_components(n);
        match options.method {
            Method::Rk45 => self.run(Rk45::<1>::new(n, npar, rtol, &atol), options),
            Method::Dop853 => self.run(Dop853::<1>::new(n, npar, rtol, &atol), options),
            Method::Radau => {
                let band = options.band;
                let shape = JacobianShape { n, band };
                let jacobian = self.jacobian.as_ref().and_then(|make| make(shape));
                let call = jacobian.as_ref().map(|jacobian| jacobian.rhs());
                let radau = Radau::new(n, npar, rtol, &atol, band, call);
                let solution = self.run(radau, options);
                match jacobian.and_then(|jacobian| jacobian.taken()) {
                    Some(error) => Err(error),
                    None => solution,
                }
            }
        }
    }

    /// The span; where a terminal event or `max_steps` ends the integration, its own end may be
    /// infinite, and is then the largest number.
    fn span(&self, options: &IvpOptions) -> (f64, f64) {
        let (t0, t1) = self.t_span;
        let ends = options.max_steps.is_some() || self.events.iter().any(Event::is_terminal);
        if t1.is_infinite() && ends {
            (t0, f64::MAX.copysign(t1))
        } else {
            (t0, t1)
        }
    }

    fn run<S: Stepper>(&mut self, mut stepper: S, options: &IvpOptions) -> Result<IvpSolution, E> {
        let (t, t_end) = self.span(options);
        let start = Start {
            t,
            t_end,
            y: &self.y0,
            p: &self.params,
            first_step: options.first_step,
            max_step: options.max_step,
        };
        let mut recorder = Recorder::new(start, options, &mut self.events, &stepper)?;
        let rhs = self.rhs.rhs();
        match drive(&mut stepper, &rhs, &mut recorder, options.max_steps) {
            Ok(()) => {}
            Err(Halt::Error(error)) => return Err(error),
            // Without an error it was a C function, and what is finished counts.
            Err(Halt::Stopped) => self.rhs.taken().map_or(Ok(()), Err)?,
        }
        Ok(recorder.finish(stepper.counts(0)))
    }
}

impl<E> fmt::Debug for Ivp<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ivp")
            .field("t_span", &self.t_span)
            .field("y0", &self.y0)
            .field("params", &self.params)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// A source whose errors become `E`.
struct Converted<S, E> {
    source: S,
    error: PhantomData<fn() -> E>,
}

impl<S, E> Converted<S, E> {
    fn new(source: S) -> Box<Self> {
        let error = PhantomData;
        Box::new(Self { source, error })
    }
}

impl<S: Source, E: From<Error> + From<S::Error>> Source for Converted<S, E> {
    type Error = E;

    fn rhs(&self) -> Rhs {
        self.source.rhs()
    }

    fn taken(&self) -> Option<E> {
        self.source.taken().map(E::from)
    }
}
