"""triad: a = b + s c, two loads and a store for each two operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import jit, prange
from ferrotran_compare._registry import Kernel, Language, compiled, languages

FACTOR = 3.0


def inputs(n: int) -> tuple[Any, ...]:
    """The factor and two random arrays, seeded."""
    b, c = np.random.default_rng(n).random((2, n))
    return FACTOR, b, c


def with_result(s: float, b: np.ndarray, c: np.ndarray) -> tuple[Any, ...]:
    """Memory for the result, touched."""
    return s, b, c, np.zeros_like(b)


def with_lists(s: float, b: np.ndarray, c: np.ndarray) -> tuple[Any, ...]:
    """Lists, with one for the result."""
    return s, b.tolist(), c.tolist(), [0.0] * len(b)


def writing(write: Callable[..., Any], **rest: Any) -> Language:
    """An entry of a function that writes into its last argument."""

    def run(threads: int, *arrays: Any) -> Any:
        write(threads, *arrays)
        return arrays[-1]

    return Language(run, **{"prepare": with_result, **rest})


def native(language: str) -> Language:
    """An entry of a native kernel."""
    return writing(lambda threads, *x: _native.triad(language, *x, threads), parallel=True)


def in_chapel(threads: int, s: float, b: np.ndarray, c: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Parts in tasks."""
    call("triad", len(a), s, b, c, a, threads)
    return a


def python(s: float, b: list[float], c: list[float], a: list[float]) -> None:
    """One loop."""
    for i, (x, y) in enumerate(zip(b, c)):
        a[i] = x + s * y


def numpy(s: float, b: np.ndarray, c: np.ndarray, a: np.ndarray) -> None:
    """Two passes, without a temporary."""
    np.multiply(c, s, out=a)
    a += b


@jit(parallel=True)
def numba(s: float, b: np.ndarray, c: np.ndarray, a: np.ndarray) -> np.ndarray:
    """One loop, in parallel."""
    for i in prange(len(a)):
        a[i] = b[i] + s * c[i]
    return a


KERNEL = Kernel(
    name="triad",
    what="memory: two loads and a store for each two operations",
    workload="a = b + s c over {size} numbers, 24 bytes of memory traffic each",
    quick=2_000_000,
    full=20_000_000,
    sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    inputs=inputs,
    languages=languages(
        fortran=native("fortran"),
        c=native("c"),
        rust=native("rust"),
        chapel=chapel(in_chapel, prepare=with_result),
        numpy=writing(lambda threads, *x: numpy(*x), note="two passes, 40 bytes"),
        python=writing(lambda threads, *x: python(*x), prepare=with_lists),
        numba=compiled(numba, prepare=with_result),
    ),
    why="two roundings each, the same everywhere: equality",
)
