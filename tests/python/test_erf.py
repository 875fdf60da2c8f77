"""`special.erf`, `special.erfc` and `special.erfcx`."""

from __future__ import annotations

import ferrotran as ft
import numpy as np
import pytest
import scipy.special
from ferrotran.special import erf, erfc, erfcx
from hypothesis import given
from hypothesis import strategies as st
from special_data import assert_single_is_double_rounded, error

BOUNDS = {"erf": 2.0, "erfc": 2.0, "erfcx": 4.0}
EPS = np.finfo(float).eps


@pytest.mark.parametrize("name", BOUNDS)
def test_errors_stay_below_their_bounds(name):
    worst, at = error(name, np.float64)
    assert worst <= BOUNDS[name], f"{name}({at!r})"


@pytest.mark.parametrize("name", BOUNDS)
def test_single_precision_is_double_precision_rounded(name):
    worst, at = error(name, np.float32)
    assert worst <= 0.5001, f"{name}({at!r})"


@pytest.mark.parametrize("name", BOUNDS)
def test_single_precision_over_all_of_its_numbers(name):
    assert_single_is_double_rounded(name)


@pytest.mark.parametrize(
    ("name", "low", "high", "tolerance"),
    [
        # SciPy's erf is off by 2.5 ulp, its erfc by 1e-13 in the tail, its erfcx by 5e-13.
        ("erf", -7, 7, 8 * EPS),
        ("erfc", -7, 26, 2e-13),
        ("erfcx", -26, 100, 1e-12),
    ],
)
def test_agrees_with_scipy(name, low, high, tolerance, rng):
    x = rng.uniform(low, high, 100_000)
    expected = getattr(scipy.special, name)(x)
    np.testing.assert_allclose(getattr(ft.special, name)(x), expected, rtol=tolerance, atol=0)


def test_special_values():
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(erf(x), [0.0, -0.0, 1.0, -1.0, np.nan])
    assert np.signbit(erf(-0.0))
    np.testing.assert_array_equal(erfc(x), [1.0, 1.0, 0.0, 2.0, np.nan])
    np.testing.assert_array_equal(erfcx(x), [1.0, 1.0, 0.0, np.inf, np.nan])
    np.testing.assert_array_equal(np.signbit(erfc(np.inf)), False)


@given(st.floats(-6, 6))
def test_erf_and_erfc_add_up_to_one(x):
    # Two errors below 2 ulp of numbers up to 2, and a rounding.
    assert abs(erf(x) + erfc(x) - 1) <= 8.5 * EPS


@given(st.floats(allow_nan=False))
def test_erf_is_odd(x):
    with np.errstate(all="ignore"):
        assert erf(-x) == -erf(x)
