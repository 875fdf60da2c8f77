"""Faults end in an error that names the chunk, or in a finished job: never in a hang."""

import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest
from ferrotran import scale
from ferrotran.scale import ChunkError, map_chunks
from servers import mpi

MPI_PROGRAM = str(Path(__file__).with_name("mpi_faults.py"))


@pytest.fixture
def x(rng):
    x = rng.uniform(1, 2, (20, 50))
    x[13, 7] = 0.0
    return x


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_kernel_that_raises_on_one_chunk(engine, x, stored, tmp_path, request):
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}
    call = {"kernel": np.reciprocal, "inputs": stored(x, (2, 50)), "output": tmp_path / "y.zarr"}
    call |= {"engine": engine, **extra}
    with np.errstate(divide="raise"), pytest.raises(ChunkError) as raised:
        map_chunks(**call)
    error = raised.value
    assert error.chunk == (6, 0)
    assert error.region == (slice(12, 14), slice(0, 50))
    assert str(error).startswith("chunk (6, 0), region [12:14, 0:50]: calling reciprocal")
    assert isinstance(error.__cause__, FloatingPointError)
    with np.errstate(divide="ignore"):
        report = map_chunks(resume=True, **call)
        assert np.array_equal(report.output[:], 1 / x)


def test_a_singular_system_of_a_batch(stored, rng):
    n = 8
    d = rng.uniform(3, 4, (12, n))
    d[9] = 0.0
    bands = [np.ones(n - 1), stored(d, (4, n)), np.ones(n - 1), np.ones(n)]
    bands[0] = bands[2] = np.zeros(n - 1)
    with np.errstate(invalid="raise"), pytest.raises(ChunkError, match=r"chunk \(2,\)"):
        map_chunks(ft.linalg.solve_tridiagonal, bands, None)


def test_one_system_without_a_loop_is_not_taken_for_singular(rng):
    n = 8
    bands = [np.ones(n - 1), np.full(n, 4.0), np.ones(n - 1), rng.normal(size=n)]
    with np.errstate(all="raise"):
        found = map_chunks(ft.linalg.solve_tridiagonal, bands, None).output
    assert np.array_equal(found, ft.linalg.solve_tridiagonal(*bands))


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_chunk_of_the_input_that_is_damaged(engine, x, tmp_path, request):
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}
    path = tmp_path / "x.zarr"
    scale.create(path, x.shape, x.dtype, (2, 50), compressors=None)[...] = x
    chunk = path / "c" / "4" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-8])
    with pytest.raises(ChunkError, match=r"chunk \(4, 0\), .* reading the inputs"):
        map_chunks(ft.special.erf, path, None, engine=engine, **extra)


def test_an_output_that_fails_names_the_chunk(x, tmp_path):
    (tmp_path / "y.zarr").mkdir()
    y = scale.create(tmp_path / "y.zarr", x.shape, "f8", (2, 50))
    (tmp_path / "y.zarr" / "c").write_text("a file where a folder should be")
    with pytest.raises(ChunkError, match=r"chunk \(\d+, 0\), .* writing the result") as raised:
        map_chunks(ft.special.erf, x, y)
    assert isinstance(raised.value.__cause__, OSError)


def test_a_chunk_error_is_sent_with_its_cause():
    error = ChunkError("chunk (1,)", (1,), (slice(0, 2),))
    error.__cause__ = ValueError("why")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.chunk, copy.region) == ("chunk (1,)", (1,), (slice(0, 2),))
    assert repr(copy.__cause__) == "ValueError('why')"


def test_a_chunk_that_hangs_ends_at_the_timeout():
    go = threading.Event()

    def hang(v):
        if v == 5.0:
            go.wait(60)
        return v

    y = np.full(8, -1.0)
    with pytest.raises(TimeoutError, match=r"within 0.5 s; in work: \(5,\)") as raised:
        map_chunks(
            np.frompyfunc(hang, 1, 1),
            *(np.arange(8.0), y),
            chunks=1,
            timeout=0.5,
            workers=2,
            kernel_options={"casting": "unsafe"},
        )
    assert raised.value.__cause__.chunk == (5,)
    go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ferrotran-scale"):
            thread.join(10)
    assert y.tolist() == [0, 1, 2, 3, 4, -1, 6, 7], "what comes late is thrown away"


def test_chunks_in_work_end_before_the_error_comes():
    begun = threading.Event()

    def kernel(v):
        if v == 0.0:
            assert begun.wait(60)
            raise ValueError("the first chunk")
        begun.set()
        time.sleep(0.3)
        return v

    y = np.full(8, -1.0)
    with pytest.raises(ChunkError, match=r"chunk \(0,\)"):
        map_chunks(
            np.frompyfunc(kernel, 1, 1),
            *(np.arange(8.0), y),
            chunks=1,
            workers=2,
            kernel_options={"casting": "unsafe"},
        )
    assert y.tolist() == [-1, 1, -1, -1, -1, -1, -1, -1]


def test_a_dask_worker_that_is_killed_is_survived(client, x, stored):
    path = stored(x, (1, 50))
    pids = list(client.run(os.getpid).values())
    killed = []

    def kill(done, total):
        if not killed:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    report = map_chunks(
        ft.special.erf, (path,), np.empty_like(x), engine="dask", client=client, progress=kill
    )
    assert killed
    assert np.array_equal(report.output, ft.special.erf(x))
    client.wait_for_workers(2, timeout=60)


def test_a_chunk_that_dask_workers_die_of_is_named(x, stored):
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    dask = pytest.importorskip("dask", reason="pip install dask")
    path = stored(x, (1, 50))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        (pid,) = client.run(os.getpid).values()
        seen = []

        def freeze_then_kill(done, total):
            if not seen:  # frozen first, so that it has chunks when it dies
                os.kill(pid, signal.SIGSTOP)
                threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
            seen.append(done)

        with pytest.raises(ChunkError, match=r"chunk \(\d+, 0\), .* Dask worker: Killed") as raised:
            map_chunks(
                *(ft.special.erf, (path,), np.empty_like(x)),
                engine="dask",
                client=client,
                progress=freeze_then_kill,
            )
        assert isinstance(raised.value.__cause__, distributed.KilledWorker)


def test_dask_workers_that_stand_still_end_at_the_timeout(client, x, stored, tmp_path):
    client.wait_for_workers(2, timeout=60)
    pids = list(client.run(os.getpid).values())
    path = stored(x, (1, 50))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError, match=r"\(0, 0\).*the cluster has 2 workers"):
            map_chunks(
                *(ft.special.erf, path, tmp_path / "y.zarr"),
                engine="dask",
                client=client,
                timeout=1,
            )
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    report = map_chunks(
        *(ft.special.erf, path, tmp_path / "y.zarr"), engine="dask", client=client, timeout=60
    )
    assert np.array_equal(report.output[:], ft.special.erf(x))


def test_a_dask_scheduler_that_stands_still(x, stored):
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", *options],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            lines = iter(process.stderr.readline, "")
            address = next(m[0] for s in lines if (m := re.search(r"tcp://127.0.0.1:\d+", s)))
            with distributed.Client(address) as client:
                call = {"kernel": np.sqrt, "inputs": stored(x, (1, 50)), "output": None}
                call |= {"engine": "dask", "client": client, "timeout": 0.5}
                with pytest.raises(TimeoutError, match="the cluster has 0 workers"):
                    map_chunks(**call)
                process.send_signal(signal.SIGSTOP)
                with pytest.raises(TimeoutError, match="the cluster has 0 workers"):
                    map_chunks(**call)
                process.send_signal(signal.SIGCONT)
        finally:
            process.kill()


def test_a_dask_cluster_that_ends(x, stored, tmp_path):
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address="127.0.0.1:0"
    )
    client = distributed.Client(cluster)

    def end(done, total):
        cluster.close()

    with cluster, client, pytest.raises(ChunkError, match=r"chunk \(\d+, 0\), .* Dask"):
        map_chunks(
            *(ft.special.erf, (stored(x, (1, 50)),), np.empty_like(x)),
            engine="dask",
            client=client,
            progress=end,
        )


def test_what_dask_cannot_do(x, client):
    with pytest.raises(TypeError, match="`kernel` cannot be sent"):
        map_chunks(np.frompyfunc(abs, 1, 1), x, None, engine="dask", client=client)
    with pytest.raises(TypeError, match="`client` is of type str"):
        map_chunks(np.sqrt, x, None, engine="dask", client="tcp://127.0.0.1:1")


SCENARIOS = {
    "kernel_raises": "ChunkError (7, 0) slice(7, 8, None) chunk (7, 0), region [7:8, 0:2]: "
    "calling reciprocal: FloatingPointError: divide by zero",
    "goes_on": "finished, some skipped",
    "odd_exception": "ChunkError (14, 0) slice(14, 15, None) chunk (14, 0), region [14:15, 0:2]: "
    "calling raises (vectorized): Odd: ",
    "rank_0_hangs": "TimeoutError no chunk was finished within 1 s; in work: (",
    "rank_1_hangs": "TimeoutError no chunk was finished within 1 s; in work: (",
    "no_more_after_a_failure": "ChunkError (0, 0) slice(0, 1, None) chunk (0, 0)",
    "progress_raises": "ValueError from progress",
    "different_calls": "ValueError ranks 0 and 1 make different calls: `chunks` is [1, 2] in one",
    "one_rank_has_no_input": "FileNotFoundError there is no zarr array at",
    "output_cannot_be_made": "NotADirectoryError ",
    "objects": "TypeError `output` is of Python objects, expected numbers",
    "half_of_the_ranks": "same",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each of two ranks said of each scenario."""
    if missing := mpi.missing():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("mpi")
    done = mpi.run(2, MPI_PROGRAM, str(folder), *SCENARIOS, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_all_ranks_tell_the_fault_of_one(scenario, said):
    for rank in range(2):
        (line,) = [line for line in said if line.startswith(f"{scenario} {rank}: ")]
        assert line.partition(": ")[2].startswith(SCENARIOS[scenario]), said
