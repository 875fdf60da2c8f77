"""Say who is there: ``mpirun -np 2 python hello.py``."""

from __future__ import annotations

import ferrotran as ft
import ranks
from mpi4py import MPI


def main(comm: MPI.Comm) -> int:
    """Print a line for each rank, in their order."""
    cores = ft.scale.cores()
    ft.set_num_threads(cores)
    # Each rank computes a part of J0(0), J0(1), ...; rank 0 prints what it has gathered.
    value = float(ft.special.j0(float(comm.rank)))
    lines = comm.gather(
        f"rank {comm.rank} of {comm.size} on {MPI.Get_processor_name()}: "
        f"{cores} {'core' if cores == 1 else 'cores'}, J0({comm.rank}) = {value:.15f}"
    )
    if lines is not None:
        print("\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
