"""Errors in ulp against tests/data/special/*.csv, values at 50 digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ferrotran as ft
import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent.parent / "data" / "special"


def rows(name: str) -> tuple[NDArray, NDArray, NDArray]:
    """Return x, y, e of a function: the value at x is y + e ulp(y)."""
    lines = (FOLDER / f"{name}.csv").read_text().splitlines()
    fields = [line.split(",") for line in lines if not line.startswith("#")]
    x, y = (np.array([float.fromhex(row[i]) for row in fields]) for i in (0, 1))
    return x, y, np.array([float(row[2]) for row in fields])


def error(
    name: str, dtype: type, scale: Callable[[NDArray], NDArray | float] = lambda x: 0.0
) -> tuple[float, float]:
    """Return the largest error of `ferrotran.special.<name>` in ulp, and where it is.

    Infinities must be exact. Where `scale(x)` exceeds the value, the ulp is that of `scale(x)`.
    """
    x, y, e = rows(name)
    with np.errstate(all="ignore"):
        here = x == x.astype(dtype)
        x, y, e = x[here], y[here], e[here]
        got = getattr(ft.special, name)(x.astype(dtype))
        assert got.dtype == dtype
        expected = y.astype(dtype)
        infinite = np.isinf(expected)
        assert np.array_equal(got[infinite], expected[infinite])
        ulp = np.spacing(np.maximum(np.abs(expected), np.asarray(scale(x), dtype)))
        wrong = (got.astype(float) - y) / ulp.astype(float) - e * np.spacing(np.abs(y)) / ulp
    wrong = np.where(infinite, 0.0, np.abs(wrong))
    return float(wrong.max()), float(x[wrong.argmax()])


def assert_single_is_double_rounded(name: str) -> None:
    """Compare both precisions on every 4099th float32: 1 million, special values among them."""
    x = np.arange(0, 1 << 32, 4099, dtype=np.uint32).view(np.float32)
    f = getattr(ft.special, name)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(f(x), f(x.astype(float)).astype(np.float32))
