use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Told how many members of a batch are finished; `Break` stops the batch.
pub type Progress<'a> = &'a (dyn Fn(usize) -> ControlFlow<()> + Sync);

/// How long the callback stays silent at most, while members finish.
const SILENCE: Duration = Duration::from_millis(50);

/// Counts the finished members of a batch and tells the callback: after each 1/200 of them, or
/// after 50 ms, and at the end.
pub(in crate::optimize) struct Meter<'a> {
    callback: Option<Progress<'a>>,
    total: usize,
    done: AtomicUsize,
    stopped: AtomicBool,
    told: Mutex<(usize, Instant)>,
}

impl<'a> Meter<'a> {
    pub(in crate::optimize) fn new(callback: Option<Progress<'a>>, total: usize) -> Self {
        Self {
            callback,
            total,
            done: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            told: Mutex::new((0, Instant::now())),
        }
    }

    /// Whether the callback has asked to stop.
    pub(in crate::optimize) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Counts `count` more.
    pub(in crate::optimize) fn add(&self, count: usize) {
        let Some(callback) = self.callback else {
            return;
        };
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        let last = done == self.total;
        // One thread tells, the others go on; the end is never left out.
        let told = match self.told.try_lock() {
            Ok(told) => Some(told),
            Err(_) if last => Some(self.told.lock().unwrap_or_else(PoisonError::into_inner)),
            Err(_) => None,
        };
        let Some(mut told) = told else { return };
        let due = done >= told.0 + self.total.div_ceil(200) || told.1.elapsed() >= SILENCE;
        if done > told.0 && (due || last) && !self.stopped() {
            *told = (done, Instant::now());
            if callback(done).is_break() {
                self.stopped.store(true, Ordering::Relaxed);
            }
        }
    }
}
