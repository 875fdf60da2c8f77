"""A disk that runs full in the middle: an error that names the chunk, and a resume that ends well.

The disk is a tmpfs of 8 MB, 5 of them taken; the output has 48 chunks of 128 kB, not compressed.
"""

import re

import ferrotran as ft
import numpy as np
import pytest
from faults import finish, tmpfs
from ferrotran import scale
from ferrotran.scale import ChunkError, map_chunks

j0 = ft.special.j0
SHAPE, CHUNK = (48, 16_384), (1, 16_384)
DISK, BALLAST = 8 << 20, 5 << 20


@pytest.fixture
def x(rng):
    return rng.uniform(0.0, 40.0, SHAPE)


@pytest.fixture
def disk(reachable):
    with tmpfs(reachable / "disk", DISK) as folder:
        yield folder


def fails(source, target, **options):
    with pytest.raises(ChunkError, match=r"chunk \(\d+, 0\), region \[") as caught:
        map_chunks(j0, source, target, **options)
    assert re.search(r"writing the result|marking it as finished", str(caught.value))
    return str(caught.value)


def whole_files(folder):
    """Every chunk that is there is there as a whole."""
    files = [p for p in (folder / "c").rglob("*") if p.is_file() and p.suffix != ".partial"]
    assert all(p.stat().st_size == SHAPE[1] * 8 for p in files)
    return len(files)


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_local_disk(disk, x, put, engines, engine, tmp_path):
    source, target = put(tmp_path / "x.zarr", x, CHUNK), disk / "y.zarr"
    scale.create(target, SHAPE, x.dtype, CHUNK, compressors=None)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    assert "No space left on device" in fails(source, target, **engines(engine))
    assert 0 < whole_files(target) < SHAPE[0]
    fails(source, target, resume=True, **engines(engine))  # no room yet
    ballast.unlink()
    assert 0 < finish(source, target, x, **engines(engine)).skipped < SHAPE[0]
    assert whole_files(target) == SHAPE[0]


def test_the_disk_of_a_server(kind, disk, x, put, tmp_path):
    source = put(tmp_path / "x.zarr", x, CHUNK)
    with kind(disk) as server:
        target = f"{server.url}/y.zarr"
        scale.create(target, SHAPE, x.dtype, CHUNK, compressors=None)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(BALLAST))
        said = fails(source, target, workers=2)
        assert re.search(
            "No space left|Internal Server Error|is its disk full|reset|disconnected", said
        )
        assert 0 < whole_files(server.root / "y.zarr") < SHAPE[0]
        ballast.unlink()
        assert finish(source, target, x).skipped < SHAPE[0]
        assert whole_files(server.root / "y.zarr") == SHAPE[0]
        assert not list(server.root.rglob("*.partial"))
        assert np.array_equal(scale.open(target)[...], j0(x))
