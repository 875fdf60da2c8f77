"""The Spark engine on a standalone cluster: the bits, the cores of a task, processes that die."""

import os
import signal
import subprocess
import sys
import textwrap

import ferrotran as ft
import numpy as np
import probes
import psutil
import pytest
from cases import CASES, same
from cluster_settings import EXECUTORS
from ferrotran import scale
from servers import spark as servers_spark

ERF = ft.special.erf


def command(process):
    """The command of a process; empty where it has ended and only its parent does not know."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def executors(cluster):
    """Pids of the executors that run."""
    workers = [psutil.Process(server.pid) for server in cluster.servers[1:]]
    children = [child for worker in workers for child in worker.children(recursive=True)]
    return [p.pid for p in children if "CoarseGrainedExecutorBackend" in command(p)]


def python_workers(executor):
    """Pids of the Python processes that do an executor's tasks: children of its daemon."""
    daemons = [p for p in psutil.Process(executor).children() if "pyspark" in command(p)]
    return [p.pid for daemon in daemons for p in daemon.children()]


@pytest.fixture
def stored(tmp_path, x):
    array = scale.create(tmp_path / "x", x.shape, x.dtype, (20_000,))
    array[...] = x
    return tmp_path / "x"


def once(when, act):
    """A `progress` that acts once, as soon as so many chunks are finished; `act` says if it did."""
    acted = []

    def progress(done, total):
        if done >= when and not acted and act():
            acted.append(done)

    return progress, acted


@pytest.fixture
def memory(tmp_path):
    """Where results of the probes go: an array that exists, since they do not say their type."""
    return np.full(6, -1.0)


def call(probe, memory, spark, **options):
    options = {"chunks": 1, "kernel_options": probes.OPTIONS} | options
    scale.map_chunks(probe, np.arange(6.0), memory, engine="spark", spark=spark, **options)


def test_the_kernel_has_the_cores_of_its_task(session, memory, tmp_path):
    with servers_spark.SparkCluster(tmp_path / "c", workers=1, cores=2) as cluster:
        spark = session(cluster.url, cores=2, task_cpus=2)
        for asked, expected in [(None, 2), (1, 1)]:
            call(probes.THREADS, memory, spark, chunks=2, threads=asked)
            assert np.array_equal(memory, np.full(6, expected))


def test_a_driver_that_is_killed_leaves_a_job_to_resume(cluster, session, stored, tmp_path, x):
    code = """
    import sys
    import ferrotran as ft
    from cluster_settings import EXECUTORS
    from ferrotran import scale
    from servers import spark

    session = spark.session(sys.argv[1], more=EXECUTORS)
    show = lambda done, total: print(done, flush=True)
    scale.map_chunks(
        ft.special.erf, sys.argv[2], sys.argv[3], engine="spark", spark=session, progress=show
    )
    """
    driver = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code), cluster.url, stored,
         tmp_path / "y"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    with driver:
        try:
            for line in driver.stdout:
                if int(line) >= 4:
                    break
            halves = [*psutil.Process(driver.pid).children(), psutil.Process(driver.pid)]
        finally:
            driver.kill()
        for half in halves:  # Java and Python, as when their machine goes down
            if half.is_running():
                half.kill()
        assert driver.wait(30) == -signal.SIGKILL
    report = scale.map_chunks(
        ERF, stored, tmp_path / "y", engine="spark", spark=session(cluster.url), resume=True
    )
    assert 4 <= report.skipped < 20
    assert report.output[...].tobytes() == ERF(x).tobytes()


def test_a_session_that_ends_is_an_error_that_names_a_chunk(session, stored, tmp_path, x):
    spark = session("local[2]")
    progress, acted = once(2, lambda: spark.stop() or True)
    with pytest.raises(scale.ChunkError, match=r"chunk \(\d+,\), .*: its task on Spark: "):
        scale.map_chunks(
            ERF, stored, tmp_path / "y", engine="spark", spark=spark, progress=progress, timeout=120
        )
    assert acted
    report = scale.map_chunks(ERF, stored, tmp_path / "y", resume=True)
    assert report.skipped >= acted[0]
    assert report.output[...].tobytes() == ERF(x).tobytes()


@pytest.fixture(scope="module")
def plain(cluster):
    """One session for the rest: it takes all cores of the cluster, and there is one at a time."""
    more = EXECUTORS | {"spark.task.maxFailures": "3"}
    spark = servers_spark.session(cluster.url, more=more)
    yield spark
    spark.stop()


@pytest.mark.parametrize("name", ["tridiagonal systems", "divmod, with two outputs in memory"])
def test_a_cluster_gives_the_bits_of_a_serial_call(name, plain, tmp_path):
    case = CASES[name]
    case.write(tmp_path)
    found = case.map(tmp_path, "spark", engine="spark", spark=plain)
    assert same(found, case.expected())


@pytest.mark.parametrize("victim", ["executor", "python"])
def test_a_job_outlives_a_process_that_is_killed(victim, cluster, plain, stored, tmp_path, x):
    killed = []

    def kill():
        pids = executors(cluster)
        if victim == "python":
            pids = [pid for executor in pids for pid in python_workers(executor)]
        if pids:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)
        return bool(pids)

    progress, acted = once(4, kill)
    report = scale.map_chunks(
        ERF, stored, tmp_path / "y", engine="spark", spark=plain, progress=progress, timeout=240
    )
    assert acted[0] < 20, "it was killed in the middle"
    assert not psutil.pid_exists(killed[0]) or psutil.Process(killed[0]).status() == "zombie"
    assert report.output[...].tobytes() == ERF(x).tobytes()
    assert not list(tmp_path.rglob("*.partial"))


def test_a_chunk_that_kills_its_process_each_time_is_named(plain, memory):
    with pytest.raises(scale.ChunkError, match="Python worker exited unexpectedly") as caught:
        call(probes.DIE, memory, plain)
    assert caught.value.chunk == (3,)


def test_a_chunk_that_raises_is_tried_again_and_comes_back_whole(plain, memory):
    with pytest.raises(scale.ChunkError, match=r"calling raise_at_three .*: three") as caught:
        call(probes.RAISE, memory, plain)
    assert caught.value.chunk == (3,)
    assert caught.value.region == (slice(3, 4),)
    assert isinstance(caught.value.__cause__, ArithmeticError)
