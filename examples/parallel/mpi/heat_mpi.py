"""Diffusion on a plate, cut into blocks over MPI ranks.

    mpirun -np 2 python heat_mpi.py --shape 2000 2000 --steps 1000 --every 200 --out run
    mpirun -np 4 python heat_mpi.py --restart run/heat-00000400.npy --steps 1000 --out run

Each rank owns a block. The cells that neighbours need travel while the interior is computed. The
files have the bytes of a serial run, for any number of ranks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ferrotran as ft
import numpy as np
import ranks
import snapshot
from block import Block
from ferrotran.stencil import heat2d
from mpi4py import MPI
from snapshot import State


def options(argv: Sequence[str] | None, comm: MPI.Comm) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="heat_mpi.py", description="Diffusion on MPI ranks.")
    add = parser.add_argument
    add("--shape", type=int, nargs=2, help="rows and columns (512 512)")
    add("--steps", type=int, default=100, help="step to end at (100)")
    add("--every", type=int, default=0, help="steps between files and tests (0: at the end only)")
    add("--tol", type=float, default=0.0, help="end when no cell moved by more within --every")
    add("--halo", type=int, default=8, help="most steps between exchanges (8)")
    add("--edges", choices=("dirichlet", "neumann", "periodic"), help="(dirichlet)")
    add("--diffusivity", type=float, help="(1.0)")
    add("--dt", type=float, help="time step (0.2)")
    add("--dims", type=int, nargs=2, help="rows and columns of ranks (MPI_Dims_create)")
    add("--threads", type=int, help="threads of a rank (the cores it was given)")
    add("--out", type=Path, help="folder of the files (none)")
    add("--restart", type=Path, help="a file to start from, with its shape and its physics")
    found = ranks.parsed(parser, argv, comm)
    for name in ("steps", "every", "halo"):
        least = 1 if name == "halo" else 0
        if (value := getattr(found, name)) < least:
            raise ranks.Refused(f"`{name}` is {value}, expected at least {least}")
    if found.shape and min(found.shape) < 1:
        raise ranks.Refused(f"`shape` is {tuple(found.shape)}, expected two numbers above 0")
    return found


def plate(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the start: a hot disc on a rough plate, by integers alone, so in any language."""
    i, j = rows[:, None], columns[None, :]
    disc = (2 * i - shape[0]) ** 2 + (2 * j - shape[1]) ** 2 <= (min(shape) // 2) ** 2
    return np.where(disc, 1.0, (i * i + 3 * j) % 32 / 64)


def settled(name: str, given: Any, file: Any, default: Any) -> Any:
    """Return what was given, or what the file has; both must not differ."""
    if None not in (given, file) and given != file:
        raise ranks.Refused(f"`{name}` is {given}, the file has {file}")
    return next(value for value in (file, given, default) if value is not None)


def start(found: argparse.Namespace, comm: MPI.Comm) -> tuple[Block, State]:
    """Return the block at the first step and the state of the run."""
    in_file, file = snapshot.head(found.restart, comm) if found.restart else (None, None)
    shape = settled("shape", found.shape and tuple(found.shape), in_file, (512, 512))
    values = {"dt": 0.2, "diffusivity": 1.0, "edges": "dirichlet"}
    for name, default in values.items():
        values[name] = settled(name, getattr(found, name), getattr(file, name, None), default)
    state = State(file.step if file else 0, **values)
    # A step that the kernel refuses is refused by all ranks, before any of them waits.
    few = np.zeros([min(n, 3) for n in shape])
    ranks.on_root(comm, lambda: heat2d(few, state.diffusivity, state.dt, 1, edges=state.edges)[0])
    block = Block(comm, shape, found.halo, state.edges, found.dims)
    if found.restart:
        snapshot.read(found.restart, block)
    else:
        rows, columns = (s + np.arange(n) for s, n in zip(block.start, block.size))
        block.cells[:] = plate(rows, columns, shape)
    return block, state


def go(block: Block, state: State, found: argparse.Namespace) -> tuple[State, float]:
    """Take the steps, with files and tests between them; return the state and the last change."""
    change, before = np.inf, np.empty(block.size)
    while state.step < found.steps and change > found.tol:
        stop = min(
            found.steps,
            found.every * (state.step // found.every + 1) if found.every else found.steps,
        )
        before[:] = block.cells
        step = state.step
        while step < stop:
            count = min(block.halo, stop - step)
            block.advance(state.diffusivity, state.dt, count)
            step += count
        state, change = state._replace(step=step), block.change(before)
        if not np.isfinite(change):
            raise ranks.Refused(f"the field is not finite after step {step}")
        if block.cart.rank == 0:
            print(f"step {step}: largest change {change:.3e}", flush=True)
        if found.out:
            snapshot.write(found.out / f"heat-{step:08d}.npy", block, state)
    return state, change


def main(comm: MPI.Comm, argv: Sequence[str] | None = None) -> int:
    """Run it on all ranks of a communicator."""
    found = options(argv, comm)
    threads = found.threads or ft.scale.cores()
    block, state = start(found, comm)
    with ft.threads(threads):
        comm.Barrier()
        first, began = state.step, MPI.Wtime()
        state, _ = go(block, state, found)
        comm.Barrier()
    if comm.rank == 0:
        print(
            f"{state.step - first} steps of {block.shape[0]} x {block.shape[1]} cells on "
            f"{block.dims[0]} x {block.dims[1]} ranks, threads of each: {threads}, "
            f"{MPI.Wtime() - began:.3f} s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
