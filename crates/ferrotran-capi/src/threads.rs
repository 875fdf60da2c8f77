//! The threads of the library: a rayon pool of its own, which a forked child makes anew.

use std::ffi::c_int;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::call::entry;
use crate::failure::{Done, Failure};
use crate::header as ft;

/// More threads than this are refused: they would only cost memory.
const MOST: usize = 1024;

/// The number of threads; 0 before it was set or asked for.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// The pool of one process.
struct Home {
    process: u32,
    pool: Mutex<Option<(usize, Arc<ThreadPool>)>>,
}

/// That of this process, or, in a child, of its parent. Never freed: the parent's lock and threads
/// mean nothing in the child.
static HOME: AtomicPtr<Home> = AtomicPtr::new(ptr::null_mut());

entry! {
    fn ft_set_num_threads(n: c_int) {
        match usize::try_from(n) {
            Ok(0) => THREADS.store(usual(), Ordering::Relaxed),
            Ok(n) if n <= MOST => THREADS.store(n, Ordering::Relaxed),
            _ => return Err(Failure::argument("n", n, format!("0 to {MOST}"))),
        }
        Ok(())
    }
}

/// `ft_get_num_threads` of `ferrotran.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ft_get_num_threads() -> c_int {
    threads() as c_int
}

/// The number of threads that a call may use.
pub(crate) fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let n = usual();
            // A number that another thread has set meanwhile stays.
            match THREADS.compare_exchange(0, n, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => n,
                Err(set) => set,
            }
        }
        n => n,
    }
}

/// What the environment asks for, else the number of cores this process may run on.
fn usual() -> usize {
    let asked = std::env::var("FERROTRAN_NUM_THREADS").ok();
    let asked = asked.and_then(|text| text.trim().parse().ok());
    let cores = || available_parallelism().map_or(1, usize::from).min(MOST);
    let allowed = asked.filter(|n| (1..=MOST).contains(n));
    allowed.unwrap_or_else(cores)
}

/// Runs `work` on the pool, and tells it so, if more than one thread may be used and it is `worth`
/// it; else here.
pub(crate) fn spread<R: Send>(worth: bool, work: impl FnOnce(bool) -> R + Send) -> Done<R> {
    if !worth {
        return Ok(work(false));
    }
    match threads() {
        1 => Ok(work(false)),
        n => Ok(pool(n)?.install(|| work(true))),
    }
}

/// The pool of `n` threads, or of fewer where the system refuses so many.
fn pool(n: usize) -> Done<Arc<ThreadPool>> {
    let mut kept = home().pool.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((size, pool)) = &*kept
        && *size == n
    {
        return Ok(Arc::clone(pool));
    }
    let mut size = n;
    loop {
        let name = |i| format!("ferrotran-{i}");
        match ThreadPoolBuilder::new()
            .num_threads(size)
            .thread_name(name)
            .build()
        {
            Ok(pool) => {
                let pool = Arc::new(pool);
                *kept = Some((n, Arc::clone(&pool)));
                return Ok(pool);
            }
            Err(_) if size > 1 => size /= 2,
            Err(error) => return Err(Failure::new(ft::FT_NO_THREADS, error.to_string())),
        }
    }
}

fn home() -> &'static Home {
    let process = std::process::id();
    loop {
        let found = HOME.load(Ordering::Acquire);
        // SAFETY: null, or made by `Box::into_raw` below and never freed.
        if let Some(home) = unsafe { found.as_ref() }
            && home.process == process
        {
            return home;
        }
        let fresh = Box::into_raw(Box::new(Home {
            process,
            pool: Mutex::new(None),
        }));
        if (HOME.compare_exchange(found, fresh, Ordering::AcqRel, Ordering::Acquire)).is_err() {
            // SAFETY: came from `Box::into_raw` above and nobody else has seen it.
            drop(unsafe { Box::from_raw(fresh) });
        }
    }
}
