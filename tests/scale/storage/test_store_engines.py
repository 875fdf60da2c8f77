"""Every engine on every server gives the bits of the kernel on the whole."""

from pathlib import Path

import numpy as np
import pytest
from faults import j0, need
from ferrotran import scale
from ferrotran.scale import map_chunks
from servers import mpi


@pytest.mark.parametrize("shards", [None, (32, 64)], ids=["chunks", "shards"])
@pytest.mark.parametrize("engine", ["threads", "dask", "mpi"])
def test_the_bits_of_a_serial_call(server, x, put, engines, engine, shards):
    source, target = put(f"{server.url}/a/x.zarr", x, shards=shards), f"{server.url}/b/y.zarr"
    scale.create(target, x.shape, x.dtype, (16, 16), shards=shards)
    if engine == "mpi":
        need(mpi.missing())
        done = mpi.run(2, str(Path(__file__).parents[1] / "mapped.py"), source, target, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.strip() == str([48 if shards is None else 6] * 2)
    else:
        map_chunks(j0, source, target, **engines(engine))
    assert np.array_equal(scale.open(target)[...], j0(x))
    assert not list(server.root.rglob(".ferrotran*"))
    assert not list(server.root.rglob("*.partial"))
