"""`linalg.solve_tridiagonal`: batches against SciPy, numba and a plain copy.

Diagonals `dl`, `du` and right-hand sides are normal, the main diagonal is 4 + U(0, 1): elimination
with pivoting exchanges some rows, and without is stable enough to compare.
"""

from __future__ import annotations

from collections.abc import Iterator

import ferrotran as ft
import numba
import numpy as np
from harness import EPS, Case, main
from numpy.typing import NDArray
from scipy.linalg import lapack, solve_banded

BATCH, N = 10_000, 100
# The condition number of these matrices is below 100; each side's backward error below 4 n eps.
TOLERANCE = 8 * N * EPS * 100


def systems(batch: int, n: int, dtype: type = np.float64) -> list[NDArray]:
    """Return `dl, d, du, b`."""
    rng = np.random.default_rng(2)
    dl, du = (rng.standard_normal((batch, n - 1)) for _ in range(2))
    d = 4 + rng.uniform(size=(batch, n))
    return [a.astype(dtype) for a in (dl, d, du, rng.standard_normal((batch, n)))]


@numba.njit(parallel=True)
def thomas(dl: NDArray, d: NDArray, du: NDArray, b: NDArray) -> NDArray:
    """Solve a batch without pivoting, one system after the other on each thread."""
    batch, n = d.shape
    x = np.empty_like(b)
    for k in numba.prange(batch):
        c = np.empty(n)
        pivot = d[k, 0]
        x[k, 0] = b[k, 0] / pivot
        for i in range(1, n):
            c[i - 1] = du[k, i - 1] / pivot
            pivot = d[k, i] - dl[k, i - 1] * c[i - 1]
            x[k, i] = (b[k, i] - dl[k, i - 1] * x[k, i - 1]) / pivot
        for i in range(n - 2, -1, -1):
            x[k, i] -= c[i] * x[k, i + 1]
    return x


def copies(parts: list[NDArray]) -> tuple[NDArray, NDArray]:
    """Return two arrays that together have the bytes of the four operands and the solution."""
    size = (sum(a.size for a in parts) + parts[1].size) // 2
    return np.empty(size, parts[1].dtype), np.ones(size, parts[1].dtype)


def batch_cases() -> Iterator[Case]:
    """Yield the batch that the targets are about."""
    parts = dl, d, du, b = systems(BATCH, N)
    out = np.empty_like(b)
    banded = np.zeros((BATCH, 3, N))
    banded[:, 0, 1:], banded[:, 1], banded[:, 2, :-1] = du, d, dl
    loop = np.empty_like(b)
    to, source = copies(parts)

    def gtsv() -> NDArray:
        for k in range(BATCH):
            loop[k] = lapack.dgtsv(dl[k], d[k], du[k], b[k])[3]
        return loop

    batch = {"workload": f"{BATCH} systems, n = {N}, f64, C order, out=", "items": BATCH}
    for threads in (None, 1):
        yield Case(
            "linalg.solve_tridiagonal",
            **batch,
            ours=lambda: ft.linalg.solve_tridiagonal(dl, d, du, b, out=out),
            peers={
                "scipy solve_banded, batch": lambda: solve_banded(
                    (1, 1), banded, b[..., None], check_finite=False
                )[..., 0],
                "scipy lapack.dgtsv, loop": gtsv,
            },
            baselines={"np.copyto, same bytes": lambda: np.copyto(to, source)},
            target={"scipy solve_banded, batch": 30, "scipy lapack.dgtsv, loop": 8}
            if threads is None
            else {},
            tolerance=TOLERANCE,
            unit="system",
            threads=threads,
        )
    yield Case(
        "linalg.solve_tridiagonal_dominant",
        **batch,
        ours=lambda: ft.linalg.solve_tridiagonal_dominant(dl, d, du, b, out=out),
        peers={"numba, prange": lambda: thomas(dl, d, du, b)},
        baselines={"np.copyto, same bytes": lambda: np.copyto(to, source)},
        tolerance=TOLERANCE,
        unit="system",
    )
    f_parts = [np.asfortranarray(a) for a in parts]
    f_out = np.asfortranarray(out)
    yield Case(
        "linalg.solve_tridiagonal, Fortran order",
        workload=f"{BATCH} systems, n = {N}, f64, out=",
        ours=lambda: ft.linalg.solve_tridiagonal(*f_parts, out=f_out),
        peers={"scipy lapack.dgtsv, loop": gtsv},
        baselines={"np.copyto, same bytes": lambda: np.copyto(to, source)},
        tolerance=TOLERANCE,
        items=BATCH,
        unit="system",
    )


def single_cases() -> Iterator[Case]:
    """Yield single precision, and one system."""
    parts = systems(BATCH, N, np.float32)
    out = np.empty_like(parts[3])
    loop = np.empty_like(out)
    to, source = copies(parts)

    def gtsv() -> NDArray:
        dl, d, du, b = parts
        for k in range(BATCH):
            loop[k] = lapack.sgtsv(dl[k], d[k], du[k], b[k])[3]
        return loop

    yield Case(
        "linalg.solve_tridiagonal, f32",
        workload=f"{BATCH} systems, n = {N}, C order, out=",
        ours=lambda: ft.linalg.solve_tridiagonal(*parts, out=out),
        peers={"scipy lapack.sgtsv, loop": gtsv},
        baselines={"np.copyto, same bytes": lambda: np.copyto(to, source)},
        tolerance=TOLERANCE * 2.0**29,
        items=BATCH,
        unit="system",
    )
    for n in (10, N, 1_000_000):
        dl, d, du, b = (a[0] for a in systems(1, n))
        yield Case(
            "linalg.solve_tridiagonal, one system",
            workload=f"n = {n}, f64",
            ours=lambda s=(dl, d, du, b): ft.linalg.solve_tridiagonal(*s),
            peers={"scipy lapack.dgtsv": lambda s=(dl, d, du, b): lapack.dgtsv(*s)[3]},
            tolerance=max(n, N) / N * TOLERANCE,
        )


def cases() -> Iterator[Case]:
    """Yield every case."""
    yield from batch_cases()
    yield from single_cases()


if __name__ == "__main__":
    main(cases)
