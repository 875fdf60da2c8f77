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
from ferrotran import scale
from servers import spark as servers_spark

ERF = ft.special.erf


def executors(cluster):
    """Pids of the executors of the workers that run."""
    found = []
    for server in cluster.servers[1:]:
        for child in psutil.Process(server.pid).children(recursive=True):
            if "CoarseGrainedExecutorBackend" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def python_workers(executor):
    """Pids of the Python processes that do an executor's tasks: children of its daemon."""
    daemons = [p for p in psutil.Process(executor).children() if "python" in p.name()]
    return [p.pid for daemon in daemons for p in daemon.children()]


@pytest.fixture
def stored(tmp_path, x):
    array = scale.create(tmp_path / "x", x.shape, x.dtype, (20_000,))
    array[...] = x
    return tmp_path / "x"


def once(when, act):
    """A `progress` that acts once, as soon as so many chunks are finished."""
    acted = []

    def progress(done, total):
        if done >= when and not acted:
            acted.append(done)
            act()

    return progress, acted


@pytest.mark.parametrize("name", ["tridiagonal systems", "divmod, with two outputs in memory"])
def test_a_cluster_gives_the_bits_of_a_serial_call(name, cluster, session, tmp_path):
    case = CASES[name]
    case.write(tmp_path)
    found = case.map(tmp_path, "spark", engine="spark", spark=session(cluster.url))
    assert same(found, case.expected())


@pytest.mark.parametrize("victim", ["executor", "python"])
def test_a_job_outlives_a_process_that_is_killed(victim, cluster, session, stored, tmp_path, x):
    spark = session(cluster.url)
    killed = []

    def kill():
        pid = executors(cluster)[0]
        if victim == "python":
            pid = python_workers(pid)[0]
        killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    progress, acted = once(4, kill)
    report = scale.map_chunks(
        ERF, stored, tmp_path / "y", engine="spark", spark=spark, progress=progress, timeout=120
    )
    assert acted[0] < 20, "it was killed in the middle"
    assert not psutil.pid_exists(killed[0]) or psutil.Process(killed[0]).status() == "zombie"
    assert report.output[...].tobytes() == ERF(x).tobytes()
    assert not list(tmp_path.rglob("*.partial"))


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
        java = []
        try:
            for line in driver.stdout:
                if int(line) >= 4:
                    java = psutil.Process(driver.pid).children(recursive=True)
                    driver.kill()
                    break
        finally:
            driver.kill()
        assert driver.wait(30) == -signal.SIGKILL
        psutil.wait_procs(java, timeout=30)  # the driver's JVM ends with it
    report = scale.map_chunks(
        ERF, stored, tmp_path / "y", engine="spark", spark=session(cluster.url), resume=True
    )
    assert 4 <= report.skipped < 20
    assert report.output[...].tobytes() == ERF(x).tobytes()


@pytest.fixture
def memory(tmp_path):
    """Where results of the probes go: an array that exists, since they do not say their type."""
    return np.full(6, -1.0)


def test_a_chunk_that_kills_its_process_each_time_is_named(cluster, session, memory):
    spark = session(cluster.url, more={"spark.task.maxFailures": "2"})
    with pytest.raises(scale.ChunkError, match="Python worker exited unexpectedly") as caught:
        scale.map_chunks(
            probes.DIE,
            np.arange(6.0),
            memory,
            chunks=1,
            engine="spark",
            spark=spark,
            kernel_options=probes.OPTIONS,
        )
    assert caught.value.chunk == (3,)


def test_a_chunk_that_raises_is_tried_again_and_comes_back_whole(cluster, session, memory):
    spark = session(cluster.url, more={"spark.task.maxFailures": "2"})
    with pytest.raises(scale.ChunkError, match=r"calling raise_at_three .*: three") as caught:
        scale.map_chunks(
            probes.RAISE,
            np.arange(6.0),
            memory,
            chunks=1,
            engine="spark",
            spark=spark,
            kernel_options=probes.OPTIONS,
        )
    assert caught.value.chunk == (3,)
    assert caught.value.region == (slice(3, 4),)
    assert isinstance(caught.value.__cause__, ArithmeticError)


@pytest.mark.parametrize(("asked", "expected"), [(None, 2), (1, 1)])
def test_the_kernel_has_the_cores_of_its_task(asked, expected, java, session, memory, tmp_path):
    with servers_spark.SparkCluster(tmp_path / "c", workers=1, cores=2) as cluster:
        spark = session(cluster.url, cores=2, task_cpus=2)
        scale.map_chunks(
            probes.THREADS,
            np.arange(6.0),
            memory,
            chunks=2,
            threads=asked,
            engine="spark",
            spark=spark,
            kernel_options=probes.OPTIONS,
        )
    assert np.array_equal(memory, np.full(6, expected))
