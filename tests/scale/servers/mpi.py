"""Run Python programs on MPI ranks of this machine, with Open MPI's or any other mpirun."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

ROOT_MAY = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def missing() -> str | None:
    """Say what is missing, with the command that installs it; None where nothing is."""
    if shutil.which("mpirun") is None:
        return "no mpirun: apt-get install -y --no-install-recommends openmpi-bin"
    try:
        import mpi4py  # noqa: F401
    except ImportError:
        return "no mpi4py: pip install mpi4py"
    return None


def command(ranks: int, *arguments: str, options: Sequence[str] = ()) -> list[str]:
    """Return the command that runs this Python with `arguments` on so many ranks."""
    return ["mpirun", "--oversubscribe", "-np", str(ranks), *options, sys.executable, *arguments]


def start(
    ranks: int, *arguments: str, options: Sequence[str] = (), **env: str
) -> subprocess.Popen[str]:
    """Start this Python with `arguments` on so many ranks.

    Parameters
    ----------
    ranks : int
        More than there are cores is fine.
    *arguments : str
        A script and its arguments, or ``-c`` and code.
    options : sequence of str
        Of mpirun, such as ``("--bind-to", "none")``.
    **env : str
        Added to the environment.
    """
    return subprocess.Popen(
        command(ranks, *arguments, options=options),
        env=os.environ | ROOT_MAY | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(
    ranks: int, *arguments: str, options: Sequence[str] = (), timeout: float = 60, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python with `arguments` on so many ranks, to the end; see `start`.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer than `timeout` seconds; nothing of it runs on.
    """
    process = start(ranks, *arguments, options=options, **env)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        stop(process)
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def stop(process: subprocess.Popen[str]) -> None:
    """End mpirun and its ranks, which are in a session of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.communicate(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
