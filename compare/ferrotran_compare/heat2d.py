"""heat2d: explicit diffusion on a square grid, edges closed."""

from __future__ import annotations

from typing import Any

import numpy as np
from ferrotran.stencil import heat2d

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import jit, prange
from ferrotran_compare._registry import Kernel, Language, compiled, languages, lists, serial

STEPS = 20
RATIO = 0.2  # D dt / dx²; stable up to 0.25


def inputs(n: int) -> tuple[Any, ...]:
    """Random values, seeded."""
    return np.random.default_rng(n).random((n, n)), RATIO, STEPS


def library(language: str) -> Language:
    """Fortran or C of the library."""

    def run(threads: int, u: np.ndarray, r: float, steps: int) -> np.ndarray:
        return heat2d(u, r, dt=1, steps=steps, edges="neumann", language=language, workers=threads)

    return Language(run, parallel=True, note="many steps of a tile while it is in cache")


def python(u: list[list[float]], r: float, steps: int) -> np.ndarray:
    """Cell by cell over lists."""
    rows = len(u)
    for _ in range(steps):
        after = []
        for i, row in enumerate(u):
            above, below = u[max(i - 1, 0)], u[min(i + 1, rows - 1)]
            left, right = row[:1] + row[:-1], row[1:] + row[-1:]
            after.append(
                [
                    here + r * (a - 2.0 * here + b) + r * (west - 2.0 * here + east)
                    for here, a, b, west, east in zip(row, above, below, left, right)
                ]
            )
        u = after
    return np.array(u).reshape(rows, rows)


def numpy(u: np.ndarray, r: float, steps: int) -> np.ndarray:
    """Slices of a grid with a border."""
    if u.size == 0:
        return u
    padded = np.empty((len(u) + 2, len(u) + 2))
    u = u.copy()
    for _ in range(steps):
        padded[1:-1, 1:-1] = u
        padded[0, 1:-1], padded[-1, 1:-1] = u[0], u[-1]
        padded[1:-1, 0], padded[1:-1, -1] = u[:, 0], u[:, -1]
        twice = 2.0 * u
        upright = padded[:-2, 1:-1] - twice + padded[2:, 1:-1]
        level = padded[1:-1, :-2] - twice + padded[1:-1, 2:]
        u += r * upright
        u += r * level
    return u


@jit(parallel=True)
def numba(u: np.ndarray, r: float, steps: int) -> np.ndarray:
    """Cell by cell; rows in parallel."""
    rows, columns = u.shape
    old, new = u.copy(), np.empty_like(u)
    for _ in range(steps):
        for i in prange(rows):
            above, below = max(i - 1, 0), min(i + 1, rows - 1)
            for j in range(columns):
                left, right = max(j - 1, 0), min(j + 1, columns - 1)
                here = old[i, j]
                upright = old[above, j] - 2.0 * here + old[below, j]
                new[i, j] = here + r * upright + r * (old[i, left] - 2.0 * here + old[i, right])
        old, new = new, old
    return old


def in_chapel(threads: int, u: np.ndarray, r: float, steps: int) -> np.ndarray:
    """Cell by cell; rows in tasks."""
    grids = u.copy(), np.empty_like(u)
    call("heat2d", len(u), r, steps, *grids, threads)
    return grids[steps % 2]


KERNEL = Kernel(
    name="heat2d",
    what="a stencil of five points; memory, or the cache of those who tile",
    workload=f"{STEPS} explicit steps of diffusion on {{size}} x {{size}} cells",
    quick=100,
    full=500,
    sizes=(16, 32, 64, 128, 256, 512, 1024),
    inputs=inputs,
    languages=languages(
        fortran=library("fortran"),
        c=library("c"),
        rust=Language(lambda threads, *x: _native.heat2d(*x, threads), parallel=True),
        chapel=chapel(in_chapel),
        numpy=serial(numpy),
        python=serial(python, prepare=lists),
        numba=compiled(numba),
    ),
    tolerance=lambda n: 8 * STEPS * 2.0**-53,
    why="8 roundings a step, and a step is a mean",
)
