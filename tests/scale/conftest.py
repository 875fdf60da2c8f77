"""What the tests of `ferrotran.scale` share."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from ferrotran import scale

HERE = Path(__file__).resolve().parent


@pytest.fixture
def rng():
    return np.random.default_rng(20261128)


@pytest.fixture(scope="session")
def client():
    """Two Dask workers, processes of this machine."""
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    paths = os.pathsep.join([str(HERE), *sys.path])
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            env={"PYTHONPATH": paths},
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def stored(tmp_path):
    """Write a NumPy array as a zarr array; return its path."""

    def write(x, chunks, name="x", **options):
        path = tmp_path / f"{name}.zarr"
        array = scale.create(path, x.shape, x.dtype, chunks, **options)
        array[...] = x
        return path

    return write


@pytest.fixture
def script():
    """Run a program in a process of its own."""

    def run(code, *arguments, status=0, timeout=60, **env):
        paths = os.pathsep.join([str(HERE), *sys.path])
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": paths} | env,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == status, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run
