//! What both programs ask of MPI: cores of a rank, an end for all.

use std::ffi::{CStr, c_char, c_int};
use std::process::ExitCode;

use mpi::ffi;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be done; every rank has this error.
    #[error("{0}")]
    Refused(String),
    /// The kernel's.
    #[error(transparent)]
    Kernel(#[from] ferrotran::Error),
    /// A call of MPI on a file; those on communicators end the program by themselves.
    #[error("{call} of {path}: {text}")]
    File {
        /// The function.
        call: &'static str,
        /// Its file.
        path: String,
        /// What MPI says.
        text: String,
    },
    /// The threads of this rank.
    #[error(transparent)]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says that something cannot be done.
pub fn refused<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Refused(text.into()))
}

/// What MPI calls an error.
pub(crate) fn text_of(code: c_int) -> String {
    let mut text = [0 as c_char; ffi::MPI_MAX_ERROR_STRING as usize + 1];
    let mut length = 0;
    // SAFETY: `text` has room for the longest message and its closing zero.
    let text = unsafe {
        ffi::MPI_Error_string(code, text.as_mut_ptr(), &mut length);
        CStr::from_ptr(text.as_ptr())
    };
    text.to_string_lossy().into_owned()
}

/// Returns the cores that this rank may use; collective.
///
/// Those of its affinity mask, shared evenly with the ranks of the node that have the same mask.
/// `FERROTRAN_NUM_THREADS` overrides.
pub fn cores(comm: &impl Communicator) -> usize {
    let asked = std::env::var("FERROTRAN_NUM_THREADS").ok();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = |line: &str| line.strip_prefix("Cpus_allowed_list:").map(str::to_owned);
    // Two lists of one hash are one list: nodes have few.
    let mask = status.lines().find_map(list).unwrap_or_default();
    let mask = (mask.bytes()).fold(0_u64, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
    let node = comm.split_shared(0);
    let mut masks = vec![0_u64; node.size() as usize];
    node.all_gather_into(&mask, &mut masks[..]);
    let sharing = masks.iter().filter(|m| **m == mask).count();
    let found = std::thread::available_parallelism().map_or(1, usize::from);
    asked
        .and_then(|n| n.parse().ok())
        .unwrap_or((found / sharing).max(1))
}

/// Calls `call` on rank 0 and hands its numbers to all ranks, or its error.
///
/// # Errors
///
/// [`Error::Refused`] on all ranks; rank 0 has the text.
pub fn on_root<const N: usize>(
    comm: &impl Communicator,
    call: impl FnOnce() -> std::result::Result<[u64; N], String>,
) -> Result<[u64; N]> {
    let found = if comm.rank() == 0 { call() } else { Ok([0; N]) };
    let mut good = found.is_ok();
    let (mut numbers, text) = found.map_or_else(|e| ([0; N], e), |n| (n, String::new()));
    let root = comm.process_at_rank(0);
    root.broadcast_into(&mut good);
    root.broadcast_into(&mut numbers[..]);
    if good { Ok(numbers) } else { refused(text) }
}

/// Runs `main` on all ranks; an error on one ends all of them.
///
/// A rank that stops alone leaves the others waiting for its messages. So an error that only one
/// rank has is printed with the rank's number, and `MPI_Abort` ends the job.
pub fn run(main: impl FnOnce(&mpi::topology::SimpleCommunicator) -> Result<()>) -> ExitCode {
    let Some((universe, _)) = mpi::initialize_with_threading(mpi::Threading::Funneled) else {
        eprintln!("MPI was initialized before");
        return ExitCode::FAILURE;
    };
    let world = universe.world();
    match main(&world) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Refused(text)) => {
            if world.rank() == 0 {
                eprintln!("{text}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            let node = mpi::environment::processor_name().unwrap_or_default();
            eprintln!(
                "rank {} of {} on {node}: {error}",
                world.rank(),
                world.size()
            );
            world.abort(1)
        }
    }
}
