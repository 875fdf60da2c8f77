"""Run on MPI ranks: what goes wrong on one rank is told by all, and none hangs.

    mpi_faults.py FOLDER SCENARIO ...

Each rank prints one line for each scenario.
"""

import sys
import time
from pathlib import Path

import ferrotran as ft
import numpy as np
from ferrotran.scale import ChunkError, map_chunks
from mpi4py import MPI

comm = MPI.COMM_WORLD
rank = comm.rank
folder = Path(sys.argv[1])
x = np.arange(1.0, 41.0).reshape(20, 2)
ones = {"chunks": (1, 2), "engine": "mpi"}


def call(kernel, **options):
    output = np.empty_like(x)
    map_chunks(kernel, x, output, kernel_options={"casting": "unsafe"}, **ones, **options)


def kernel_raises():
    y = x.copy()
    y[7, 1] = 0.0
    with np.errstate(divide="raise"):
        map_chunks(np.reciprocal, y, folder / "reciprocal.zarr", **ones)


def goes_on():
    y = x.copy()
    y[7, 1] = 0.0
    with np.errstate(divide="ignore"):
        report = map_chunks(np.reciprocal, y, folder / "reciprocal.zarr", resume=True, **ones)
        assert np.array_equal(report.output[:], 1 / y)
    assert report.skipped < 20
    return f"finished, {'some' if report.skipped else 'none'} skipped"


def odd_exception():
    class Odd(Exception):
        def __init__(self, one, two):
            super().__init__("cannot be pickled", one)

    def raises(v):
        if v == 30.0:
            raise Odd(1, 2)
        return v

    call(np.frompyfunc(raises, 1, 1))


def hang(which):
    def hangs(v):
        time.sleep(60 if rank == which else 0.03)
        return v

    call(np.frompyfunc(hangs, 1, 1), timeout=1.0)


def rank_0_hangs():
    hang(0)


def rank_1_hangs():
    hang(1)


def no_more_after_a_failure():
    calls = []

    def fails(v):
        calls.append(v)
        time.sleep(0.02)
        if v == 1.0:
            raise ValueError("the first")
        return v

    try:
        call(np.frompyfunc(fails, 1, 1))
    finally:
        made = comm.allreduce(len(calls))
        assert made < x.size // 2, f"{made} elements were done after the failure"


def progress_raises():
    def progress(done, total):
        raise ValueError("from progress")

    map_chunks(
        ft.special.erf,
        np.zeros((400, 5000)),
        None,
        engine="mpi",
        chunks=(1, 5000),
        progress=progress,
    )


def different_calls():
    map_chunks(np.sqrt, x, None, engine="mpi", chunks=(1 + rank, 2))


def one_rank_has_no_input():
    map_chunks(np.sqrt, x if rank == 0 else folder / "none.zarr", None, engine="mpi")


def output_cannot_be_made():
    (folder / "file").write_text("in the way")
    map_chunks(np.sqrt, x, folder / "file" / "y.zarr", engine="mpi")


def objects():
    map_chunks(np.frompyfunc(lambda v: v, 1, 1), x, None, engine="mpi")


def half_of_the_ranks():
    half = comm.Split(color=rank)
    found = map_chunks(ft.special.erf, x, None, comm=half, **ones).output
    half.Free()
    return "same" if np.array_equal(found, ft.special.erf(x)) else "different"


for scenario in sys.argv[2:]:
    try:
        said = globals()[scenario]()
    except ChunkError as error:
        said = f"ChunkError {error.chunk} {error.region[0]} {error}"
    except (TimeoutError, ValueError, TypeError, OSError) as error:
        said = f"{type(error).__name__} {error}"
    everyone = comm.gather(said)
    if rank == 0:
        for number, words in enumerate(everyone):
            print(f"{scenario} {number}: {words}", flush=True)
