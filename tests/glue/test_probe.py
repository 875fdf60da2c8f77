"""The experiments of `routes/probe.py` find what is planted."""

import ctypes
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ferrotran_compare.routes import probe

needs_proc = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no /proc")


def solver(f):
    return SimpleNamespace(solve_tridiagonal=f)


def dense(dl, d, du, b):
    return np.linalg.solve(probe.dense(dl, d, du), b)


@pytest.mark.parametrize(
    ("library", "expected"), [(ctypes.CDLL, "released"), (ctypes.PyDLL, "held")]
)
def test_the_gil_is_seen_to_be_released_or_held(library, expected):
    libc = library(None)
    assert probe.probe_gil(solver(lambda *_: libc.usleep(30_000))) == expected


def contiguous(*arrays):
    if not all(a.flags.c_contiguous for a in arrays):
        raise ValueError("not contiguous")
    return arrays[1].max()


@needs_proc
@pytest.mark.parametrize(
    ("solve", "expected"),
    [
        (lambda *arrays: arrays[1].max(), "no copy"),
        (lambda *arrays: [np.ascontiguousarray(a) for a in arrays][1].max(), "copied"),
        (contiguous, "refused"),
        (lambda *arrays: arrays[1].strides[0], "misread"),
    ],
)
def test_copies_of_strided_input_are_seen(solve, expected):
    assert probe.probe_strided(solver(solve)) == expected


def strict(*arrays):
    if any(a.dtype != np.float64 for a in arrays):
        raise TypeError("not float64")
    return dense(*arrays)


@pytest.mark.parametrize(
    ("solve", "expected"),
    [
        (strict, "refused"),
        (
            lambda *arrays: dense(*(a.astype(float, casting="safe") for a in arrays)),
            "converted if safe",
        ),
        (lambda *arrays: dense(*(a.astype(float) for a in arrays)), "converted"),
        (lambda *arrays: np.frombuffer(arrays[3].tobytes()), "misread"),
    ],
)
def test_wrong_types_are_seen(solve, expected):
    assert probe.probe_dtype(solver(solve)) == expected


def call(f, a, b):
    for _ in range(7):
        f(a)


def swallow(f, a, b):
    for _ in range(5):
        probe.raised(lambda: f(a))


def replace(f, a, b):
    if probe.raised(lambda: call(f, a, b)):
        raise RuntimeError("something happened")


def go_on(f, a, b):
    error = [probe.raised(lambda: f(a)) for _ in range(7)][4]
    raise error


@pytest.mark.parametrize(
    ("integrate", "expected"),
    [(call, "kept"), (swallow, "lost"), (replace, "replaced"), (go_on, "late")],
)
def test_exceptions_of_callbacks_are_followed(integrate, expected):
    assert probe.probe_exceptions(SimpleNamespace(integrate=integrate)) == expected


def test_broadcasting_is_seen():
    def solve(dl, d, du, b):
        return dense(dl, d, du, np.moveaxis(b, -1, 0)).T

    erf = np.vectorize(probe.math.erf)
    module = SimpleNamespace(erf=erf, solve_tridiagonal=solve)
    assert probe.probe_broadcasting(module) == "both"
    module.solve_tridiagonal = strict
    assert probe.probe_broadcasting(module) == "erf"
    module.erf = probe.math.erf
    assert probe.probe_broadcasting(module) == "no"
