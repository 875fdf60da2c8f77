"""A job that something happens to in the middle: run as a program by the tests.

    interrupted.py ENGINE FOLDER [kill | rank | freeze | interrupt] [resume]

From ``x.zarr`` to ``y.zarr`` of the folder. After a few chunks ``kill`` is SIGKILL for this
process, ``rank`` for MPI rank 1, ``freeze`` is SIGSTOP for that, ``interrupt`` is Ctrl-C. Prints
what the report says.
"""

import itertools
import math
import os
import signal
import sys
import time
from pathlib import Path

import ferrotran as ft
import numpy as np
from ferrotran import scale

FEW = 4
"""Chunks that are begun before it happens."""

engine, folder, *words = sys.argv[1:]
source, target = Path(folder) / "x.zarr", Path(folder) / "y.zarr"
length = scale.open(source).chunks[1]
numbers = itertools.count(1)
me = other = 0


def happen():
    if "interrupt" in words:
        os.kill(os.getpid(), signal.SIGINT)
    elif "freeze" in words:
        os.kill(os.getpid(), signal.SIGSTOP)
    elif "kill" in words or "rank" in words:
        os.kill(os.getpid(), signal.SIGKILL)


def sine(x):
    chunk, element = divmod(next(numbers), length)
    if chunk == FEW and element == length // 2:
        if me == ("rank" in words or "freeze" in words):
            happen()
        elif other:  # the other rank ends this one too, by its end
            time.sleep(30)
    return math.sin(x)


def watch(done, total):
    if done and engine == "dask":
        happen()


call = {"kernel": np.frompyfunc(sine, 1, 1), "inputs": source, "output": target}
call |= {"kernel_options": {"casting": "unsafe"}}
if engine == "dask":  # the kernel is sent by its name
    import scipy.special
    from distributed import Client
    from ferrotran.scale._engines import dask

    dask.BYTES = 0  # few tasks on their way, so that not all are done before this process ends
    call = {"client": Client(os.environ["SCHEDULER"]), "output": target}
    call |= {"kernel": scipy.special.jv, "inputs": [np.array(0.3), source]}
elif engine == "mpi":
    from mpi4py import MPI

    me = MPI.COMM_WORLD.rank
    other = "kill" in words or "rank" in words
    call["timeout"] = 1.0 if "freeze" in words else None

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    report = scale.map_chunks(engine=engine, resume="resume" in words, progress=watch, **call)
except ft.BatchInterrupted as error:
    print("interrupted", error.result.chunks, flush=True)
    sys.exit(3)
said = [f"finished {report.chunks} {report.skipped}"]
if engine == "mpi":  # what two ranks print at a time may come mixed
    said = MPI.COMM_WORLD.gather(said[0]) or []
print("\n".join(said), flush=True)
