//! Says who is there: `mpirun -np 2 hello`.

use std::process::ExitCode;

use ferrotran::special::j0;
use ferrotran_mpi::ranks;
use mpi::traits::{Communicator, CommunicatorCollectives};

/// Room for the name of a node.
const NAME: usize = 64;

fn main() -> ExitCode {
    ranks::run(|world| {
        let size = world.size() as usize;
        let node = mpi::environment::processor_name().unwrap_or_default();
        let mut name = [b' '; NAME];
        for (to, from) in name.iter_mut().zip(node.bytes()) {
            *to = from;
        }
        // Each rank computes a part of J0(0), J0(1), ...; rank 0 prints what all have gathered.
        let mine = (ranks::cores(world) as u64, j0(f64::from(world.rank())));
        let (mut cores, mut values) = (vec![0_u64; size], vec![0.0; size]);
        let mut names = vec![0_u8; size * NAME];
        world.all_gather_into(&mine.0, &mut cores[..]);
        world.all_gather_into(&mine.1, &mut values[..]);
        world.all_gather_into(&name[..], &mut names[..]);
        if world.rank() == 0 {
            for (rank, ((cores, value), node)) in
                (cores.iter().zip(&values).zip(names.chunks(NAME))).enumerate()
            {
                let node = String::from_utf8_lossy(node);
                let word = if *cores == 1 { "core" } else { "cores" };
                println!(
                    "rank {rank} of {size} on {}: {cores} {word}, J0({rank}) = {value:.15}",
                    node.trim_end()
                );
            }
        }
        Ok(())
    })
}
