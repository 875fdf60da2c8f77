"""spectral-norm: the power method on A(i, j) = 1 / ((i + j) (i + j + 1) / 2 + i + 1)."""

from __future__ import annotations

import math

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit, prange
from ferrotran_compare._registry import Kernel, compiled, languages, native, serial

ROUNDS = 10


def python(n: int) -> float:
    """Sums over generators."""

    def times(v: list[float]) -> list[float]:
        return [
            sum(v[j] / ((i + j) * (i + j + 1) // 2 + i + 1) for j in range(n)) for i in range(n)
        ]

    def transposed(v: list[float]) -> list[float]:
        return [
            sum(v[j] / ((i + j) * (i + j + 1) // 2 + j + 1) for j in range(n)) for i in range(n)
        ]

    u, v = [1.0] * n, [0.0] * n
    for _ in range(ROUNDS):
        v = transposed(times(u))
        u = transposed(times(v))
    if n == 0:
        return 0.0
    return math.sqrt(sum(a * b for a, b in zip(u, v)) / sum(b * b for b in v))


def numpy(n: int) -> float:
    """The whole matrix in memory; `einsum`, for `@` would use the threads of BLAS."""
    i, j = np.arange(n)[:, None], np.arange(n)[None, :]
    a = 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)
    u, v = np.ones(n), np.zeros(n)
    for _ in range(ROUNDS):
        v = np.einsum("ij,i->j", a, np.einsum("ij,j->i", a, u))
        u = np.einsum("ij,i->j", a, np.einsum("ij,j->i", a, v))
    return math.sqrt((u * v).sum() / (v * v).sum()) if n > 0 else 0.0


ROWS = 256  # rows of a task


@inline
def divisor(i: float, j: float) -> float:
    """1 / A(i, j)."""
    return (i + j) * (i + j + 1.0) * 0.5 + i + 1.0


@inline
def rows(first: int, transposed: bool, v: np.ndarray, y: np.ndarray) -> None:
    """Rows from `first` on of A v, or of its transpose; rows are the inner loop."""
    y[:] = 0.0
    for j in range(len(v)):
        column, term = float(j), v[j]
        if transposed:
            for k in range(len(y)):
                y[k] += term / divisor(column, float(first + k))
        else:
            for k in range(len(y)):
                y[k] += term / divisor(float(first + k), column)


@jit(parallel=True)
def numba(n: int) -> float:
    """Loops; parts of the rows in parallel."""
    u, v, between = np.ones(n), np.zeros(n), np.zeros(n)
    for half in range(4 * ROUNDS):
        transposed = half % 2 == 1
        source = between if transposed else (u if half % 4 == 0 else v)
        target = between if not transposed else (v if half % 4 == 1 else u)
        for part in prange((n + ROWS - 1) // ROWS):
            first = part * ROWS
            rows(first, transposed, source, target[first : min(n, first + ROWS)])
    uv, vv = 0.0, 0.0
    for i in range(n):
        uv += u[i] * v[i]
        vv += v[i] * v[i]
    return math.sqrt(uv / vv) if n > 0 else 0.0


KERNEL = Kernel(
    name="spectral_norm",
    what="divisions in a double loop, nothing kept in memory",
    workload="the largest singular value of a matrix of order {size}, ten rounds of A'A",
    quick=200,
    full=1000,
    sizes=(25, 50, 100, 200, 400, 800),
    inputs=lambda n: (n,),
    languages=languages(
        **native(_native.spectral_norm),
        chapel=chapel(lambda threads, n: call("spectral_norm", n, threads)),
        numpy=serial(numpy, note="keeps the matrix in memory; the others compute it anew"),
        python=serial(python),
        numba=compiled(numba),
    ),
    tolerance=lambda n: 40 * (n + 4) * 2.0**-53,
    why="40 products of positive terms, each within n + 4 roundings",
)
