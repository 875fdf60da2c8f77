"""Run on MPI ranks: how many threads each has, by itself and in a task of `map_chunks`."""

import json
import os
from pathlib import Path

import ferrotran as ft
import numpy as np
from ferrotran import scale
from mpi4py import MPI

seen = set()


def look(v):
    seen.add(ft.get_num_threads())
    return v


x = np.arange(8.0)
scale.map_chunks(
    np.frompyfunc(look, 1, 1),
    *(x, np.empty_like(x)),
    chunks=1,
    engine="mpi",
    kernel_options={"casting": "unsafe"},
)
# Enough work that the kernel takes all threads it may.
scale.map_chunks(ft.special.erf, np.zeros(8_000_000), None, chunks=1_000_000, engine="mpi")
names = [p.read_text() for p in Path("/proc/self/task").glob("*/comm")]
mine = {
    "cores": scale.cores(),
    "bound": len(os.sched_getaffinity(0)),
    "in a task": sorted(seen),
    "kernel threads": sum(name.startswith("ferrotran-") and "scale" not in name for name in names),
}
everyone = MPI.COMM_WORLD.gather(mine)
if MPI.COMM_WORLD.rank == 0:
    print(json.dumps(everyone))
