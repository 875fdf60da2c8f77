"""The command that starts ranks here, for the scripts and tests that need it."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class NoMPI(RuntimeError):
    """There is no `mpirun` on the path."""


@functools.cache
def is_open_mpi() -> bool:
    """Whether `mpirun` is Open MPI's; MPICH's knows none of the options below, and needs none."""
    if not shutil.which("mpirun"):
        raise NoMPI("no `mpirun`; on Debian: apt-get install openmpi-bin libopenmpi-dev")
    said = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, timeout=60)
    return "Open MPI" in said.stdout + said.stderr


def command(ranks: int, *argv: str | Path) -> list[str]:
    """Return the command line for some ranks, more than there are cores if need be."""
    options = ["--oversubscribe"] if is_open_mpi() else []
    return ["mpirun", *options, "-np", str(ranks), *map(str, argv)]


def environment() -> dict[str, str]:
    """Return the environment; Open MPI must be told twice that root may start it."""
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return dict(os.environ) | (root if os.geteuid() == 0 else {})


def run(
    ranks: int, argv: Sequence[str | Path], timeout: float = 120.0, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program on some ranks and return what it said; a hang is an error."""
    return subprocess.run(
        command(ranks, *argv),
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
