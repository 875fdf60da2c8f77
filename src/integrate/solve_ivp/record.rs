use super::dense::{DenseSolution, columns};
use super::drive::Members;
use super::events::{Event, Watch};
use super::options::IvpOptions;
use super::outputs::{Outputs, state_at};
use super::solution::{IvpSolution, IvpStatus};
use super::stepper::{Counts, Start, Stepper};

/// The one member of a single problem, and all that is kept of it.
pub(super) struct Recorder<'e, 'a, 's, E> {
    /// Taken when it enters the lane.
    start: Option<Start<'s>>,
    n: usize,
    /// Outputs asked for; `None`: the end of each step.
    outputs: Option<Outputs<'s>>,
    watch: Watch<'e, 'a, E>,
    /// Whether an event function may cross zero in the last step.
    crossing: bool,
    t_eval: &'s [f64],
    t: Vec<f64>,
    y: Vec<f64>,
    dense: Option<DenseSolution>,
    state: Vec<f64>,
    end: Option<(IvpStatus, Counts)>,
}

impl<'e, 'a, 's, E> Recorder<'e, 'a, 's, E> {
    /// Keeps the start, and evaluates the events there.
    pub(super) fn new<S: Stepper>(
        start: Start<'s>,
        options: &'s IvpOptions,
        events: &'e mut [Event<'a, E>],
        stepper: &S,
    ) -> Result<Self, E> {
        let n = start.y.len();
        let watch = Watch::start(events, start.t, start.y)?;
        let mut y = Vec::new();
        let mut t = Vec::new();
        let t_eval = options.t_eval.as_deref().unwrap_or_default();
        let span = (start.t, start.t_end);
        let outputs = options.t_eval.as_deref().map(|times| {
            Outputs::start(times, span, start.y, |k, state| {
                t.push(times[k]);
                y.extend_from_slice(state);
            })
        });
        if outputs.is_none() {
            t.push(start.t);
            y.extend_from_slice(start.y);
        }
        Ok(Self {
            n,
            outputs,
            watch,
            crossing: false,
            t_eval,
            t,
            y,
            dense: options
                .dense_output
                .then(|| DenseSolution::new(n, start.t, stepper)),
            state: vec![0.0; n],
            end: None,
            start: Some(start),
        })
    }

    /// What was found; without an end the right-hand side has stopped it.
    pub(super) fn finish(self, counts: Counts) -> IvpSolution {
        let (status, counts) = self.end.unwrap_or((IvpStatus::Stopped, counts));
        IvpSolution {
            y: columns(self.y, self.n, self.t.len()),
            t: self.t.into(),
            events: self.watch.finish(self.n),
            dense: self.dense,
            nfev: counts.evaluations,
            njev: counts.jacobians,
            nlu: counts.decompositions,
            accepted: counts.accepted,
            rejected: counts.rejected,
            stiff: counts.stiff,
            status,
        }
    }
}

impl<E> Members for Recorder<'_, '_, '_, E> {
    type Error = E;

    fn next(&mut self, _lane: usize) -> Option<Start<'_>> {
        self.start.take()
    }

    fn inspect<S: Stepper>(&mut self, stepper: &S, lane: usize) -> Result<bool, E> {
        let t = stepper.t(lane);
        if !self.watch.is_empty() {
            stepper.state(lane, &mut self.state);
            self.crossing = self.watch.look(t, &self.state)?;
        }
        let inside = self.outputs.is_some_and(|outputs| outputs.inside(t));
        Ok(inside || self.crossing || self.dense.is_some())
    }

    fn record<S: Stepper>(&mut self, stepper: &S, lane: usize) -> Result<Option<IvpStatus>, E> {
        let mut ended = None;
        if self.crossing {
            ended = self.watch.locate(stepper, lane, &mut self.state)?;
        }
        let t = ended.unwrap_or_else(|| stepper.t(lane));
        if let Some(outputs) = &mut self.outputs {
            outputs.fill(stepper, lane, t, &mut self.state, |k, state| {
                self.t.push(self.t_eval[k]);
                self.y.extend_from_slice(state);
            });
        } else {
            state_at(stepper, lane, t, &mut self.state);
            self.t.push(t);
            self.y.extend_from_slice(&self.state);
        }
        if let Some(dense) = &mut self.dense {
            dense.push(stepper, lane, t);
        }
        Ok(ended.map(|_| IvpStatus::Event))
    }

    fn end<S: Stepper>(&mut self, stepper: &S, lane: usize, status: IvpStatus) {
        self.end = Some((status, stepper.counts(lane)));
    }
}
