"""A store that accepts connections and never answers: `timeout` ends the job and the process."""

import re
import socket
import subprocess
import sys

import ferrotran as ft
import pytest
from faults import finish, when
from ferrotran import scale
from ferrotran.scale import map_chunks

j0 = ft.special.j0

PROGRAM = """
import sys
import ferrotran as ft
from ferrotran.scale import Location, map_chunks

engine, source, target = sys.argv[1:]
if __name__ == "__main__":
    extra = {"workers": 2}
    if engine == "dask":
        from distributed import Client, LocalCluster
        cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        extra = {"client": Client(cluster)}
    try:
        target = Location(target, timeout=1000.0)  # of a request
        map_chunks(ft.special.j0, source, target, engine=engine, timeout=10.0, **extra)
    except TimeoutError as error:
        print("TimeoutError", error, flush=True)
"""


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_server_that_freezes(server, x, put, engine, tmp_path):
    source, target = put(tmp_path / "x.zarr", x), f"{server.url}/y.zarr"
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    try:
        with when(server.root / "y.zarr", 6, server.freeze):
            done = subprocess.run(
                [sys.executable, program, engine, source, target],
                capture_output=True,
                text=True,
                timeout=150,
            )
    finally:
        server.thaw()
    assert re.match(r"TimeoutError no chunk .* 10 s.* \(\d+, \d+\)", done.stdout), done.stderr
    assert done.returncode == 0
    assert finish(source, target, x).skipped < 48


def test_a_port_that_never_answers(x, put, tmp_path):
    source = put(tmp_path / "x.zarr", x)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"webdav+http://127.0.0.1:{listener.getsockname()[1]}/y.zarr"
        with pytest.raises(Exception, match="timed out"):
            map_chunks(j0, source, scale.Location(url, timeout=1.0))
