use super::stepper::Stepper;

/// The output times of a member, and how many of them it has passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outputs<'a> {
    times: &'a [f64],
    next: usize,
    backward: bool,
}

impl<'a> Outputs<'a> {
    /// Outputs at `times`, which have been checked, of a member that runs from `t0` to `t1`.
    /// Those at `t0` itself go to `put` with their number.
    pub(super) fn start(
        times: &'a [f64],
        (t0, t1): (f64, f64),
        y0: &[f64],
        mut put: impl FnMut(usize, &[f64]),
    ) -> Self {
        let next = times.iter().take_while(|&&t| t == t0).count();
        (0..next).for_each(|k| put(k, y0));
        Self {
            times,
            next,
            backward: t1 < t0,
        }
    }

    /// Whether a step to `t` has an output strictly inside, so that it must be interpolated.
    pub(super) fn inside(&self, t: f64) -> bool {
        self.times
            .get(self.next)
            .is_some_and(|&due| if self.backward { due > t } else { due < t })
    }

    /// How many have been put out.
    pub(super) fn reached(&self) -> usize {
        self.next
    }

    /// Gives `put` the outputs of the last accepted step up to `t`, each with its number. `y`
    /// has room for a state.
    pub(super) fn fill<S: Stepper>(
        &mut self,
        stepper: &S,
        lane: usize,
        t: f64,
        y: &mut [f64],
        mut put: impl FnMut(usize, &[f64]),
    ) {
        while let Some(&due) = self.times.get(self.next)
            && (due == t || self.inside(t))
        {
            state_at(stepper, lane, due, y);
            put(self.next, y);
            self.next += 1;
        }
    }
}

/// The state at `t` in the last accepted step; at its end without the interpolant.
pub(super) fn state_at<S: Stepper>(stepper: &S, lane: usize, t: f64, y: &mut [f64]) {
    if t == stepper.t(lane) {
        stepper.state(lane, y);
    } else {
        stepper.interpolate(lane, t, y);
    }
}
