"""Input and output on real WebDAV servers: the bits, faults, and what is never half there."""

import threading
import time

import ferrotran as ft
import numpy as np
import pytest
from ferrotran import scale
from ferrotran.scale import ChunkError, Location, map_chunks
from servers.webdav import Nginx, WsgiDav, nginx_missing

CHUNK = (8, 25)
j0 = ft.special.j0


def started(kind, work, **options):
    if kind is Nginx and (missing := nginx_missing()):
        pytest.skip(missing)
    return kind(work, **options)


@pytest.fixture(params=[WsgiDav, Nginx], ids=lambda kind: kind.name)
def server(request, tmp_path):
    with started(request.param, tmp_path / "server") as server:
        yield server


@pytest.fixture
def x(rng):
    return rng.uniform(0.0, 40.0, (61, 50))


def put(url, x, chunks=CHUNK, **options):
    scale.create(url, x.shape, x.dtype, chunks, **options)[...] = x
    return url


def test_the_bits_of_a_serial_call(server, x, tmp_path):
    source = put(f"{server.url}/a/x.zarr", x)
    report = map_chunks(j0, source, f"{server.url}/b/y.zarr", workers=2)
    assert report.chunks == 16
    assert np.array_equal(report.output[...], j0(x))
    # and back to a file, by plain HTTP and by WebDAV at once
    inputs = (f"{server.http}/b/y.zarr", source)
    assert np.array_equal(
        map_chunks(np.hypot, inputs, tmp_path / "z.zarr").output[...], np.hypot(j0(x), x)
    )
    assert not list(server.root.rglob(".ferrotran*"))
    assert not list(server.root.rglob("*.partial"))


def test_shards(server, x):
    source = put(f"{server.url}/x.zarr", x, CHUNK, shards=(16, 50))
    scale.create(f"{server.url}/y.zarr", x.shape, x.dtype, CHUNK, shards=(32, 50))
    report = map_chunks(j0, source, f"{server.url}/y.zarr")
    assert report.chunks == 2
    assert np.array_equal(report.output[...], j0(x))
    assert np.array_equal(scale.open(f"{server.http}/y.zarr")[30:40], j0(x)[30:40])


def test_a_server_that_asks_for_a_password(x, tmp_path):
    with WsgiDav(tmp_path / "server", user="me", password="se/cret") as server:
        url = f"{server.url}/x.zarr"
        put(Location(url, auth=("me", "se/cret")), x)
        with pytest.raises(PermissionError, match="401"):
            map_chunks(j0, Location(url, auth=("me", "guess")), None)
        with pytest.raises(PermissionError, match="401"):
            map_chunks(j0, url, None)
        report = map_chunks(j0, Location(url, auth=("me", "se/cret")), None)
        assert np.array_equal(report.output, j0(x))


def test_a_server_that_lets_nobody_write(x, tmp_path):
    with WsgiDav(tmp_path / "server") as server:
        put(f"{server.url}/x.zarr", x)
        scale.create(f"{server.url}/y.zarr", x.shape, x.dtype, CHUNK)
    with WsgiDav(tmp_path / "server", read_only=True) as server:
        with pytest.raises(PermissionError, match="403"):
            map_chunks(j0, f"{server.url}/x.zarr", f"{server.url}/y.zarr")
        with pytest.raises(PermissionError, match="403"):
            map_chunks(j0, f"{server.url}/x.zarr", f"{server.url}/new.zarr")
        assert np.array_equal(map_chunks(j0, f"{server.url}/x.zarr", None).output, j0(x))


def kill_after(server, name, count):
    """End the server when so many chunks of an array are there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        files = [p for p in (server.root / name / "c").rglob("*") if p.is_file()]
        if sum(p.suffix != ".partial" for p in files) >= count:
            server.kill()
            return


def test_resume_after_the_server_was_away(server, x):
    source, target = put(f"{server.url}/x.zarr", x), f"{server.url}/y.zarr"
    killer = threading.Thread(target=kill_after, args=(server, "y.zarr", 5))
    killer.start()
    with pytest.raises(ChunkError, match=r"chunk \(\d+, \d+\), region \[") as caught:
        map_chunks(j0, source, target, workers=2)
    killer.join()
    assert len(caught.value.chunk) == 2
    with pytest.raises(Exception, match=r"(?i)connect"):
        map_chunks(j0, source, target, resume=True)
    chunks = server.root / "y.zarr" / "c"
    written = {p: p.stat().st_mtime_ns for p in chunks.rglob("*") if p.is_file()}
    server.start()
    report = map_chunks(j0, source, target, resume=True)
    assert 3 <= report.skipped < 16  # two workers may have written a chunk and not marked it
    assert np.array_equal(report.output[...], j0(x))
    kept = sum(p.exists() and p.stat().st_mtime_ns == t for p, t in written.items())
    assert kept >= report.skipped
    assert not list(server.root.rglob("*.partial"))


def kill_in_a_put(server, name, whole):
    """End the server as soon as a file of the array is there in part."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for part in (server.root / name / "c").rglob("*.partial"):
            if 0 < part.stat().st_size < whole:
                server.kill()
                return


def test_half_a_put_is_never_a_chunk(rng, tmp_path):
    # WsgiDAV writes into the file itself: whatever name was PUT has half of it when it dies.
    x = rng.uniform(0.0, 40.0, (4, 2_000_000))
    whole = x[0].nbytes
    with WsgiDav(tmp_path / "server") as server:
        source = put(tmp_path / "x.zarr", x, (1, x.shape[1]), compressors=None)
        target = f"{server.url}/y.zarr"
        scale.create(target, x.shape, x.dtype, (1, x.shape[1]), compressors=None)
        killer = threading.Thread(target=kill_in_a_put, args=(server, "y.zarr", whole))
        killer.start()
        with pytest.raises(ChunkError, match="writing the result"):
            map_chunks(j0, source, target, workers=1)
        killer.join()
        parts = [p for p in (server.root / "y.zarr").rglob("*.partial") if p.stat().st_size < whole]
        assert len(parts) == 1, "the server died in the middle of a PUT"
        chunks = [p for p in (server.root / "y.zarr" / "c").rglob("*") if p.is_file()]
        assert all(p.stat().st_size == whole for p in chunks if p not in parts)
        server.start()
        report = map_chunks(j0, source, target, resume=True)
        assert np.array_equal(report.output[...], j0(x))
        assert not list(server.root.rglob("*.partial"))
