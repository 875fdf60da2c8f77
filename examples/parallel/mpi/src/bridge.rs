//! A communicator of mpi4py in Rust, through the C ABI: see `bridge.py`.

use std::mem::ManuallyDrop;

use mpi::collective::SystemOperation;
use mpi::ffi::{self, MPI_Comm};
use mpi::raw::FromRaw;
use mpi::topology::SimpleCommunicator;
use mpi::traits::CommunicatorCollectives;
use rayon::prelude::*;

/// Returns the largest of the magnitudes of `x` on all ranks; collective. NaN does not count.
///
/// # Safety
///
/// `comm` is what `MPI._addressof` of a living communicator of the same MPI library returns; `x`
/// points to `n` doubles that nobody writes to meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn largest_magnitude(comm: *const MPI_Comm, x: *const f64, n: usize) -> f64 {
    // SAFETY: the caller's part. `from_raw` takes none of the communicators that MPI makes itself.
    let comm = unsafe {
        if *comm == ffi::RSMPI_COMM_WORLD {
            SimpleCommunicator::world()
        } else if *comm == ffi::RSMPI_COMM_SELF {
            SimpleCommunicator::self_comm()
        } else {
            SimpleCommunicator::from_raw(*comm)
        }
    };
    let comm = ManuallyDrop::new(comm); // mpi4py owns it
    let x = if n == 0 {
        &[]
    } else {
        // SAFETY: the caller's part.
        unsafe { std::slice::from_raw_parts(x, n) }
    };
    let mine = x.par_iter().map(|x| x.abs()).reduce(|| 0.0, f64::max);
    let mut all = 0.0;
    comm.all_reduce_into(&mine, &mut all, SystemOperation::max());
    all
}
