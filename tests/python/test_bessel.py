"""`special.j0`, `special.j1`, `special.y0` and `special.y1`."""

from __future__ import annotations

import os
import subprocess
import sys

import ferrotran as ft
import numpy as np
import pytest
import scipy.special
from ferrotran.special import j0, j1, y0, y1
from hypothesis import given
from hypothesis import strategies as st
from special_data import error

NAMES = ["j0", "j1", "y0", "y1"]
EPS = np.finfo(float).eps
each_function = pytest.mark.parametrize("name", NAMES)


@each_function
def test_errors_stay_below_their_bounds(name):
    # Relative to the value itself, also at the doubles next to a zero.
    worst, at = error(name, np.float64)
    assert worst <= 4.0, f"{name}({at!r})"


@each_function
def test_single_precision_is_double_precision_rounded(name):
    worst, at = error(name, np.float32)
    assert worst <= 0.5001, f"{name}({at!r})"


@each_function
def test_single_precision_over_all_of_its_numbers(name):
    # Every 4099th float of either sign: 1 million arguments, special values among them.
    x = np.arange(0, 1 << 32, 4099, dtype=np.uint32).view(np.float32)
    with np.errstate(all="ignore"):
        got = getattr(ft.special, name)(x)
        expected = getattr(ft.special, name)(x.astype(float)).astype(np.float32)
    np.testing.assert_array_equal(got, expected)


@each_function
@pytest.mark.parametrize("isa", ["baseline", "v3", "v4"])
def test_every_instruction_set_keeps_the_bound(name, isa):
    # Without the instructions, the choice falls back to the best set that the machine has.
    code = f"import numpy, special_data; print(*special_data.error({name!r}, numpy.float64))"
    env = {**os.environ, "FERROTRAN_ISA": isa}
    env["PYTHONPATH"] = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    worst, at = map(float, run.stdout.split())
    assert worst <= 4.0, f"{name}({at!r})"


@each_function
@pytest.mark.parametrize(("low", "high"), [(0, 3), (3, 8), (8, 64), (64, 1e4)])
def test_agrees_with_scipy(name, low, high, rng):
    x = rng.uniform(low, high, 100_000)
    expected = getattr(scipy.special, name)(x)
    # SciPy's error in units of the modulus: up to 19 EPS below 8, and below x EPS for large x,
    # where it subtracts a rounded pi/4 from x.
    j, y = (getattr(scipy.special, kind + name[1])(x) for kind in "jy")
    tolerance = (24 + x) * EPS * np.hypot(j, y)
    assert np.all(np.abs(getattr(ft.special, name)(x) - expected) <= tolerance)


def test_special_values():
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(j0(x[:5]), [1, 1, 0, 0, np.nan])
        np.testing.assert_array_equal(j1(x[:5]), [0, -0.0, 0, 0, np.nan])
        np.testing.assert_array_equal(np.signbit(j1(x[:4])), [False, True, False, True])
        for f in y0, y1:
            np.testing.assert_array_equal(f(x), [-np.inf, -np.inf, 0, np.nan, np.nan, np.nan])


@each_function
def test_signs_change_at_the_zeros(name):
    zeros = getattr(scipy.special, f"{name[0]}n_zeros")(int(name[1]), 200)
    f = getattr(ft.special, name)
    assert np.all(f(zeros * (1 - 4 * EPS)) * f(zeros * (1 + 4 * EPS)) < 0)


@given(st.floats(1e-300, 1e300))
def test_wronskian(x):
    # Each product carries two errors of at most 4 ulp, up to 4 EPS each, and a rounding; the other
    # side two roundings.
    a, b = j1(x) * y0(x), j0(x) * y1(x)
    assert abs((a - b) - 2 / np.pi / x) <= 10.5 * EPS * (abs(a) + abs(b))


@given(st.floats(allow_nan=False))
def test_symmetry(x):
    with np.errstate(all="ignore"):
        assert j0(-x) == j0(x)
        assert j1(-x) == -j1(x)
