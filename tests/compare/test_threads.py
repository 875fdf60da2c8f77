"""The job of `ferrotran compare threads`: all ways agree, and what is found of them."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from ferrotran_compare import machine, threads
from ferrotran_compare.results import CompareError, Options, ThreadsResult, load, to_json
from ferrotran_compare.threads import job, other, ways

WAYS = [
    "Python, threads",
    "Python, processes",
    f"Python {sys.version.split()[0]}, threads",
    "NumPy, threads",
    "ferrotran, Python threads",
    "ferrotran, its own threads",
]


class Heard:
    """Progress that is remembered."""

    def __init__(self):
        self.shares, self.kept = [], []

    def step(self, what, share):
        self.shares.append(share)

    def keep(self, result):
        self.kept.append(result)


@pytest.fixture(scope="module")
def heard():
    heard = Heard()
    # This Python stands for the free-threaded one, which is rarely there.
    threads.measure(300, [1, 2], sys.executable, 0.1, 2, heard)
    return heard


def test_every_way_is_timed_with_every_number_of_workers(heard):
    first, last = heard.kept
    assert [(e.way, e.workers) for e in last.entries] == [(w, n) for w in WAYS for n in (1, 2)]
    assert [e.time.rounds for e in last.entries] == [10] * len(last.entries)
    assert [e.time.rounds for e in first.entries] == [5] * len(last.entries)
    for entry in last.entries:
        assert 0 < entry.time.least <= entry.time.low <= entry.time.median <= entry.time.high
        assert (entry.speedup is None) == (entry.workers == 1)
    assert min(e.ratio.median for e in last.entries) == 1


def test_progress_rises_from_0_to_1(heard):
    assert heard.shares[0] == 0
    assert heard.shares == sorted(heard.shares)
    assert heard.shares[-1] == 1


def test_the_json_has_the_keys_of_the_schema(heard):
    found = to_json(heard.kept[-1])
    assert list(found) == [
        *["what", "workload", "python", "free_threaded", "gil_enabled", "cores", "entries"]
    ]
    assert set(found["entries"][0]) == {"way", "workers", "time", "speedup", "ratio"}
    assert found["python"] == sys.version
    assert found["gil_enabled"] is getattr(sys, "_is_gil_enabled", lambda: True)()
    assert isinstance(heard.kept[-1], ThreadsResult)


@pytest.mark.parametrize("size", [0, 1, 3, 2500])
def test_every_way_gives_every_integral_in_order(size):
    a, b = job.problems(size)
    expected = [math.sin(y) - math.sin(x) for x, y in zip(a, b)]
    with ways.ways(size, 4, sys.executable) as found:
        assert list(found) == WAYS
        for name, way in found.items():
            for workers in (1, 3, 4):
                answer = way(workers)
                threads.agree((name, workers), answer() if callable(answer) else answer, expected)


def test_a_wrong_way_is_named_with_both_values():
    right = [0.5, 0.25]
    threads.agree(("slow", 2), [0.5, 0.25 + 0.9 * threads.TOLERANCE], right)
    with pytest.raises(CompareError, match=r"slow, 2 workers: integral 1 is 0.2500001, expected 0"):
        threads.agree(("slow", 2), [0.5, 0.2500001], right)
    with pytest.raises(CompareError, match="integral 0 is nan"):
        threads.agree(("slow", 2), [math.nan, 0.25], right)
    with pytest.raises(CompareError, match="1 answers, expected 2"):
        threads.agree(("slow", 2), [0.5], right)


def test_python_numpy_and_the_kernel_estimate_the_same_error():
    import ferrotran as ft

    a, b = (np.array(x) for x in job.problems(200))
    expected = np.array([job.rule(math.cos, *ends)[1] for ends in zip(a, b)])
    # The estimate is 50 eps of the integral of |cos| here, a sum of 21 terms in each.
    np.testing.assert_allclose(ways.block(a, b)[1], expected, rtol=100 * job.EPS)
    kernel = ft.integrate.quad_batch(ways.COS, a, b)
    np.testing.assert_allclose(kernel.abserr, expected, rtol=100 * job.EPS)


def test_the_rule_sees_where_it_is_wrong():
    value, error = job.rule(math.sqrt, 0.0, 1.0)
    assert 0 < abs(value - 2 / 3) <= error < 1e-2


def test_parts_are_even_and_whole():
    a = list(range(10))
    parts = job.split(a, a, 4)
    assert [len(p) for p, _ in parts] == [2, 3, 2, 3]
    assert [x for p, _ in parts for x in p] == a


def test_more_workers_than_cores_are_said_to_share_them():
    cores = machine.cores()
    assert f"{2 * cores} workers share {cores} cores" in threads.workload(9, [1, 2 * cores], cores)
    assert "share" not in threads.workload(9, [1, cores], cores)


def test_the_name_of_another_python_says_whether_it_has_a_gil():
    facts = {"python": "3.14.0 (main)", "gil_enabled": False}
    assert ways.name(facts) == "Python 3.14.0, threads without a GIL"


def test_a_free_threaded_python_is_looked_for_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert other.free_threaded() is None
    for name in ("python3.13t", "python3.14t"):
        (tmp_path / name).symlink_to(sys.executable)
    assert other.free_threaded() == str(tmp_path / "python3.14t")
    (tmp_path / "python3.14t").unlink()
    (tmp_path / "python3.14t").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3.14t").chmod(0o755)
    assert other.free_threaded() == str(tmp_path / "python3.13t")


def test_the_pools_end_with_the_block():
    before = threading.active_count()
    with ways.ways(10, 2, sys.executable) as found:
        found["Python, processes"](2)
        assert len(children()) >= 3
    assert len(children()) <= 1  # the tracker of multiprocessing stays
    assert threading.active_count() == before


def children(parent="self"):
    """Process numbers of the children that still run."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def test_numbers_of_workers_below_1_are_refused():
    with pytest.raises(CompareError, match="`--threads` has 0, expected at least 1"):
        threads.ready(Options(threads=[2, 0]))


def test_the_command_leaves_a_table_and_json(ferrotran, tmp_path):
    path = tmp_path / "results.json"
    arguments = ["--quick", "--size", "100", "--threads", "2", "--json", path]
    done = ferrotran("compare", "threads", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = load(path)
    assert found.complete
    assert found.languages is None
    assert found.threads.workload.startswith("100 integrals")
    assert {e.workers for e in found.threads.entries} == {1, 2}
    assert all(e.way in done.stdout for e in found.threads.entries)


SCRIPT = """
from ferrotran_compare import threads
from ferrotran_compare.results import Options

class Aloud:
    def step(self, what, share):
        print(what, flush=True)
    def keep(self, result):
        pass

if __name__ == "__main__":
    threads.run(Options(parts=["threads"], size=20_000), Aloud())
"""


@pytest.mark.parametrize("phase", ["pools", "answers", "integrals"])
def test_an_interrupt_ends_everything_at_once_and_quietly(phase, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, script],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert any(line.startswith(phase) for line in process.stdout)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of the group
        try:
            _, errors = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert errors.count("Traceback") == 1, errors
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert process.returncode != 0
    end = time.monotonic() + 10  # the tracker of multiprocessing ends when its pipe is closed
    while running(process.pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert running(process.pid) == []


def running(group):
    """Command lines of what still runs in a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                found.append(stat.with_name("cmdline").read_text())
    return found
