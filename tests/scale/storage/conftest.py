"""What the tests of stores and faults share."""

import shutil
import tempfile
from pathlib import Path

import pytest
from faults import need
from ferrotran import scale
from servers.webdav import Nginx, WsgiDav, nginx_missing
from servers.xrootd import Xrootd, xrootd_missing


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
