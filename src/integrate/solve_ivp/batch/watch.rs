use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Hears how many members of a batch have ended so far, on any thread; `Break` stops the batch.
pub type IvpProgress<'a> = dyn Fn(usize) -> ControlFlow<()> + Sync + 'a;

/// Reports of a batch.
const REPORTS: usize = 200;

/// How far a batch is, and whether it is to stop.
pub(super) struct Watch<'a> {
    progress: Option<&'a IvpProgress<'a>>,
    /// Members from one report to the next.
    interval: usize,
    members: usize,
    ended: AtomicUsize,
    stop: AtomicBool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(progress: Option<&'a IvpProgress<'a>>, members: usize) -> Self {
        Self {
            progress,
            interval: members.div_ceil(REPORTS).max(1),
            members,
            ended: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        }
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Counts a member that has ended.
    pub(super) fn end(&self) {
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        if ended.is_multiple_of(self.interval) || ended == self.members {
            self.report(ended);
        }
    }

    /// Asks whether to go on.
    pub(super) fn poll(&self) {
        self.report(self.ended.load(Ordering::Relaxed));
    }

    fn report(&self, ended: usize) {
        if self.progress.is_some_and(|tell| tell(ended).is_break()) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// What stops the other workers when it is dropped, by a panic or an error, and not disarmed.
    pub(super) fn alarm(&self) -> Alarm<'_> {
        Alarm(Some(&self.stop))
    }
}

pub(super) struct Alarm<'a>(Option<&'a AtomicBool>);

impl Alarm<'_> {
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if let Some(stop) = self.0 {
            stop.store(true, Ordering::Relaxed);
        }
    }
}
