"""What the tests of stores and faults share."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest
from ferrotran import scale
from ferrotran.scale import map_chunks
from servers.webdav import Nginx, WsgiDav, nginx_missing
from servers.xrootd import Xrootd, xrootd_missing

j0 = ft.special.j0


def need(missing):
    """Skip where a tool is absent; the message names it."""
    if missing:
        pytest.skip(missing)


@pytest.fixture(params=[WsgiDav, Nginx, Xrootd], ids=lambda kind: kind.name)
def kind(request):
    """A class of servers that can be started here."""
    need({Nginx: nginx_missing, Xrootd: xrootd_missing}.get(request.param, lambda: None)())
    return request.param


@pytest.fixture
def reachable():
    """A folder that the user xrootd can reach; pytest closes its own to others."""
    folder = Path(tempfile.mkdtemp(prefix="ferrotran-store-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(kind, reachable):
    with kind(reachable / "server") as server:
        yield server


@pytest.fixture
def x(rng):
    """48 chunks of 2 kB."""
    return rng.uniform(0.0, 40.0, (64, 192))


CHUNK = (16, 16)


@pytest.fixture
def put():
    """Write an array; return where."""

    def write(url, x, chunks=CHUNK, **options):
        scale.create(url, x.shape, x.dtype, chunks, **options)[...] = x
        return url

    return write


@pytest.fixture
def engines(request):
    """Return the arguments of `map_chunks` for an engine."""

    def arguments(engine):
        if engine == "dask":
            return {"engine": engine, "client": request.getfixturevalue("client")}
        return {"engine": engine, "workers": 2}

    return arguments


@contextmanager
def tmpfs(folder, size):
    """Mount a file system of so many bytes, as root."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs"]
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount refuses a tmpfs: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def chunks_in(folder):
    """The files of finished chunks."""
    return [p for p in (folder / "c").rglob("*") if p.is_file() and p.suffix != ".partial"]


@contextmanager
def when(folder, count, action):
    """Meanwhile wait for so many chunks in a folder, then act."""

    def watch():
        end = time.monotonic() + 60
        while time.monotonic() < end and not stop.is_set():
            if len(chunks_in(folder)) >= count:
                action()
                return
            time.sleep(0.001)

    stop = threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def finish(source, target, x, **options):
    """Resume, and check the bits; return the report."""
    report = map_chunks(j0, source, target, resume=True, **options)
    assert np.array_equal(report.output[...], j0(x))
    return report
