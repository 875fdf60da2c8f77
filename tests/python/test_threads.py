"""The number of threads: by call, by block, by environment, by affinity."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import ferrotran as ft
import numpy as np
import pytest
from house import same_bits

pytestmark = pytest.mark.any_isa


@pytest.fixture(autouse=True)
def _same_number_afterwards():
    before = ft.get_num_threads()
    yield
    ft.set_num_threads(before)
    assert ft.get_num_threads() == before


def test_the_number_is_set_for_the_whole_process():
    ft.set_num_threads(3)
    assert ft.get_num_threads() == 3
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(ft.get_num_threads).result() == 3


def test_a_block_has_a_number_of_its_own():
    ft.set_num_threads(2)
    with ft.threads(5):
        assert ft.get_num_threads() == 5
        with ft.threads(1):
            assert ft.get_num_threads() == 1
        ft.set_num_threads(4)
        assert ft.get_num_threads() == 5
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(ft.get_num_threads).result() == 4
    assert ft.get_num_threads() == 4


def test_a_block_left_by_an_exception_gives_the_number_back():
    before = ft.get_num_threads()
    with pytest.raises(KeyError), ft.threads(before + 1):
        raise KeyError
    assert ft.get_num_threads() == before


def test_a_function_can_be_decorated():
    assert ft.threads(7)(ft.get_num_threads)() == 7


@pytest.mark.parametrize("n", [0, -1, 10**6])
def test_a_number_out_of_range_is_refused(n):
    with pytest.raises(ValueError, match=f"`n` is {n}"):
        ft.set_num_threads(n)
    with pytest.raises(ValueError, match=f"`n` is {n}"), ft.threads(n):
        pass


@pytest.mark.parametrize("n", [1.5, "2", None])
def test_what_is_no_integer_is_refused(n):
    with pytest.raises(TypeError):
        ft.set_num_threads(n)
    with pytest.raises(TypeError), ft.threads(n):
        pass


REPORT = """
import ferrotran as ft
print(ft.get_num_threads())
"""


def test_the_environment_sets_the_number(run_script):
    run_script(REPORT, FERROTRAN_NUM_THREADS="3", expect="3")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_the_default_is_the_number_of_cores_allowed(run_script):
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n" + REPORT
    run_script(code, FERROTRAN_NUM_THREADS="", expect="1")


@pytest.mark.parametrize("value", ["0", "-2", "many", "1.5", "100000"])
def test_a_senseless_environment_is_warned_of(value, run_script):
    default = run_script(REPORT, FERROTRAN_NUM_THREADS="", expect="").stdout.strip()
    done = run_script(REPORT, FERROTRAN_NUM_THREADS=value, warnings="default", expect=default)
    assert f"FERROTRAN_NUM_THREADS is `{value}`" in done.stderr


def test_changing_the_number_during_calls_is_safe(rng):
    x = rng.uniform(0.5, 4.0, 200_000)
    expected = ft.special.erf(x)
    stop = threading.Event()

    def change():
        n = 0
        while not stop.is_set():
            n = n % 11 + 1
            ft.set_num_threads(n)

    changer = threading.Thread(target=change)
    changer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda _: ft.special.erf(x), range(100)))
    finally:
        stop.set()
        changer.join()
    assert all(same_bits(result, expected) for result in results)


def test_threads_of_unused_pools_end(run_script):
    code = """
        import os, time
        import numpy as np
        import ferrotran as ft

        x = np.full(200_000, 0.5)
        for n in [*range(2, 30)] * 3:
            with ft.threads(n):
                ft.special.erf(x)
        time.sleep(0.5)
        left = len(os.listdir("/proc/self/task"))
        # Four pools are kept, of at most 29 threads; 434 have been started per round.
        assert left < 4 * 29 + 16, left
        print("ok")
    """
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("no /proc here")
    run_script(code)


def test_the_configuration_is_told(capsys):
    config = ft.show_config(mode="dicts")
    assert config["Versions"]["ferrotran"] == ft.__version__
    assert config["Versions"]["NumPy"] == np.__version__
    assert config["Threads"]["count"] == ft.get_num_threads()
    assert config["Instruction sets"]["in use"] in config["Instruction sets"]["compiled"]
    assert ft.show_config() is None
    printed = capsys.readouterr().out
    for section, items in config.items():
        assert f"{section}:\n" in printed
        assert all(f"  {name}: " in printed for name in items)
    with pytest.raises(ValueError, match="`mode` is 'json'"):
        ft.show_config(mode="json")


@pytest.mark.parametrize("isa", ["baseline", "v3", "v4", "nonsense"])
def test_the_instruction_set_can_be_lowered(isa, run_script):
    done = run_script(
        """
        import ferrotran as ft
        print(ft.show_config(mode="dicts")["Instruction sets"]["in use"])
        print("ok")
        """,
        FERROTRAN_ISA=isa,
    )
    known = ft.show_config(mode="dicts")["Instruction sets"]["compiled"]
    used = done.stdout.split()[0]
    assert used in known
    if isa in known:
        assert known.index(used) <= known.index(isa)


def test_pools_that_wait_for_the_gil_and_calls_that_hold_it_do_not_block(run_script):
    code = """
        import ctypes
        from concurrent.futures import ThreadPoolExecutor
        import numpy as np
        import ferrotran as ft

        @ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
        def callback(t):  # takes the GIL in a thread of the pool
            return t * t

        x = np.linspace(0.5, 4.0, 300_000)
        ends = np.linspace(1.0, 2.0, 800)

        def batch():
            return ft.integrate.quad_batch(callback, 0.0, ends, workers=2).value.sum()

        def ufuncs():
            return sum(ft.special.erf(x[:n]).sum() for n in (1, 100, 500, 501, 5000, 300_000))

        def nested():  # a ufunc on all threads inside an integrand inside a call
            return ft.integrate.quad(lambda t: t * float(ft.special.erf(x)[0]), 0.0, 1.0)[0]

        ft.set_num_threads(2)
        work = [batch, ufuncs, nested]
        expected = [f() for f in work]
        with ThreadPoolExecutor(6) as pool:
            for _ in range(3):
                assert list(pool.map(lambda f: f(), work * 4)) == expected * 4
        print("ok")
    """
    run_script(code)
