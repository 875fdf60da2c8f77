"""The Spark engine in one process of Spark: the bits, threads, errors, timeouts."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ferrotran as ft
import numpy as np
import probes
import pytest
from cases import CASES, same
from cluster_settings import EXECUTORS
from ferrotran import scale
from servers import spark as servers_spark
from servers.webdav import WsgiDav
from servers.xrootd import Xrootd, xrootd_missing


@pytest.fixture(scope="module")
def local(java):
    """Two tasks at a time."""
    session = servers_spark.session("local[2]", more=EXECUTORS)
    yield session
    session.stop()


@pytest.mark.parametrize("name", CASES)
def test_spark_gives_the_bits_of_a_serial_call(name, local, tmp_path):
    case = CASES[name]
    case.write(tmp_path)
    found = case.map(tmp_path, "spark", engine="spark", spark=local)
    assert same(found, case.expected())
    assert not list(tmp_path.rglob(".ferrotran*")), "the journal is removed in the end"
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("kind", [WsgiDav, Xrootd], ids=lambda kind: kind.name)
def test_the_bits_are_those_of_a_serial_call_on_distant_stores(kind, local, x):
    if kind is Xrootd and (missing := xrootd_missing()):
        pytest.skip(missing)
    # The user xrootd must reach the folder; pytest closes its own to others.
    with tempfile.TemporaryDirectory(prefix="ferrotran-store-") as folder:
        Path(folder).chmod(0o755)
        with kind(Path(folder) / "server") as server:
            source, target = f"{server.url}/x.zarr", f"{server.url}/y.zarr"
            scale.create(source, x.shape, x.dtype, (50_000,))[...] = x
            scale.map_chunks(ft.special.j0, source, target, engine="spark", spark=local)
            assert scale.open(target)[...].tobytes() == ft.special.j0(x).tobytes()


def test_the_active_session_is_the_default(local):
    x = np.linspace(0, 3, 100)
    report = scale.map_chunks(ft.special.erf, x, None, chunks=30, engine="spark")
    assert np.array_equal(report.output, ft.special.erf(x))
    assert report.chunks == 4


def test_progress_comes_chunk_by_chunk_from_stores(local, tmp_path, x):
    array = scale.create(tmp_path / "x", x.shape, x.dtype, (50_000,))
    array[...] = x
    told = []
    scale.map_chunks(
        ft.special.erf,
        tmp_path / "x",
        tmp_path / "y",
        engine="spark",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (8, 8)
    assert told == sorted(told)
    assert len(told) >= 2


def test_a_chunk_that_fails_is_named_and_the_rest_resumes(local, tmp_path):
    n = 6
    lower, diagonal = np.full((8, n - 1), -1.0), np.full((8, n), 2.0)
    diagonal[5] = 0.0
    lower[5] = 0.0
    b = np.ones((8, n))
    arrays = [lower, diagonal, np.full(n - 1, 0.0), b]
    solve = ft.linalg.solve_tridiagonal
    done = []
    with np.errstate(invalid="raise"), pytest.raises(scale.ChunkError) as caught:
        scale.map_chunks(
            solve,
            arrays,
            tmp_path / "u",
            chunks=1,
            engine="spark",
            spark=local,
            progress=lambda n, _: done.append(n),
        )
    assert caught.value.chunk == (5,)
    assert caught.value.region == (slice(5, 6), slice(0, n))
    assert "calling solve_tridiagonal" in str(caught.value)
    assert isinstance(caught.value.__cause__, FloatingPointError)
    with np.errstate(invalid="ignore"):
        expected = solve(*arrays)
        report = scale.map_chunks(
            solve, arrays, tmp_path / "u", chunks=1, engine="spark", spark=local, resume=True
        )
    assert report.skipped >= (done[-1] if done else 0)
    assert report.output[...].tobytes() == expected.tobytes()


def test_the_timeout_names_the_chunks_in_work(local, tmp_path):
    array = scale.create(tmp_path / "x", (40,), float, (10,))
    array[...] = np.arange(40.0)
    (tmp_path / "x" / "c" / "2").unlink()
    os.mkfifo(tmp_path / "x" / "c" / "2")  # who reads it waits for a writer
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"within 8 s; in work: \(2,\)"):
        scale.map_chunks(
            np.sqrt, tmp_path / "x", tmp_path / "y", engine="spark", spark=local, timeout=8
        )
    assert time.monotonic() - start < 60, "it raises, and waits for nobody"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"workers": 2}, ValueError, "`workers` is 2, expected None"),
        ({"threads": 3}, ValueError, "`threads` is 3, expected at most spark.task.cpus, .* 1"),
        ({"spark": 7}, TypeError, "`spark` is a builtins.int, expected a SparkSession"),
    ],
)
def test_what_spark_cannot_do_is_refused(options, error, message, local):
    with pytest.raises(error, match=message):
        scale.map_chunks(np.sqrt, np.ones(4), None, **{"engine": "spark", "spark": local} | options)


def test_a_kernel_that_executors_cannot_import_is_named(local, tmp_path, monkeypatch):
    source = Path(probes.__file__).read_text()
    (tmp_path / "only_here.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    call = {"engine": "spark", "spark": local, "kernel_options": probes.OPTIONS}
    with pytest.raises(
        scale.ChunkError, match=r"chunk \(0,\), region \[0:4\]: .*No module named 'only_here'$"
    ):
        scale.map_chunks(only_here.THREADS, np.ones(4), np.empty(4), **call)


def test_without_a_session_the_error_says_so():
    code = """
    import numpy as np
    from ferrotran import scale
    try:
        scale.map_chunks(np.sqrt, np.ones(4), None, engine="spark")
    except ValueError as error:
        assert "no session is active" in str(error), error
        print("refused")
    """
    program = "\n".join(line[4:] for line in code.splitlines())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "refused\n", done.stderr


def test_control_c_stops_the_job_and_the_session_stays(local, tmp_path):
    array = scale.create(tmp_path / "x", (600,), float, (10,))
    array[...] = 2.0

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(ft.BatchInterrupted) as caught:
        scale.map_chunks(
            np.sqrt, tmp_path / "x", tmp_path / "y", engine="spark", spark=local, progress=stop
        )
    assert caught.value.result.chunks == 60
    report = scale.map_chunks(
        np.sqrt, tmp_path / "x", tmp_path / "y", engine="spark", spark=local, resume=True
    )
    assert report.skipped >= 1
    assert np.array_equal(report.output[...], np.full(600, np.sqrt(2.0)))
