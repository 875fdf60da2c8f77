//! The threads: rayon pools of ferrotran's own, which survive a fork.
//!
//! Rayon's global pool has no threads in a forked child, so work given to it there waits for
//! ever. Here the pools hang on one atomic pointer that a fork handler sets to null in the
//! child, which then makes new ones; the parent's, and any lock that one of its threads held
//! at that moment, are never touched again.

use std::cell::Cell;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::fpstatus::Flags;

/// More threads than this are refused: they would only cost memory.
pub(crate) const MOST_THREADS: usize = 1024;
/// Pools of this many different sizes are kept; the least recently used one ends its threads.
const KEPT: usize = 4;

/// Pools by the number of threads asked for, the most recently used one last.
type Pools = Mutex<Vec<(usize, Arc<ThreadPool>)>>;

/// The pools of this process; null at first and in a forked child. The list is never freed.
static POOLS: AtomicPtr<Pools> = AtomicPtr::new(ptr::null_mut());

/// Number of threads for every caller without a number of its own; 0 until first asked for.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Number of threads for calls from this thread; 0 means [`THREADS`].
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// The number of threads that a call from this thread may use, at least 1.
pub(crate) fn threads() -> usize {
    match HERE.get() {
        0 => match THREADS.load(Ordering::Relaxed) {
            0 => {
                let n = default_threads().unwrap_or_else(|_| available());
                THREADS.store(n, Ordering::Relaxed);
                n
            }
            n => n,
        },
        n => n,
    }
}

/// Sets the number of threads of the whole process.
pub(crate) fn set_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

/// Sets the number of threads for calls from this thread and returns what it was;
/// `None` stands for the number of the process.
pub(crate) fn replace_threads_here(n: Option<usize>) -> Option<usize> {
    Some(HERE.replace(n.unwrap_or(0))).filter(|&n| n != 0)
}

/// What the environment asks for, else the number of cores this process may run on.
/// `Err` holds a value of `FERROTRAN_NUM_THREADS` that is not 1 to [`MOST_THREADS`].
pub(crate) fn default_threads() -> Result<usize, String> {
    match std::env::var("FERROTRAN_NUM_THREADS") {
        Ok(value) if !value.trim().is_empty() => match value.trim().parse() {
            Ok(n) if (1..=MOST_THREADS).contains(&n) => Ok(n),
            _ => Err(value),
        },
        _ => Ok(available()),
    }
}

/// The number of cores this process may run on, at most [`MOST_THREADS`].
pub(crate) fn available() -> usize {
    available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS)
}

/// The pool of `n` threads, or of fewer where the system refuses so many; `None` if it
/// allows not even one.
pub(crate) fn pool(n: usize) -> Option<Arc<ThreadPool>> {
    let mut pools = pools().lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = pools.iter().position(|(size, _)| *size == n) {
        pools[at..].rotate_left(1);
        return pools.last().map(|(_, pool)| Arc::clone(pool));
    }
    let mut size = n;
    let pool = loop {
        let built = ThreadPoolBuilder::new()
            .num_threads(size)
            .thread_name(|i| format!("ferrotran-{i}"))
            .build();
        match built {
            Ok(pool) => break Arc::new(pool),
            Err(_) if size > 1 => size /= 2,
            Err(_) => return None,
        }
    };
    if pools.len() == KEPT {
        // Ends the threads once the last call that uses them is over.
        pools.remove(0);
    }
    pools.push((n, Arc::clone(&pool)));
    Some(pool)
}

fn pools() -> &'static Pools {
    static FORK_HANDLER: Once = Once::new();
    #[cfg(unix)]
    FORK_HANDLER.call_once(|| {
        extern "C" fn forget_pools() {
            POOLS.store(ptr::null_mut(), Ordering::Release);
        }
        // SAFETY: the handler only stores to an atomic, which is allowed after a fork.
        unsafe { libc::pthread_atfork(None, None, Some(forget_pools)) };
    });
    #[cfg(not(unix))]
    FORK_HANDLER.call_once(|| {});

    let mut pools = POOLS.load(Ordering::Acquire);
    if pools.is_null() {
        let fresh = Box::into_raw(Box::<Pools>::default());
        match POOLS.compare_exchange(ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => pools = fresh,
            Err(winner) => {
                // SAFETY: came from `Box::into_raw` above and nobody else has seen it.
                drop(unsafe { Box::from_raw(fresh) });
                pools = winner;
            }
        }
    }
    // SAFETY: not null, made by `Box::into_raw`, and never freed once published.
    unsafe { &*pools }
}

/// Work below this many nanoseconds is done by the calling thread alone.
const PARALLEL_FROM: f64 = 60_000.0;
/// One chunk of parallel work takes about this many nanoseconds.
const CHUNK: f64 = 25_000.0;
/// NumPy keeps the GIL in a loop over at most this many elements. The pool may hold work that
/// waits for the GIL, so a loop that short never enters it.
const GIL_HELD_UP_TO: usize = 500;

/// Tells whether `n` items of `cost` nanoseconds each are worth the pool, and may enter it: an
/// inner loop asks before it calls [`share`].
pub(crate) fn worth_threads(n: usize, cost: f64) -> bool {
    n > GIL_HELD_UP_TO && n as f64 * cost >= PARALLEL_FROM && threads() > 1
}

/// Calls `work` at once on this thread and on up to `threads - 1` of the pool; each call takes
/// pieces until none is left. This thread does not wait for the others to wake up.
pub(crate) fn share(threads: usize, work: &(dyn Fn() + Sync)) {
    let Some(pool) = pool(self::threads()) else {
        return work();
    };
    pool.in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| work());
        }
        work();
    });
}

/// Calls `body` on ranges that together make `0..n` and unites the flags; in parallel if `n`
/// times `cost` (nanoseconds per item) is worth it. Every range but the last is a multiple of
/// `granule` long, and where they begin does not depend on the number of threads.
pub(crate) fn split(
    n: usize,
    cost: f64,
    granule: usize,
    body: &(dyn Fn(Range<usize>) -> Flags + Sync),
) -> Flags {
    if !worth_threads(n, cost) {
        return body(0..n);
    }
    let chunk = ((CHUNK / cost) as usize / granule).max(1) * granule;
    let chunks = n.div_ceil(chunk);
    let threads = threads().min(chunks);
    let next = AtomicUsize::new(0);
    let flags = AtomicU8::new(0);
    share(threads, &|| {
        let mut found = Flags::NONE;
        loop {
            let start = next.fetch_add(1, Ordering::Relaxed) * chunk;
            if start >= n {
                break;
            }
            found |= body(start..n.min(start + chunk));
        }
        flags.fetch_or(found.bits(), Ordering::Relaxed);
    });
    Flags::from_bits(flags.into_inner())
}
