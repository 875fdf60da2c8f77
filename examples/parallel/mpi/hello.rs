//! Says who is there: `mpirun -np 2 target/debug/hello`.

use std::process::ExitCode;

use ferrotran::special::j0;
use ferrotran_mpi::ranks;
use mpi::traits::{Communicator, CommunicatorCollectives};

fn main() -> ExitCode {
    ranks::run(|world| {
        let (rank, size) = (world.rank(), world.size());
        let cores = ranks::cores(world);
        let node = mpi::environment::processor_name().unwrap_or_default();
        let value = j0(f64::from(rank));
        // One after the other, so that lines come in the order of ranks.
        for turn in 0..size {
            if turn == rank {
                let word = if cores == 1 { "core" } else { "cores" };
                println!(
                    "rank {rank} of {size} on {node}: {cores} {word}, J0({rank}) = {value:.15}"
                );
            }
            world.barrier();
        }
        Ok(())
    })
}
