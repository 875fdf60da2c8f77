"""The rainflow count of the lesson: the same in Python, C, Fortran and numba, by every route."""

import threading
import time

import numpy as np
import pytest

ASTM = [-2.0, 1, -3, 5, -1, 3, -4, 4, -2]  # ASTM E1049-85, figure 6
CYCLES = {3: 0.5, 4: 1.5, 6: 0.5, 8: 1.0, 9: 0.5}


@pytest.fixture(scope="module")
def routes(glue, tmp_path_factory):
    options = type("Options", (), {"size": 100, "budget": 0.1})
    lesson = glue.Lesson(options)
    return lesson.routes | {"numba": glue.rainflow_numba}


NAMES = ["ctypes, C", "ctypes, Fortran", "f2py, C", "f2py, Fortran"]
NAMES += ["ferrotran-build, C", "ferrotran-build, Fortran", "numba"]


@pytest.fixture(params=NAMES)
def route(request, routes):
    assert set(NAMES) == set(routes)
    return routes[request.param]


def test_python_finds_the_cycles_of_the_standard(glue):
    assert glue.rainflow(ASTM, 1.0) == CYCLES
    assert glue.as_dict(glue.rainflow_numpy(np.array(ASTM), 1.0)) == CYCLES


def test_a_route_finds_the_cycles_of_the_standard(glue, route):
    assert glue.as_dict(route(np.array(ASTM), 1.0, 16)) == CYCLES


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9, 1000])
@pytest.mark.parametrize("noise", [0.3, 3.0, 40.0])
def test_a_route_counts_as_python_does(glue, route, n, noise):
    rng = np.random.default_rng(n)
    signal = np.cumsum(rng.standard_normal(n)) + noise * rng.standard_normal(n)
    assert glue.as_dict(route(signal, 1.5, 1024)) == glue.rainflow(signal.tolist(), 1.5)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 8, 1000])
def test_numpy_counts_as_python_does(glue, n):
    signal = np.cumsum(np.random.default_rng(n).standard_normal(n))
    assert glue.as_dict(glue.rainflow_numpy(signal, 0.5)) == glue.rainflow(signal.tolist(), 0.5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("at", [0, 17, 99])
def test_a_value_without_a_level_is_an_error(route, value, at):
    signal = np.zeros(100)
    signal[at] = value
    with pytest.raises(ValueError, match="not finite"):
        route(signal, 1.0, 16)


def test_a_range_without_a_bin_is_an_error(route):
    with pytest.raises(ValueError, match="bins"):
        route(np.array(ASTM), 1.0, 9)


def test_two_routes_that_differ_are_named_with_both_counts(glue):
    answers = {"plain Python": {3: 1.0}, "other": np.array([0, 0, 0, 0.5])}
    with pytest.raises(glue.Disagreement, match=r"range 3: `other` counts 0.5, .* 1.0"):
        glue.check(answers)


def test_the_loop_that_is_shown_is_the_one_that_divides(glue):
    shown = glue.compiled.loop()
    assert "div" in shown
    assert shown.splitlines()[0].endswith(":")


def test_the_loop_with_a_stack_is_not_vectorised_and_the_levels_are(glue):
    flags = glue.compiled.FLAGS
    best = list(flags)[-1]
    assert glue.compiled.vectorised("C", flags[best])
    assert not glue.compiled.vectorised("C", flags["-O0"])
    assert "control flow in loop" in glue.compiled.report()


def refuse(signal, width, bins):
    if not (isinstance(signal, np.ndarray) and signal.dtype == np.float64):
        raise TypeError("not an array of doubles")
    return np.zeros(bins)  # wrong


def test_inputs_that_are_refused_misread_or_taken_are_told_apart(glue, routes):
    shown = {"stub": refuse, "ferrotran-build": routes["ferrotran-build, C"]}
    text = glue.traps.copies(shown, glue.stress(100), glue.WIDTH, glue.BINS, 0.01)
    stub, ours = (line.split("|")[2:5] for line in text.splitlines()[2:])
    assert [cell.strip() for cell in stub] == ["**wrong numbers**", *["refused, TypeError"] * 2]
    assert "…" in ours[0]  # a ratio
    assert ours[1:] == stub[1:]


def test_a_pointer_without_types_is_misread(glue, routes):
    library = glue.toolchain.BUILD / "newer" / "librainflow.so"
    unchecked = glue.traps.unchecked(library)
    text = glue.traps.copies({"pointer": unchecked}, glue.stress(100), glue.WIDTH, glue.BINS, 0.01)
    assert text.count("wrong numbers") == 2


def test_error_stop_ends_a_process_and_a_status_does_not(glue, routes):
    library = glue.toolchain.BUILD / "newer" / "librainflow.so"
    stopping = glue.toolchain.stopping_library()
    text = glue.traps.errors({"f2py": routes["f2py, Fortran"]}, library, stopping, 1.0, 16)
    assert "| ctypes, status ignored | no error, 0 ranges counted |" in text
    assert "`signal` has a value that is not finite" in text
    assert "Python ends, status 1; stderr: `ERROR STOP the signal is not finite`" in text


def beats(call, signal, width, bins):
    """How often another thread notes the time in the middle of a call."""
    noted, done = [], threading.Event()

    def beat():
        while not done.wait(0.0005):
            noted.append(time.perf_counter())

    thread = threading.Thread(target=beat)
    thread.start()
    start = time.perf_counter()
    call(signal, width, bins)
    end = time.perf_counter()
    done.set()
    thread.join()
    quarter = (end - start) / 4
    return sum(start + quarter < t < end - quarter for t in noted)


@pytest.mark.parametrize("name", ["ctypes, C", "f2py, C", "ferrotran-build, C", "numba"])
def test_other_threads_run_during_a_call_that_frees_the_gil(glue, routes, name):
    signal = glue.stress(5_000_000)
    assert any(beats(routes[name], signal, glue.WIDTH, glue.BINS) >= 2 for _ in range(5))


def test_no_other_thread_runs_during_a_call_that_holds_the_gil(glue, routes):
    signal = glue.stress(5_000_000)
    library = glue.toolchain.BUILD / "newer" / "librainflow.so"
    f2py = glue.toolchain.f2py("rainflow_f2py_gil", threadsafe=False)
    holding = [glue.bindings.ctypes_c(library, hold_gil=True), glue.bindings.f2py_c(f2py)]
    assert [beats(call, signal, glue.WIDTH, glue.BINS) for call in holding] == [0, 0]
