"""A communicator of mpi4py, used by Rust in the same process.

    cargo build
    mpirun -np 2 python bridge.py target/debug/libferrotran_mpi.so

`MPI._addressof` gives the address of the C handle; `src/bridge.rs` makes a communicator of it,
reduces over the rank's threads, then over the ranks. Both sides must be built for one MPI library.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import ranks
from mpi4py import MPI


def largest_magnitude(library: Path, x: np.ndarray, comm: MPI.Comm) -> float:
    """Return the largest magnitude in the arrays of all ranks of `comm`; collective."""
    function = ctypes.CDLL(str(library)).largest_magnitude
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    function.restype = ctypes.c_double
    x = np.ascontiguousarray(x, np.float64)
    return function(MPI._addressof(comm), x.ctypes.data, x.size)


def main(comm: MPI.Comm) -> int:
    """Compare Rust's answer with mpi4py's, on all ranks, on halves of them, on each alone."""
    library = Path(sys.argv[1])
    x = np.random.default_rng(comm.rank).standard_normal(100_000)
    half = comm.Split(color=comm.rank % 2)
    parts = {"all ranks": comm, "every other rank": half, "one rank": MPI.COMM_SELF}
    for name, part in parts.items():
        found = largest_magnitude(library, x, part)
        expected = part.allreduce(float(np.abs(x).max()), MPI.MAX)
        if found != expected:
            raise ArithmeticError(f"{name}: Rust has {found}, mpi4py {expected}")
        if comm.rank == 0:
            print(f"{name}: {found:.15f} from Rust and from mpi4py", flush=True)
    half.Free()
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
