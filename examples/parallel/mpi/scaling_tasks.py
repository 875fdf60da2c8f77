"""What `scaling.py` measures, each on some ranks: it starts this under `mpirun`.

Rank 0 prints one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable

import ferrotran as ft
import numpy as np
import ranks
from block import Block
from mpi4py import MPI


def timed(comm: MPI.Comm, call: Callable[[], None], seconds: float, least: int = 7) -> list[float]:
    """Return seconds of a call, the slowest rank's, as often as fits into some seconds."""
    call()
    found: list[float] = []
    while True:
        comm.Barrier()
        began = MPI.Wtime()
        call()
        found.append(comm.allreduce(MPI.Wtime() - began, MPI.MAX))
        if len(found) >= least and sum(found) > seconds:
            return found


def quartiles(values: list[float]) -> list[float]:
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return [middle, low, high]


def ping_pong(comm: MPI.Comm, seconds: float) -> dict[str, list[float]]:
    """Half of a round trip between ranks 0 and 1, by bytes."""
    found = {}
    sizes = [8, 64, 512, 4096, 32768, 262144, 2097152, 8388608]
    for size in sizes:
        data, turns = np.zeros(size, np.uint8), max(2, min(1000, 4_000_000 // size))

        def trips(data: np.ndarray = data, turns: int = turns) -> None:
            for _ in range(turns):
                if comm.rank == 0:
                    comm.Send(data, 1)
                    comm.Recv(data, 1)
                else:
                    comm.Recv(data, 0)
                    comm.Send(data, 0)

        times = timed(comm, trips, seconds / len(sizes))
        found[str(size)] = [t / turns / 2 for t in quartiles(times)]
    return found


def reduction(comm: MPI.Comm, seconds: float) -> list[float]:
    """Allreduce of one number."""
    value, most = np.zeros(1), np.zeros(1)

    def some() -> None:
        for _ in range(200):
            comm.Allreduce(value, most, MPI.MAX)

    return [t / 200 for t in quartiles(timed(comm, some, seconds))]


def cells(comm: MPI.Comm, seconds: float, shapes: list[list[int]], halo: int) -> list[list[float]]:
    """Seconds per cell and step in one thread, `halo` steps at once, for each shape."""
    found = []
    for shape in shapes:
        u = np.random.default_rng(1).uniform(size=shape)
        v = np.empty_like(u)

        def some(u: np.ndarray = u, v: np.ndarray = v) -> None:
            ft.stencil.heat2d(u, 1.0, 0.2, halo, out=v)

        times = timed(comm, some, seconds / len(shapes))
        found.append([t / halo / u.size for t in quartiles(times)])
    return found


def call(comm: MPI.Comm, seconds: float) -> list[float]:
    """Seconds of a call of the kernel on so few cells that they cost nothing."""
    u, v = np.zeros((4, 4)), np.zeros((4, 4))

    def some() -> None:
        for _ in range(1000):
            ft.stencil.heat2d(u, 1.0, 0.2, 1, out=v)

    return [t / 1000 for t in quartiles(timed(comm, some, seconds))]


def check(comm: MPI.Comm, seconds: float, side: int) -> list[float]:
    """Seconds per cell of a test of convergence, without the reduction."""
    block = Block(comm, (side, side), 1)
    before = np.empty(block.size)

    def some() -> None:
        before[:] = block.cells
        block.change(before)

    return [t / side**2 for t in quartiles(timed(comm, some, seconds))]


def heat(comm: MPI.Comm, seconds: float, shape: list[int], halo: int, every: int) -> list[float]:
    """Seconds of a step, with a test of convergence after `every`."""
    block = Block(comm, (shape[0], shape[1]), halo)
    block.cells[:] = np.random.default_rng(comm.rank).uniform(size=block.size)
    before = np.empty(block.size)

    def some() -> None:
        before[:] = block.cells
        for done in range(0, every, halo):
            block.advance(1.0, 0.2, min(halo, every - done))
        block.change(before)

    return [t / every for t in quartiles(timed(comm, some, seconds))]


TASKS = {f.__name__: f for f in (ping_pong, reduction, cells, call, check, heat)}


def main(comm: MPI.Comm) -> int:
    """Run the task that the command line names: ``TASK '{"seconds": 1, ...}'``."""
    with ft.threads(1):
        found = TASKS[sys.argv[1]](comm, **json.loads(sys.argv[2]))
    if comm.rank == 0:
        print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
