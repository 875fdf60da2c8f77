"""The map of J0 on MPI ranks: mapped.py SOURCE TARGET; each rank says how many chunks there are."""

import sys

import ferrotran as ft
from ferrotran.scale import map_chunks
from mpi4py import MPI

report = map_chunks(ft.special.j0, *sys.argv[1:], engine="mpi")
counts = MPI.COMM_WORLD.gather(report.chunks)
if counts:
    print(counts, flush=True)
