"""A ufunc over arrays that are larger than memory, on all ranks.

    mpirun -np 2 python chunks.py x.zarr y.zarr

makes x.zarr if it is not there, and y = J0(x) in chunks of x.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ferrotran as ft
import numpy as np
import ranks
from ferrotran.scale import create, map_chunks
from mpi4py import MPI


def fill(path: str) -> None:
    """Make an input of four chunks, if there is none."""
    if not Path(path).exists():
        create(path, (400_000,), "f8", (100_000,))[:] = np.linspace(0, 50, 400_000)


def main(comm: MPI.Comm) -> int:
    """Every rank makes the same call; each chunk is done by one of them."""
    x, y = sys.argv[1:3]
    ranks.on_root(comm, lambda: fill(x))
    report = map_chunks(ft.special.j0, x, y, engine="mpi", comm=comm)
    if comm.rank == 0:
        print(f"{report.chunks} chunks in {report.seconds:.2f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
