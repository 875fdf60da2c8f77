"""What the tests of examples/parallel/mpi share: runs of its programs, what these ought to find."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
MPI = ROOT / "examples" / "parallel" / "mpi"
sys.path.append(str(MPI))

import launch  # noqa: E402
import model  # noqa: E402, F401  (for the tests)
import scaling_page  # noqa: E402, F401

pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install mpi4py")
if not shutil.which("mpirun"):
    pytest.skip("no mpirun: apt-get install openmpi-bin libopenmpi-dev", allow_module_level=True)

SHAPE, STEPS, EVERY = (37, 53), 31, 12
EDGES = ("dirichlet", "neumann", "periodic")
FILES = (12, 24, 31)


def python(ranks, code, *argv):
    """Run code on ranks, in the folder of the examples."""
    start = f"import sys; sys.path.insert(0, {str(MPI)!r})\n"
    return launch.run(ranks, [sys.executable, "-c", start + code, *argv])


def script(ranks, name, *argv, **variables):
    return launch.run(ranks, [sys.executable, MPI / name, *map(str, argv)], **variables)


def heat(ranks, *runs):
    """Several runs of heat_mpi.py after each other: starting Python takes longest."""
    code = (
        "import heat_mpi, json, ranks\n"
        "for argv in json.loads(sys.argv[1]):\n"
        "    try: ranks.run(lambda comm: heat_mpi.main(comm, argv))\n"
        "    except SystemExit: pass\n"
    )
    argv = [[str(word) for word in run] for run in runs]
    return python(ranks, code, json.dumps(argv))


def plate(shape):
    i, j = np.indices(shape)
    disc = (2 * i - shape[0]) ** 2 + (2 * j - shape[1]) ** 2 <= (min(shape) // 2) ** 2
    return np.where(disc, 1.0, (i * i + 3 * j) % 32 / 64)


def serial(edges, steps):
    return ft.stencil.heat2d(plate(SHAPE), 1.0, 0.2, steps, edges=edges)


def asked(edges, halo, out, *more):
    words = ["--shape", *SHAPE, "--steps", STEPS, "--every", EVERY, "--edges", edges]
    return [*words, "--halo", halo, "--out", out, *more]


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of a few bytes, in memory."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    done = subprocess.run(mount, capture_output=True, text=True, timeout=60)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True, timeout=60)
