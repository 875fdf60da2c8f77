"""A store that goes away in the middle of a job, and comes back."""

import threading
import time

import ferrotran as ft
import numpy as np
import pytest
from faults import bind, chunks_in, finish, when
from ferrotran import scale
from ferrotran.scale import ChunkError, map_chunks

j0 = ft.special.j0
NAMED = r"chunk \(\d+, \d+\), region \["


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_the_store_of_both_comes_back(server, x, put, engines, engine):
    source, target = put(f"{server.url}/x.zarr", x), f"{server.url}/y.zarr"
    done = server.root / "y.zarr"
    with when(done, 10, server.kill), pytest.raises(ChunkError, match=NAMED):
        map_chunks(j0, source, target, **engines(engine))
    assert server.pid is None
    server.start()
    written = len(chunks_in(done))
    assert 10 <= written < 48
    # One chunk of each worker may be written and not marked, or be written yet.
    assert written - 2 <= finish(source, target, x, **engines(engine)).skipped <= written + 2


def test_the_store_of_an_input_goes_away(kind, reachable, x, put, tmp_path):
    with kind(reachable / "server") as server:
        source, target = put(f"{server.url}/x.zarr", x), tmp_path / "y.zarr"
        with (
            when(target, 10, server.kill),
            pytest.raises(ChunkError, match=f"{NAMED}.*reading the inputs"),
        ):
            map_chunks(j0, source, target)
        written = len(chunks_in(target))
        assert 10 <= written < 48
        server.start()
        assert written - 2 <= finish(source, target, x).skipped <= written + 2


def test_a_loop_that_resumes_while_the_store_comes_and_goes(server, x, put):
    source, target = put(f"{server.url}/x.zarr", x), f"{server.url}/y.zarr"
    scale.create(target, x.shape, x.dtype, (16, 16))
    stop = threading.Event()

    def flicker():
        while not stop.wait(0.2):
            server.kill()
            time.sleep(0.1)
            server.start()

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        for _ in range(5):
            try:
                map_chunks(np.negative, source, target, resume=True, workers=1)
                break
            except Exception as error:
                if isinstance(error, TypeError | ValueError):  # of another kind than a store's
                    raise
    finally:
        stop.set()
        thread.join(30)
    report = map_chunks(np.negative, source, target, resume=True)
    assert np.array_equal(report.output[...], -x)


@pytest.fixture
def mounted(reachable):
    """A folder, and where it is mounted; its second name is a function that mounts it."""
    behind, point = reachable / "behind", reachable / "mounted"
    behind.mkdir()
    point.mkdir()
    with bind(behind, point) as (mount, unmount):
        yield point, mount, unmount


def test_the_mount_of_an_input_goes_away(mounted, x, put, tmp_path):
    point, mount, unmount = mounted
    source, target = put(point / "x.zarr", x), tmp_path / "y.zarr"
    with when(target, 10, unmount), pytest.raises(ChunkError, match=f"{NAMED}.*array is gone"):
        map_chunks(j0, source, target, workers=1)
    mount()
    assert 9 <= finish(source, target, x).skipped < 48


def test_the_mount_of_an_output_goes_away(mounted, x, put, tmp_path):
    point, mount, unmount = mounted
    source, target = put(tmp_path / "x.zarr", x), point / "y.zarr"
    scale.create(target, x.shape, x.dtype, (16, 16))
    # A chunk that was being written at the moment fails; otherwise the end of the job notices.
    fails = pytest.raises((OSError, ChunkError), match=rf"journal is gone|{NAMED}")
    with when(target, 10, unmount), fails:
        map_chunks(j0, source, target, workers=1)
    mount()
    assert 9 <= finish(source, target, x).skipped < 48
