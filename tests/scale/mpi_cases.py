"""Run on MPI ranks: every case of `cases.py`, in the folders that the tests made for them."""

import sys
from pathlib import Path

from cases import CASES, same
from mpi4py import MPI

comm = MPI.COMM_WORLD
for number, (name, case) in enumerate(CASES.items()):
    found = case.map(Path(sys.argv[1]) / str(number), "mpi", engine="mpi")
    if comm.gather(same(found, case.expected())) == [True] * comm.size:
        print(f"same: {name}", flush=True)
