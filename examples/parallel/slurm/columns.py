"""One implicit step of vertical diffusion in many columns of the atmosphere.

    python columns.py make                    # write the inputs: columns/*.zarr
    python columns.py run --engine threads    # or mpi, under srun; with --resume to go on
    python columns.py check                   # against one column after the other, to the bit

A column of `LEVELS` layers is a tridiagonal system: (1 + l + u) T' - l T'_below - u T'_above = T
with the diffusivity of its own at each interface. The columns lie in chunks, and `map_chunks`
solves a chunk at a time, wherever it runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import ferrotran as ft
import numpy as np
import zarr
from ferrotran.scale import map_chunks

FOLDER = Path("columns")
INPUTS = [FOLDER / f"{name}.zarr" for name in ("below", "middle", "above", "before")]
AFTER = FOLDER / "after.zarr"
LEVELS = 40


def make(chunks: int, rows: int) -> None:
    """Write the inputs, `chunks` chunks of `rows` columns, and remove the output of others."""
    shutil.rmtree(AFTER, ignore_errors=True)
    rng = np.random.default_rng(20261128)
    columns = chunks * rows
    shapes = {path: (columns, LEVELS - (path.stem in ("below", "above"))) for path in INPUTS}
    below, middle, above, before = [
        zarr.create_array(p, shape=s, chunks=(rows, s[1]), dtype="f8", overwrite=True)
        for p, s in shapes.items()
    ]
    for start in range(0, columns, rows):
        part = slice(start, start + rows)
        k = rng.uniform(0.1, 5.0, (rows, LEVELS - 1))  # diffusivity * dt / dz**2
        below[part] = above[part] = -k
        middle[part] = 1 + np.pad(k, [(0, 0), (1, 0)]) + np.pad(k, [(0, 0), (0, 1)])
        before[part] = 288 - 1.5 * np.arange(LEVELS) + rng.normal(0, 2, (rows, LEVELS))


def run(engine: str, resume: bool) -> None:
    """Solve all columns, with as many threads in a task as Slurm gave it cores."""
    chunks = zarr.open_array(INPUTS[-1], mode="r").chunks
    report = map_chunks(
        ft.linalg.solve_tridiagonal,
        INPUTS,
        AFTER,
        engine=engine,
        chunks=chunks[:1],
        resume=resume,
        timeout=600,
    )
    done = report.chunks - report.skipped
    if os.environ.get("SLURM_PROCID", "0") == "0":  # one rank speaks
        print(f"{done} chunks done, {report.skipped} skipped", flush=True)


def check() -> None:
    """Compare every chunk with what one call gives for it."""
    after = zarr.open_array(AFTER, mode="r")
    below, middle, above, before = [zarr.open_array(path, mode="r") for path in INPUTS]
    if after.shape != before.shape:
        sys.exit(f"{AFTER} has shape {after.shape}, expected {before.shape}")
    for start in range(0, after.shape[0], after.chunks[0]):
        part = slice(start, start + after.chunks[0])
        with ft.threads(1):
            wanted = ft.linalg.solve_tridiagonal(
                below[part], middle[part], above[part], before[part]
            )
        if after[part].tobytes() != wanted.tobytes():
            sys.exit(f"columns {start} to {start + len(wanted) - 1} differ")
    print(f"{after.shape[0]} columns have the bits of the serial answer")


def main() -> None:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    size = commands.add_parser("make")
    size.add_argument("--chunks", type=int, default=64)
    size.add_argument("--rows", type=int, default=1000, help="columns in a chunk")
    how = commands.add_parser("run")
    how.add_argument("--engine", choices=["threads", "mpi"], default="threads")
    how.add_argument("--resume", action="store_true")
    commands.add_parser("check")
    chosen = parser.parse_args()
    if chosen.command == "make":
        make(chosen.chunks, chosen.rows)
    elif chosen.command == "run":
        run(chosen.engine, chosen.resume)
    else:
        check()


if __name__ == "__main__":
    main()
