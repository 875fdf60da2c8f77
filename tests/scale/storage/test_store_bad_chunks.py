"""Chunks of an input that are damaged or missing: an error that names the chunk, or fill values."""

import os
import re
import shutil
import subprocess
import sys

import ferrotran as ft
import numpy as np
import pytest
from faults import finish, need
from ferrotran import scale
from ferrotran.scale import ChunkError, map_chunks
from servers.webdav import WsgiDav
from servers.xrootd import Xrootd, xrootd_missing

j0 = ft.special.j0
FILE = "c/1/2"  # the chunk that is damaged
NAMED = r"chunk \(1, 2\), region \[16:32, 32:48\]: reading the inputs"


@pytest.fixture(params=["a file", "WebDAV"])
def place(request, tmp_path):
    """A URL to write at, and the folder behind it."""
    if request.param == "a file":
        yield str(tmp_path), tmp_path
        return
    with WsgiDav(tmp_path / "server") as server:
        yield server.url, server.root


def shorten(path):
    path.write_bytes(path.read_bytes()[:-40])


def lengthen(path):
    path.write_bytes(path.read_bytes() + bytes(16))


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def scramble(path):
    path.write_bytes(bytes(range(256)) * 8)


def empty(path):
    path.write_bytes(b"")


def exchange(path):
    """In its place, a chunk of another shape."""
    other = path.parents[3] / "other.zarr"
    scale.create(other, (8, 8), "f8", (8, 8))[...] = 1.0
    shutil.copy(other / "c" / "0" / "0", path)


def make_folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = [shorten, lengthen, flip, scramble, empty, exchange]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_damaged_chunk(place, x, put, damage, engines, engine):
    url, folder = place
    source, target = put(f"{url}/x.zarr", x), f"{url}/y.zarr"
    sound = (folder / "x.zarr" / FILE).read_bytes()
    damage(folder / "x.zarr" / FILE)
    with pytest.raises(ChunkError, match=NAMED) as caught:
        map_chunks(j0, source, target, **engines(engine))
    assert caught.value.chunk == (1, 2)
    assert caught.value.region == (slice(16, 32), slice(32, 48))
    (folder / "x.zarr" / FILE).write_bytes(sound)
    finish(source, target, x, **engines(engine))


@pytest.mark.parametrize("damage", [shorten, lengthen], ids=lambda damage: damage.__name__)
def test_a_damaged_chunk_that_is_not_compressed(place, x, put, damage):
    url, folder = place
    source = put(f"{url}/x.zarr", x, compressors=None)
    damage(folder / "x.zarr" / FILE)
    with pytest.raises(ChunkError, match=NAMED):
        map_chunks(j0, source, None)


def test_a_damaged_shard(place, x, put):
    url, folder = place
    source = put(f"{url}/x.zarr", x, (8, 16), shards=(16, 16))
    flip(folder / "x.zarr" / FILE)
    with pytest.raises(ChunkError, match=NAMED):
        map_chunks(j0, source, None, chunks=(16, 16))


def test_a_missing_chunk_is_the_fill_value_as_zarr_has_it(place, x, put):
    url, folder = place
    source = put(f"{url}/x.zarr", x, fill_value=7.0)
    (folder / "x.zarr" / FILE).unlink()
    x[16:32, 32:48] = 7.0
    assert np.array_equal(map_chunks(j0, source, None).output, j0(x))


def test_an_input_that_is_not_finished_is_refused(place, x, put):
    url, folder = place
    source = put(f"{url}/x.zarr", x)
    shorten(folder / "x.zarr" / FILE)
    with pytest.raises(ChunkError):
        map_chunks(j0, source, f"{url}/y.zarr")
    with pytest.raises(ValueError, match=r"`inputs` is the output of a job that is not finished"):
        map_chunks(np.negative, f"{url}/y.zarr", f"{url}/z.zarr")
    put(f"{url}/x.zarr", x, overwrite=True)
    finish(source, f"{url}/y.zarr", x)
    assert np.array_equal(map_chunks(np.negative, f"{url}/y.zarr", None).output, -j0(x))


def test_a_chunk_that_nobody_may_read(reachable, x, put):
    need(xrootd_missing())
    with Xrootd(reachable / "xrootd") as server:
        source, target = put(f"{server.url}/x.zarr", x), f"{server.url}/y.zarr"
        (server.root / "x.zarr" / FILE).chmod(0)
        with pytest.raises(ChunkError, match=f"{NAMED}: PermissionError.* 403"):
            map_chunks(j0, source, target)
        (server.root / "x.zarr" / FILE).chmod(0o644)
        finish(source, target, x)


PROGRAM = """
import sys
import ferrotran as ft
from ferrotran.scale import ChunkError, map_chunks

try:
    map_chunks(ft.special.j0, *sys.argv[1:])
except ChunkError as error:
    print(error.chunk, type(error.__cause__).__name__, error)
"""


@pytest.mark.parametrize("closed", ["a chunk of the input", "a folder of the output"])
def test_a_file_system_that_lets_nobody_in(x, put, tmp_path, closed):
    source, target = put(tmp_path / "x.zarr", x), put(tmp_path / "y.zarr", x)
    path, mode = (source / FILE, 0) if "input" in closed else (target / FILE, 0o555)
    path = path if "input" in closed else path.parent
    path.chmod(mode)
    command = [sys.executable, "-c", PROGRAM, source, target]
    if os.geteuid() == 0:  # root may do anything until these are taken away
        taken = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--bounding-set={taken}", f"--inh-caps={taken}", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    path.chmod(0o755)
    assert re.match(r"\(1, \d+\) PermissionError chunk \(1, \d+\), region", done.stdout), done
    finish(source, target, x)
