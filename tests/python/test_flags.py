"""Floating-point flags: each one the function's own, none of the junk of a vector kernel."""

import ferrotran as ft
import numpy as np
import pytest
from house import UNARY, name_of

# Function, argument, the one flag it raises; `None` for a special value that raises none.
CASES = [
    ("erf", 0.0, None),
    ("erf", np.inf, None),
    ("erf", 5e-324, "underflow"),
    ("erfc", np.inf, None),
    ("erfc", 30.0, "underflow"),
    ("erfcx", -30.0, "overflow"),
    ("erfcx", np.inf, None),
    ("erfcx", -np.inf, None),
    ("gamma", 0.0, "divide by zero"),
    ("gamma", -0.0, "divide by zero"),
    ("gamma", -3.0, "invalid value"),
    ("gamma", -np.inf, "invalid value"),
    ("gamma", np.inf, None),
    ("gamma", 172.0, "overflow"),
    ("gamma", -190.5, "underflow"),
    ("gammaln", 0.0, "divide by zero"),
    ("gammaln", -3.0, "divide by zero"),
    ("gammaln", 1.0, None),
    ("gammaln", 2.0, None),
    ("gammaln", np.inf, None),
    ("gammaln", 1e307, "overflow"),
    ("j0", np.inf, None),
    ("j1", 0.0, None),
    ("j1", np.inf, None),
    ("y0", 0.0, "divide by zero"),
    ("y0", -1.0, "invalid value"),
    ("y0", np.inf, None),
    ("y1", 0.0, "divide by zero"),
    ("y1", 1e-310, "overflow"),
    ("y1", -1.0, "invalid value"),
    ("y1", np.inf, None),
]


def flags(f, x):
    """The result and the flags that NumPy saw."""
    seen = []
    with np.errstate(all="call", call=lambda kind, _: seen.append(kind)):
        return f(x), seen


@pytest.mark.parametrize(("name", "x", "flag"), CASES)
@pytest.mark.parametrize("n", [1, 16, 200_000])
def test_one_argument_raises_its_own_flag_alone(name, x, flag, n):
    f = getattr(ft.special, name)
    xs = np.full(n, 1.25)
    xs[n * 3 // 4] = x
    assert flags(f, xs)[1] == ([flag] if flag else [])


@pytest.mark.parametrize("f", UNARY, ids=name_of)
def test_flags_that_were_up_before_do_not_leak_in(f):
    with np.errstate(all="ignore"):
        np.array([0.0, 1e308, 1.0]) / np.array([0.0, 1e-308, 0.0])
    assert flags(f, np.linspace(0.5, 3.0, 100))[1] == []


@pytest.mark.parametrize(("name", "x", "flag"), [c for c in CASES if c[2]])
def test_errstate_decides(name, x, flag):
    f = getattr(ft.special, name)
    kind = {"divide by zero": "divide", "invalid value": "invalid", "underflow": "under"}
    kind = kind.get(flag, "over")
    with np.errstate(all="ignore", **{kind: "raise"}), pytest.raises(FloatingPointError):
        f(x)
    with np.errstate(all="raise", **{kind: "ignore"}):
        f(x)
    with np.errstate(**{kind: "warn"}), pytest.warns(RuntimeWarning, match=f"{flag}.*{name}"):
        f(x)


def test_every_flag_of_a_mixed_array_is_raised():
    x = np.full(300_000, 1.25)
    x[[10, 150_000, 200_000, 299_999]] = 0.0, 180.0, -200.5, -1.0
    expected = ["divide by zero", "invalid value", "overflow", "underflow"]
    assert sorted(flags(ft.special.gamma, x)[1]) == expected
