"""The example of stores runs on each of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "parallel" / "storage"


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_the_job_says_its_bits_are_right(server, engine, tmp_path):
    figures = tmp_path / "figures.json"
    urls = [f"{server.url}/{name}.zarr" for name in "xy"]
    size = ["--rows", "64", "--columns", "256", "--chunk-rows", "16", "--repeat", "2"]
    done = subprocess.run(
        [sys.executable, FOLDER / "job.py", *urls, *size, "--engine", engine, "--json", figures],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "the bits of the serial call, 2 times" in done.stdout
    assert all(step["MB/s"] > 0 for step in json.loads(figures.read_text())["steps"].values())


def test_a_server_for_trying(tmp_path):
    serve = [sys.executable, FOLDER / "serve.py", "webdav"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            job = [sys.executable, FOLDER / "job.py", f"{url}/x.zarr", tmp_path / "y.zarr"]
            job += ["--rows", "8", "--columns", "8", "--repeat", "1"]
            subprocess.run(job, check=True, timeout=120, stdout=subprocess.DEVNULL)
        finally:
            process.terminate()
        assert process.wait(20) == 0


def test_the_table_of_stores():
    table = [sys.executable, FOLDER / "all_stores.py", "webdav", "--"]
    job = ["--rows", "8", "--columns", "8", "--repeat", "1"]
    done = subprocess.run([*table, *job], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2].startswith("| webdav | ")
