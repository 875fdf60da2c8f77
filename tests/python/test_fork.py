"""Child processes: forked and spawned, before, after and during parallel calls."""

import os
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.any_isa,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
]

# `work` is parallel with 3 threads; its answer is known to every process.
WORK = """
import os, sys, threading, time
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import numpy as np
import ferrotran as ft

ft.set_num_threads(3)
x = np.linspace(-4, 4, 300_000)

def work(_=None):
    return ft.special.erf(x).tobytes()

def child_is_right(expected):
    pid = os.fork()
    if pid == 0:
        right = work() == expected and work() == expected
        os._exit(0 if right else 3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""


def test_a_child_forked_before_the_first_call(run_script):
    with_serial = "with ft.threads(1): expected = work()"
    run_script(f"{WORK}\n{with_serial}\nassert child_is_right(expected)\nprint('ok')")


def test_a_child_forked_after_a_parallel_call(run_script):
    run_script(f"{WORK}\nexpected = work()\nassert child_is_right(expected)\nprint('ok')")


def test_the_parent_goes_on_after_a_fork(run_script):
    code = """
expected = work()
for _ in range(5):
    assert child_is_right(expected)
    assert work() == expected
print("ok")
"""
    run_script(WORK + code)


def test_a_child_of_a_child(run_script):
    code = """
expected = work()
pid = os.fork()
if pid == 0:
    right = work() == expected and child_is_right(expected)
    os._exit(0 if right else 3)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
print("ok")
"""
    run_script(WORK + code)


def test_a_fork_while_other_threads_compute_and_change_the_number(run_script):
    code = """
expected = work()
stop = threading.Event()

def busy():
    while not stop.is_set():
        work()

def change():
    n = 0
    while not stop.is_set():
        n = n % 7 + 1
        ft.set_num_threads(n)

others = [threading.Thread(target=t) for t in (busy, busy, change)]
for thread in others:
    thread.start()
for _ in range(30):
    assert child_is_right(expected)
stop.set()
for thread in others:
    thread.join()
print("ok")
"""
    run_script(WORK + code, warnings="ignore")  # of forking a process with threads


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_pools_of_processes(method, tmp_path):
    code = f"""
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    expected = work()
    with context.Pool(2) as pool:
        assert pool.map(work, range(4)) == [expected] * 4
        assert (pool.map(ft.special.erf, [x, x])[0].tobytes()) == expected
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(work, range(4))) == [expected] * 4
    print("ok")
"""
    script = tmp_path / "pools.py"  # a spawned child imports it
    script.write_text(WORK + code)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
