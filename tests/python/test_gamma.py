"""`special.gamma` and `special.gammaln`."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
from ferrotran.special import gamma, gammaln
from hypothesis import assume, given
from hypothesis import strategies as st
from special_data import assert_single_is_double_rounded, error

EPS = np.finfo(float).eps
BOUNDS = {"gamma": 2.0, "gammaln": 4.0}
# The zeros of gammaln below zero are no floating-point numbers: there the error is in ulp of
# max(1, |gammaln|). Those at 1 and 2 are, and the error is relative next to them too.
SCALES = {"gamma": lambda x: 0.0, "gammaln": lambda x: np.where(x < 0, 1.0, 0.0)}


@pytest.mark.parametrize("name", BOUNDS)
def test_errors_stay_below_their_bounds(name):
    worst, at = error(name, np.float64, SCALES[name])
    assert worst <= BOUNDS[name], f"{name}({at!r})"


@pytest.mark.parametrize("name", BOUNDS)
def test_single_precision_is_double_precision_rounded(name):
    worst, at = error(name, np.float32, SCALES[name])
    assert worst <= 0.5001, f"{name}({at!r})"


@pytest.mark.parametrize("name", BOUNDS)
def test_single_precision_over_all_of_its_numbers(name):
    assert_single_is_double_rounded(name)


def test_agrees_with_scipy(rng):
    x = rng.uniform(-150, 170, 100_000)
    # SciPy's gamma takes powers: 1e-15 per unit of log Gamma. Its sine loses digits near poles.
    x = x[np.abs(x - np.round(x)) > 1e-3]
    np.testing.assert_allclose(gamma(x), scipy.special.gamma(x), rtol=1e-12, atol=0)
    # SciPy's gammaln has an absolute error where it crosses zero.
    expected = scipy.special.gammaln(x)
    np.testing.assert_allclose(gammaln(x), expected, rtol=1e-12, atol=1e-12)


def test_special_values():
    x = np.array([0.0, -0.0, -1.0, -7.0, -1e300, np.inf, -np.inf, np.nan, 1.0, 2.0])
    with np.errstate(all="ignore"):
        inf, nan = np.inf, np.nan
        np.testing.assert_array_equal(gamma(x), [inf, -inf, nan, nan, nan, inf, nan, nan, 1, 1])
        np.testing.assert_array_equal(gammaln(x), [inf] * 7 + [nan, 0, 0])
        np.testing.assert_array_equal(gamma(x), scipy.special.gamma(x))
        # At -inf SciPy says -inf, the C standard inf.
        x = x[x != -inf]
        np.testing.assert_array_equal(gammaln(x), scipy.special.gammaln(x))


def test_factorials():
    n = np.arange(1.0, 23.0)
    expected = [float(math.factorial(int(k) - 1)) for k in n]
    np.testing.assert_allclose(gamma(n), expected, rtol=EPS)


@given(st.integers(-170 << 20, 170 << 20))
def test_recurrence_holds(i):
    x = i / 2**20  # so that x + 1 is exact
    assume(x != round(x))
    # Two errors of at most 2 ulp and a product.
    assert abs(gamma(x + 1) - x * gamma(x)) <= 5 * EPS * abs(gamma(x + 1))
