"""`stencil.heat2d`: Fortran and C against NumPy slices, numba and plain Rust.

2000 x 2000 cells, 100 steps, u = 0 but for the 100 x 100 cells in the middle, which are 1; factor
k = D dt / h² = 0.2, the rim keeps its values. All peers allocate before the clock starts.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import ferrotran as ft
import numba
import numpy as np
from harness import EPS, Case, main
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
N, STEPS, K = 2000, 100, 0.2
# A step enlarges no error and adds less than 4 roundings of numbers below 2.
TOLERANCE = 8 * EPS * (STEPS + 1)


def start(dtype: type = np.float64) -> NDArray:
    """Return the grid before the first step."""
    u = np.zeros((N, N), dtype)
    u[N // 2 - 50 : N // 2 + 50, N // 2 - 50 : N // 2 + 50] = 1
    return u


def slices(u: NDArray, a: NDArray, b: NDArray, t: NDArray) -> NDArray:
    """Take the steps with NumPy, without a temporary array but `t`."""
    a[...] = u
    b[...] = u
    for _ in range(STEPS):
        inner = t[1:-1, 1:-1]
        np.add(a[:-2, 1:-1], a[2:, 1:-1], out=inner)
        inner += a[1:-1, :-2]
        inner += a[1:-1, 2:]
        inner *= K
        np.multiply(a[1:-1, 1:-1], 1 - 4 * K, out=b[1:-1, 1:-1])
        b[1:-1, 1:-1] += inner
        a, b = b, a
    return a


def plain_slices(u: NDArray) -> NDArray:
    """Take the steps as one would write them first."""
    u = u.copy()
    for _ in range(STEPS):
        sum_of_four = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        u[1:-1, 1:-1] += K * (sum_of_four - 4 * u[1:-1, 1:-1])
    return u


def with_numba(*, parallel: bool, fastmath: bool) -> Callable[..., NDArray]:
    """Compile the steps: rows over threads, the inner loop for LLVM to vectorise."""

    @numba.njit(parallel=parallel, fastmath=fastmath)
    def step(a: NDArray, b: NDArray, k: float) -> None:
        for i in numba.prange(1, a.shape[0] - 1):
            for j in range(1, a.shape[1] - 1):
                neighbours = (a[i - 1, j] + a[i + 1, j]) + (a[i, j - 1] + a[i, j + 1])
                b[i, j] = a[i, j] + k * (neighbours - 4 * a[i, j])

    @numba.njit
    def steps(u: NDArray, a: NDArray, b: NDArray, k: float, count: int) -> NDArray:
        a[...] = u
        b[...] = u
        for _ in range(count):
            step(a, b, k)
            a, b = b, a
        return a

    def run(u: NDArray, a: NDArray, b: NDArray) -> NDArray:
        return steps(u, a, b, u.dtype.type(K), STEPS)

    return run


class PlainRust:
    """The plain Rust loops of the demo, kept alive: a call takes the steps once.

    Its edges are insulated; in 100 steps nothing reaches them, so the result is the same.
    """

    def __init__(self, u: NDArray, folder: Path) -> None:
        """Build and start the program on a file that holds `u`."""
        build = ["cargo", "build", "--quiet", "--release", "-p", "ferrotran-example"]
        subprocess.run([*build, "--bin", "hillslope"], cwd=ROOT, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.shape, self.output = u.shape, folder / "out.f64"
        u.tofile(folder / "in.f64")
        numbers = map(str, (*u.shape, K, K, STEPS))
        command = [target / "release" / "hillslope", folder / "in.f64", self.output, *numbers]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.answer: NDArray | None = None

    def __call__(self) -> NDArray:
        """Return the result; only the first call writes and reads it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print("save" if self.answer is None else "run", file=self.process.stdin, flush=True)
        if not self.process.stdout.readline():
            raise RuntimeError("the Rust program ended early")
        if self.answer is None:
            self.answer = np.fromfile(self.output).reshape(self.shape)
        return self.answer


def heat(folder: Path) -> Iterator[Case]:
    """Yield the workload with all threads and with one."""
    u = start()
    out, other, a, b, t = (np.zeros_like(u) for _ in range(5))
    each = np.ones_like(u)
    rust = PlainRust(u, folder)
    common = {
        "workload": f"{N} x {N}, {STEPS} steps, f64, fixed rim, out=",
        "tolerance": TOLERANCE,
        "items": N * N * STEPS,
        "unit": "cell step",
    }

    def ours(language: str) -> NDArray:
        return ft.stencil.heat2d(u, K, 1.0, STEPS, language=language, out=out)

    def numba_peer(*, parallel: bool, fastmath: bool) -> Callable[[], NDArray]:
        run = with_numba(parallel=parallel, fastmath=fastmath)
        return lambda: run(u, a, b)

    yield Case(
        "stencil.heat2d",
        **common,
        who="ferrotran, Fortran",
        ours=lambda: ours("fortran"),
        peers={
            "ferrotran, C": lambda: ours("c"),
            "numba, parallel": numba_peer(parallel=True, fastmath=False),
            "numba, parallel, fastmath": numba_peer(parallel=True, fastmath=True),
            "NumPy slices, out=": lambda: slices(u, a, b, t),
            "NumPy slices": lambda: plain_slices(u),
        },
        target={
            "numba, parallel": 1.1,
            "numba, parallel, fastmath": 1.1,
            "NumPy slices, out=": 15.0,
            "NumPy slices": 15.0,
        },
    )
    yield Case(
        "stencil.heat2d, one thread",
        **common,
        threads=1,
        who="ferrotran, Fortran",
        ours=lambda: ours("fortran"),
        peers={
            "ferrotran, C": lambda: ours("c"),
            "plain Rust": rust,
            "numba": numba_peer(parallel=False, fastmath=False),
            "numba, fastmath": numba_peer(parallel=False, fastmath=True),
        },
    )
    yield Case(
        "stencil.heat2d, one diffusivity per cell",
        **common,
        who="ferrotran, Fortran",
        ours=lambda: ft.stencil.heat2d(u, each, K, STEPS, out=out),
        peers={
            "ferrotran, C": lambda: ft.stencil.heat2d(u, each, K, STEPS, language="c", out=other),
            "ferrotran, one number": lambda: ours("fortran"),
        },
    )
    single = start(np.float32)
    yield Case(
        "stencil.heat2d, single precision",
        **common | {"workload": f"{N} x {N}, {STEPS} steps, f32, fixed rim", "tolerance": 1e-5},
        who="ferrotran, Fortran, f32",
        ours=lambda: ft.stencil.heat2d(single, K, 1.0, STEPS),
        peers={"ferrotran, Fortran, f64": lambda: ours("fortran")},
    )


def cases() -> Iterator[Case]:
    """Yield every case."""
    with tempfile.TemporaryDirectory() as folder:
        yield from heat(Path(folder))


if __name__ == "__main__":
    main(cases)
