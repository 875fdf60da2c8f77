//! Threads: a rayon pool for each number that was asked for.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Pools by process, for a forked child has none of its parent's threads, and by size.
type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;

static POOLS: Mutex<Option<Pools>> = Mutex::new(None);

/// Runs `work` with the GIL free: for one thread on this one and with `None`, else in a pool.
///
/// # Errors
/// `RuntimeError` if the system gives no threads.
pub(crate) fn run<R: Send>(
    py: Python<'_>,
    threads: NonZeroUsize,
    work: impl FnOnce(Option<usize>) -> R + Send,
) -> PyResult<R> {
    let threads = threads.get();
    if threads == 1 {
        return Ok(py.detach(|| work(None)));
    }
    let pool = pool(threads)?;
    Ok(py.detach(|| pool.install(|| work(Some(threads)))))
}

fn pool(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_default();
    let key = (process::id(), threads);
    if let Some(pool) = pools.get(&key) {
        return Ok(Arc::clone(pool));
    }
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = built.map_err(|e| PyRuntimeError::new_err(format!("{threads} threads: {e}")))?;
    let pool = Arc::new(pool);
    pools.insert(key, Arc::clone(&pool));
    Ok(pool)
}
