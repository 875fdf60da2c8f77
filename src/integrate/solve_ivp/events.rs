use std::fmt;

use super::dense::columns;
use super::outputs::state_at;
use super::solution::Occurrences;
use super::stepper::Stepper;
use super::zeroin::zeroin;
use crate::Error;

type Function<'a, E> = Box<dyn FnMut(f64, &[f64]) -> Result<f64, E> + 'a>;

/// A function of time and state whose zeros are looked for along the solution.
///
/// An event occurs in a step at whose ends the function has different signs, and is located on
/// the interpolant by Brent's zeroin, to 4 machine epsilons. Two zeros in one step go unseen, as
/// do those of a function that touches zero; `max_step` helps. A zero at the start of the span
/// is no event: the function must leave zero and come back.
///
/// ```
/// use ferrotran::integrate::Event;
///
/// let ground: Event = Event::new(|_t, y| y[0]).falling().terminal();
/// ```
pub struct Event<'a, E = Error> {
    f: Function<'a, E>,
    direction: Direction,
    /// Occurrences that end the integration; 0: any number is fine.
    terminal: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Either,
    Rising,
    Falling,
}

impl<'a, E> Event<'a, E> {
    /// Makes an event of the zeros of `f(t, y)`, in either direction, that does not end the
    /// integration.
    #[must_use]
    pub fn new(mut f: impl FnMut(f64, &[f64]) -> f64 + 'a) -> Self {
        Self::fallible(move |t, y| Ok(f(t, y)))
    }

    /// Makes an event like [`Event::new`] of a function that may fail; its error ends the
    /// integration.
    #[must_use]
    pub fn fallible(f: impl FnMut(f64, &[f64]) -> Result<f64, E> + 'a) -> Self {
        Self {
            f: Box::new(f),
            direction: Direction::Either,
            terminal: 0,
        }
    }

    /// Counts only zeros where `f` goes from negative to positive along the integration.
    #[must_use]
    pub fn rising(mut self) -> Self {
        self.direction = Direction::Rising;
        self
    }

    /// Counts only zeros where `f` goes from positive to negative along the integration.
    #[must_use]
    pub fn falling(mut self) -> Self {
        self.direction = Direction::Falling;
        self
    }

    /// Ends the integration at the first occurrence.
    #[must_use]
    pub fn terminal(self) -> Self {
        self.terminal_after(1)
    }

    /// Ends the integration at the occurrence of this number, counted from 1; 0: at none.
    #[must_use]
    pub fn terminal_after(mut self, occurrences: usize) -> Self {
        self.terminal = occurrences;
        self
    }

    /// Whether it may end the integration.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal > 0
    }

    /// Whether the function crosses zero from `old` to `new` in the right direction.
    fn crosses(&self, old: f64, new: f64) -> bool {
        let rises = old < 0.0 && new >= 0.0;
        let falls = old > 0.0 && new <= 0.0;
        match self.direction {
            Direction::Either => rises || falls,
            Direction::Rising => rises,
            Direction::Falling => falls,
        }
    }
}

impl<E> fmt::Debug for Event<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("direction", &self.direction)
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

/// An event function along the solution.
struct Track {
    /// Its value at the start and at the end of the last accepted step.
    old: f64,
    new: f64,
    t: Vec<f64>,
    y: Vec<f64>,
}

/// All event functions along the solution.
pub(super) struct Watch<'e, 'a, E> {
    events: &'e mut [Event<'a, E>],
    tracks: Vec<Track>,
    /// Zeros of the last accepted step: time and number of the event.
    zeros: Vec<(f64, usize)>,
}

impl<'e, 'a, E> Watch<'e, 'a, E> {
    /// Evaluates them at the start.
    pub(super) fn start(events: &'e mut [Event<'a, E>], t0: f64, y0: &[f64]) -> Result<Self, E> {
        let mut tracks = Vec::with_capacity(events.len());
        for event in events.iter_mut() {
            let new = (event.f)(t0, y0)?;
            tracks.push(Track {
                old: new,
                new,
                t: Vec::new(),
                y: Vec::new(),
            });
        }
        Ok(Self {
            events,
            tracks,
            zeros: Vec::new(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Evaluates them at the end of a step; `true` when one may cross zero in it.
    pub(super) fn look(&mut self, t: f64, y: &[f64]) -> Result<bool, E> {
        let mut any = false;
        for (event, track) in self.events.iter_mut().zip(&mut self.tracks) {
            track.old = track.new;
            track.new = (event.f)(t, y)?;
            // From zero it may have gone either way before it came back.
            let from = if track.old == 0.0 {
                -track.new
            } else {
                track.old
            };
            any |= event.crosses(from, track.new);
        }
        Ok(any)
    }

    /// Locates and keeps the zeros of the last accepted step; returns the time of the one that
    /// ends the integration. `y` has room for a state.
    pub(super) fn locate<S: Stepper>(
        &mut self,
        stepper: &S,
        lane: usize,
        y: &mut [f64],
    ) -> Result<Option<f64>, E> {
        let (t_old, t) = (stepper.t_old(lane), stepper.t(lane));
        self.zeros.clear();
        for (index, (event, track)) in self.events.iter_mut().zip(&self.tracks).enumerate() {
            let mut from = (t_old, track.old);
            if track.old == 0.0 && event.crosses(-track.new, track.new) {
                from.0 += (t - t_old) / LEAVE;
                stepper.interpolate(lane, from.0, y);
                from.1 = (event.f)(from.0, y)?;
            }
            if event.crosses(from.1, track.new) {
                let value = |t: f64| {
                    stepper.interpolate(lane, t, y);
                    (event.f)(t, y)
                };
                let zero = zeroin(value, from, (t, track.new))?;
                self.zeros.push((zero, index));
            }
        }
        let backward = t < t_old;
        self.zeros.sort_by(|a, b| {
            let order = a.0.total_cmp(&b.0);
            if backward { order.reverse() } else { order }
        });
        for &(zero, index) in &self.zeros {
            let track = &mut self.tracks[index];
            state_at(stepper, lane, zero, y);
            track.t.push(zero);
            track.y.extend_from_slice(y);
            if track.t.len() == self.events[index].terminal {
                return Ok(Some(zero));
            }
        }
        Ok(None)
    }

    /// What was found, in the order of the events.
    pub(super) fn finish(self, n: usize) -> Vec<Occurrences> {
        let found = |track: Track| Occurrences {
            y: columns(track.y, n, track.t.len()),
            t: track.t.into(),
        };
        self.tracks.into_iter().map(found).collect()
    }
}

/// The part of a step after which a function that was zero at its start shows its sign.
const LEAVE: f64 = 1024.0;
