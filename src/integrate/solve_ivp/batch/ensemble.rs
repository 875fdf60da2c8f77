use std::sync::{Mutex, PoisonError};

use ndarray::{Array1, Array3, ArrayRef2, CowArray, Ix2};

use super::rows::Rows;
use super::watch::{IvpProgress, Watch};
use super::worker::Worker;
use super::{IvpBatch, IvpMember};
use crate::error::require;
use crate::integrate::solve_ivp::drive::{Halt, drive};
use crate::integrate::solve_ivp::explicit::{Dop853, Rk45};
use crate::integrate::solve_ivp::options::{IvpOptions, Method};
use crate::integrate::solve_ivp::radau::{Radau, RadauLanes};
use crate::integrate::solve_ivp::rhs::{JacobianShape, LANES, RightHandSide, Source};
use crate::integrate::solve_ivp::stepper::{Start, Stepper};
use crate::integrate::solve_ivp::still::Still;
use crate::{Error, Result};

/// Most members that a worker takes at once.
const MOST: usize = 64;
/// Of the members that are left, a worker takes its share divided by this.
const PARTS: usize = 8;

/// What is asked for.
pub(super) struct Request<'a, R> {
    pub(super) rhs: &'a R,
    pub(super) t_span: (f64, f64),
    pub(super) y0: &'a ArrayRef2<f64>,
    pub(super) params: &'a ArrayRef2<f64>,
    pub(super) options: &'a IvpOptions,
    pub(super) progress: Option<&'a IvpProgress<'a>>,
}

impl<R: RightHandSide> Request<'_, R> {
    /// Checks the arguments and returns the number of members.
    fn check(&self) -> Result<usize> {
        let rows = [self.y0.nrows(), self.params.nrows()];
        let members = if rows[0] == 1 { rows[1] } else { rows[0] };
        if rows[1] != 1 && rows[1] != members {
            return Err(Error::Length {
                argument: "params",
                expected: members,
                found: rows[1],
            });
        }
        self.rhs.check(self.y0.ncols(), self.params.ncols())?;
        self.options.check(self.t_span, self.y0.ncols())?;
        let dense = self.options.dense_output;
        let expected = "false for an ensemble";
        require("dense_output", f64::from(u8::from(dense)), !dense, expected)?;
        Ok(members)
    }

    /// Lets `spread` put workers on the ensemble, so many, for so many `threads`.
    pub(super) fn solve(
        &self,
        threads: usize,
        spread: impl FnOnce(usize, &Ensemble<'_, R>) -> Result<(), R::Error>,
    ) -> Result<IvpBatch, R::Error> {
        let members = self.check()?;
        let ends = [self.t_span.0, self.t_span.1];
        let times = self.options.t_eval.as_deref().unwrap_or(&ends);
        let shape = (members, self.y0.ncols(), times.len());
        let too_many = || Error::Value {
            argument: "y0",
            expected: "no more members than have room in memory with their outputs",
            found: members as f64,
        };
        let length = shape.1.checked_mul(shape.2).ok_or_else(too_many)?;
        let total = members.checked_mul(length).ok_or_else(too_many)?;
        room::<f64>(total).ok_or_else(too_many)?;
        room::<IvpMember>(members).ok_or_else(too_many)?;
        // Zeros that nothing has touched yet cost nothing.
        let mut y = vec![0.0; total];
        let mut found = vec![IvpMember::NOT_RUN; members];
        let (y0, params) = (
            self.y0.as_standard_layout(),
            self.params.as_standard_layout(),
        );
        let workers = threads.min(members).max(1);
        let ensemble = Ensemble {
            rhs: self.rhs,
            t_span: self.t_span,
            y0: Matrix::new(&y0),
            params: Matrix::new(&params),
            options: self.options,
            atol: self.options.atol.for_components(shape.1),
            times,
            members,
            workers,
            left: Mutex::new(Rows::new(length, &mut y, &mut found)),
            watch: Watch::new(self.progress, members),
        };
        spread(workers, &ensemble)?;
        let left = ensemble.left.into_inner();
        left.unwrap_or_else(PoisonError::into_inner).abandon();
        Ok(IvpBatch {
            t: Array1::from(times.to_vec()),
            y: Array3::from_shape_vec(shape, y).expect("`y` has the product of the lengths"),
            members: found.into(),
        })
    }
}

/// An ensemble under way, and what its workers share.
pub(super) struct Ensemble<'a, R> {
    rhs: &'a R,
    t_span: (f64, f64),
    y0: Matrix<'a>,
    params: Matrix<'a>,
    options: &'a IvpOptions,
    atol: Vec<f64>,
    pub(super) times: &'a [f64],
    members: usize,
    workers: usize,
    /// Members that nobody has taken.
    left: Mutex<Rows<'a>>,
    pub(super) watch: Watch<'a>,
}

impl<'a, R: RightHandSide> Ensemble<'a, R> {
    /// Components of a member.
    pub(super) fn components(&self) -> usize {
        self.y0.columns
    }

    /// Where the members end.
    pub(super) fn end(&self) -> f64 {
        self.t_span.1
    }

    /// Members that a worker has side by side, so that there are some for all workers.
    pub(super) fn width(&self) -> usize {
        self.members.div_ceil(self.workers).min(LANES)
    }

    /// Takes some of the members that are left: fewer and fewer, so that all workers end together.
    pub(super) fn claim(&self) -> Rows<'a> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let share = left.len().div_ceil(self.workers * PARTS);
        left.take(share.min(MOST))
    }

    /// What the member `index` starts from.
    pub(super) fn start(&self, index: usize) -> Start<'a> {
        Start {
            t: self.t_span.0,
            t_end: self.t_span.1,
            y: self.y0.row(index),
            p: self.params.row(index),
            first_step: self.options.first_step,
            max_step: self.options.max_step,
        }
    }

    /// Works on members until none is left.
    pub(super) fn work(&self) -> Result<(), R::Error> {
        let (n, npar) = (self.components(), self.params.columns);
        let (rtol, atol) = (self.options.effective_rtol(), &self.atol[..]);
        if n == 0 || self.t_span.0 == self.t_span.1 {
            return self.advance(Still::new(n), None);
        }
        match self.options.method {
            Method::Rk45 => self.advance(Rk45::<LANES>::new(n, npar, rtol, atol), None),
            Method::Dop853 => self.advance(Dop853::<LANES>::new(n, npar, rtol, atol), None),
            Method::Radau => {
                let band = self.options.band;
                let jacobian = self.rhs.jacobian(npar, JacobianShape { n, band });
                let call = jacobian.as_ref().map(Source::rhs);
                if band.is_none() && n <= RadauLanes::LARGEST && self.rhs.in_lanes() {
                    let radau = RadauLanes::new(n, npar, rtol, atol, call);
                    return self.advance(radau, jacobian.as_ref());
                }
                let radau = Radau::new(n, npar, rtol, atol, band, call);
                self.advance(radau, jacobian.as_ref())
            }
        }
    }

    fn advance<S: Stepper>(
        &self,
        mut stepper: S,
        jacobian: Option<&R::Jacobian<'_>>,
    ) -> Result<(), R::Error> {
        let alarm = self.watch.alarm();
        let source = self.rhs.source(self.params.columns, self.components());
        let sources = [
            Some(&source as &dyn Source<Error = _>),
            jacobian.map(|j| j as _),
        ];
        let mut worker = Worker::new(self, sources);
        let max_steps = self.options.max_steps;
        match drive(&mut stepper, &source.rhs(), &mut worker, max_steps) {
            Ok(()) => alarm.disarm(),
            Err(Halt::Error(never)) => match never {},
            Err(Halt::Stopped) => {
                let mut errors = sources.iter().flatten().filter_map(|source| source.taken());
                errors.next().map_or(Ok(()), Err)?;
                worker.halt(&stepper);
            }
        }
        worker.abandon();
        Ok(())
    }
}

/// Whether the memory has room for so many.
fn room<T>(count: usize) -> Option<()> {
    Vec::<T>::new().try_reserve_exact(count).ok()
}

/// Rows of numbers, one for each member or one for all.
struct Matrix<'a> {
    rows: usize,
    columns: usize,
    numbers: &'a [f64],
}

impl<'a> Matrix<'a> {
    fn new(array: &'a CowArray<'_, f64, Ix2>) -> Self {
        Self {
            rows: array.nrows(),
            columns: array.ncols(),
            numbers: array.as_slice().expect("the layout is standard"),
        }
    }

    fn row(&self, index: usize) -> &'a [f64] {
        let index = if self.rows == 1 { 0 } else { index };
        &self.numbers[index * self.columns..][..self.columns]
    }
}
