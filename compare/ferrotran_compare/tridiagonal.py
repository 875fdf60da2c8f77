"""solve_tridiagonal: as many systems as each has rows, elimination with partial pivoting."""

from __future__ import annotations

from typing import Any

import ferrotran
import numpy as np
from ferrotran.linalg import solve_tridiagonal

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit, prange
from ferrotran_compare._registry import Kernel, Language, compiled, languages, lists, serial


def inputs(n: int) -> tuple[Any, ...]:
    """Random systems, seeded: diagonally dominant by columns, with a condition below 10."""
    rng = np.random.default_rng(n)
    off = max(n - 1, 0)
    dl, du = rng.uniform(-1, 1, (2, n, off))
    d = rng.uniform(2.5, 3, (n, n)) * rng.choice([-1, 1], (n, n))
    return dl, d, du, rng.uniform(-1, 1, (n, n))


def fortran(
    threads: int, dl: np.ndarray, d: np.ndarray, du: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The library's gufunc."""
    with ferrotran.threads(threads):
        return solve_tridiagonal(dl, d, du, b)


def plain(language: str) -> Language:
    """One system after the other."""
    return Language(
        lambda threads, *x: _native.solve_tridiagonal(language, *x, threads), parallel=True
    )


def python_one(dl: list[float], d: list[float], du: list[float], x: list[float]) -> list[float]:
    """Solve one system over lists."""
    dl, d, du, x = dl[:], d[:], du[:], x[:]
    n = len(d)
    for i in range(n - 1):
        if abs(d[i]) >= abs(dl[i]):
            if d[i] == 0.0:
                return [float("nan")] * n
            factor = dl[i] / d[i]
            d[i + 1] -= factor * du[i]
            x[i + 1] -= factor * x[i]
            dl[i] = 0.0
        else:
            factor = d[i] / dl[i]
            d[i], d[i + 1], du[i] = dl[i], du[i] - factor * d[i + 1], d[i + 1]
            dl[i] = 0.0
            if i + 2 < n:
                dl[i] = du[i + 1]
                du[i + 1] *= -factor
            x[i], x[i + 1] = x[i + 1], x[i] - factor * x[i + 1]
    if n and d[-1] == 0.0:
        return [float("nan")] * n
    for i in range(n - 1, -1, -1):
        total = x[i]
        if i + 1 < n:
            total -= du[i] * x[i + 1]
        if i + 2 < n:
            total -= dl[i] * x[i + 2]
        x[i] = total / d[i]
    return x


def python(
    dl: list[list[float]], d: list[list[float]], du: list[list[float]], b: list[list[float]]
) -> np.ndarray:
    """One system after the other."""
    n = len(d)
    return np.array([python_one(*system) for system in zip(dl, d, du, b)]).reshape(n, n)


def numpy(dl: np.ndarray, d: np.ndarray, du: np.ndarray, b: np.ndarray) -> np.ndarray:
    """All systems at once, row by row; what each does is chosen by masks."""
    n = d.shape[1]
    dl, d, du, x = (np.array(a.T, order="C") for a in (dl, d, du, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n - 1):
            swap = np.abs(d[i]) < np.abs(dl[i])
            upper, lower = np.where(swap, dl[i], d[i]), np.where(swap, d[i], dl[i])
            factor = lower / upper
            low, high = np.where(swap, d[i + 1], du[i]), np.where(swap, du[i], d[i + 1])
            d[i], d[i + 1], du[i] = upper, high - factor * low, low
            dl[i] = 0.0
            if i + 2 < n:
                dl[i] = np.where(swap, du[i + 1], 0.0)
                du[i + 1] = np.where(swap, -factor * du[i + 1], du[i + 1])
            first, second = np.where(swap, x[i + 1], x[i]), np.where(swap, x[i], x[i + 1])
            x[i], x[i + 1] = first, second - factor * first
        singular = (d == 0.0).any(axis=0)
        for i in range(n - 1, -1, -1):
            if i + 1 < n:
                x[i] -= du[i] * x[i + 1]
            if i + 2 < n:
                x[i] -= dl[i] * x[i + 2]
            x[i] /= d[i]
    x[:, singular] = np.nan
    return x.T


@inline
def numba_one(dl: np.ndarray, d: np.ndarray, du: np.ndarray, x: np.ndarray) -> None:
    """Solve one system; all arrays are overwritten."""
    n = len(d)
    for i in range(n - 1):
        if abs(d[i]) >= abs(dl[i]):
            factor = dl[i] / d[i]
            d[i + 1] -= factor * du[i]
            x[i + 1] -= factor * x[i]
            dl[i] = 0.0
        else:
            factor = d[i] / dl[i]
            below, upper = d[i + 1], x[i]
            d[i] = dl[i]
            d[i + 1] = du[i] - factor * below
            du[i] = below
            dl[i] = 0.0
            if i + 2 < n:
                dl[i] = du[i + 1]
                du[i + 1] *= -factor
            x[i] = x[i + 1]
            x[i + 1] = upper - factor * x[i]
    singular = False
    for i in range(n):
        singular |= d[i] == 0.0
    for i in range(n - 1, -1, -1):
        total = x[i]
        if i + 1 < n:
            total -= du[i] * x[i + 1]
        if i + 2 < n:
            total -= dl[i] * x[i + 2]
        x[i] = np.nan if singular else total / d[i]


@jit(parallel=True)
def numba(dl: np.ndarray, d: np.ndarray, du: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One system after the other; systems in parallel."""
    x = b.copy()
    for s in prange(len(x)):
        numba_one(dl[s].copy(), d[s].copy(), du[s].copy(), x[s])
    return x


def in_chapel(
    threads: int, dl: np.ndarray, d: np.ndarray, du: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """One system after the other; systems in tasks."""
    x = b.copy()
    call("tridiagonal", *d.shape, dl, d, du, x, threads)
    return x


KERNEL = Kernel(
    name="solve_tridiagonal",
    what="a recurrence with divisions and exchanges, many times side by side",
    workload="{size} tridiagonal systems of order {size}, partial pivoting",
    quick=300,
    full=1000,
    sizes=(10, 30, 100, 300, 1_000),
    inputs=inputs,
    languages=languages(
        fortran=Language(fortran, parallel=True, note="16 systems side by side"),
        c=plain("c"),
        rust=plain("rust"),
        chapel=chapel(in_chapel),
        numpy=serial(numpy),
        python=serial(python, prepare=lists),
        numba=compiled(numba),
    ),
    tolerance=lambda n: 100 * 2.0**-52,
    why="a backward error of 4 ε in each row, times a condition below 25",
)
