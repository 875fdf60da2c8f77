"""What every program here asks of MPI: cores of a rank, options for all, an end for all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

import mpi4py

# MPI is called from the main thread alone. Open MPI 4 has no windows between nodes (`ensemble.py`)
# where all threads may call it.
mpi4py.rc.thread_level = "funneled"

from mpi4py import MPI  # noqa: E402  (the line above comes first)


class Refused(ValueError):
    """What was asked for cannot be done; every rank raises it alike."""


def parsed(
    parser: argparse.ArgumentParser, argv: Sequence[str] | None, comm: MPI.Comm
) -> argparse.Namespace:
    """Parse the command line on rank 0, which alone prints, for all ranks."""
    options, status = None, 0
    if comm.rank == 0:
        try:
            options = parser.parse_args(argv)
        except SystemExit as end:
            status = int(end.code or 0)
    options, status = comm.bcast((options, status))
    if options is None:
        raise SystemExit(status)
    return options


def on_root(comm: MPI.Comm, call: Callable[[], Any]) -> Any:
    """Return on all ranks what `call` returns on rank 0; raise `Refused` on all if it fails."""
    found = error = None
    if comm.rank == 0:
        try:
            found = call()
        except (OSError, ValueError) as failure:
            error = str(failure)
    found, error = comm.bcast((found, error))
    if error is not None:
        raise Refused(error)
    return found


def run(main: Callable[[MPI.Comm], int], comm: MPI.Comm | None = None) -> int:
    """Run `main` on all ranks; an error on one ends all of them.

    A rank that stops alone leaves the others waiting for its messages. So an error that only one
    rank has is printed with the rank's number, and ``MPI_Abort`` ends the job.
    """
    comm = MPI.COMM_WORLD if comm is None else comm
    try:
        return main(comm)
    except Refused as error:
        if comm.rank == 0:
            print(error, file=sys.stderr, flush=True)
        return 1
    except Exception as error:
        who = f"rank {comm.rank} of {comm.size} on {MPI.Get_processor_name()}"
        print(f"{who}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        comm.Abort(1)
        raise
