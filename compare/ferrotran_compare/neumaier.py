"""neumaier: a compensated sum, doi:10.1002/zamm.19740540106."""

from __future__ import annotations

from typing import Any

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit, prange
from ferrotran_compare._registry import Kernel, compiled, languages, lists, native, serial

PART = 1 << 16  # terms of a part, as in the native drivers: the same bits for any threads


def inputs(n: int) -> tuple[Any, ...]:
    """Random terms of both signs over sixteen magnitudes, seeded, and a positive one for each."""
    rng = np.random.default_rng(n)
    x = rng.uniform(-1, 1, n) * 10.0 ** rng.integers(-8, 9, n)
    return (x + rng.uniform(1, 2, n) * 1e8,)


def python(x: list[float]) -> float:
    """One loop."""
    total = lost = 0.0
    for term in x:
        after = total + term
        if abs(total) >= abs(term):
            lost += (total - after) + term
        else:
            lost += (term - after) + total
        total = after
    return total + lost


def numpy(x: np.ndarray) -> float:
    """`cumsum` adds from left to right, so it has all the partial sums."""
    after = np.cumsum(x)
    before = np.concatenate(([0.0], after[:-1])) if x.size else after
    larger = np.abs(before) >= np.abs(x)
    lost = np.where(larger, (before - after) + x, (x - after) + before)
    return float(after[-1] + lost.sum()) if x.size else 0.0


@inline
def part(x: np.ndarray) -> tuple[float, float]:
    """The plain sum and its correction."""
    total, lost = 0.0, 0.0
    for term in x:
        after = total + term
        if abs(total) >= abs(term):
            lost += (total - after) + term
        else:
            lost += (term - after) + total
        total = after
    return total, lost


@jit(parallel=True)
def numba(x: np.ndarray) -> float:
    """Parts in parallel."""
    parts = (len(x) + PART - 1) // PART
    sums = np.empty(2 * parts)
    for k in prange(parts):
        sums[2 * k], sums[2 * k + 1] = part(x[k * PART : (k + 1) * PART])
    total, lost = part(sums)
    return total + lost


KERNEL = Kernel(
    name="neumaier",
    what="a reduction: a compensated sum",
    workload="the compensated sum of {size} numbers",
    quick=500_000,
    full=10_000_000,
    sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    inputs=inputs,
    languages=languages(
        **native(_native.neumaier),
        chapel=chapel(lambda threads, x: call("neumaier", len(x), x, threads)),
        numpy=serial(numpy),
        python=serial(python, prepare=lists),
        numba=compiled(numba),
    ),
    tolerance=lambda n: 2.0**-51,
    why="each is within 2^-53 of the sum, and the next terms of the bound are below that",
)
