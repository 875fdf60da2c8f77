use super::stepper::{Attempt, Counts, Rhs, Start, Stepper, Stopped};

/// The method of states that do not change: those without components, and those whose span has
/// no length. It goes to the end in one step.
#[derive(Debug)]
pub(super) struct Still {
    y: Vec<f64>,
    t_old: f64,
    t: f64,
    busy: bool,
}

impl Still {
    /// For states of `n` components.
    pub(super) fn new(n: usize) -> Self {
        Self {
            y: vec![0.0; n],
            t_old: 0.0,
            t: 0.0,
            busy: false,
        }
    }
}

impl Stepper for Still {
    fn lanes(&self) -> usize {
        1
    }

    fn load(&mut self, _lane: usize, start: &Start<'_>) {
        self.y.copy_from_slice(start.y);
        (self.t_old, self.t) = (start.t, start.t_end);
        self.busy = true;
    }

    fn clear(&mut self, _lane: usize) {
        self.busy = false;
    }

    fn attempt(&mut self, _rhs: &Rhs, outcome: &mut [Attempt]) -> Result<(), Stopped> {
        outcome[0] = if self.busy {
            Attempt::Accepted
        } else {
            Attempt::Idle
        };
        self.busy = false;
        Ok(())
    }

    fn t_old(&self, _lane: usize) -> f64 {
        self.t_old
    }

    fn t(&self, _lane: usize) -> f64 {
        self.t
    }

    fn state(&self, _lane: usize, y: &mut [f64]) {
        y.copy_from_slice(&self.y);
    }

    fn prepare(&mut self, _rhs: &Rhs, _wanted: &[bool]) -> Result<(), Stopped> {
        Ok(())
    }

    fn interpolate(&self, lane: usize, _t: f64, y: &mut [f64]) {
        self.state(lane, y);
    }

    fn coefficient_count(&self) -> usize {
        self.y.len()
    }

    fn coefficients(&self, lane: usize, out: &mut [f64]) {
        self.state(lane, out);
    }

    fn evaluate(coefficients: &[f64], _t_old: f64, _t_new: f64, _t: f64, y: &mut [f64]) {
        y.copy_from_slice(coefficients);
    }

    fn counts(&self, _lane: usize) -> Counts {
        Counts::default()
    }
}
