"""The four workloads of the demo, ferrotran beside its peers."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import ferrotran as ft
import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.special
from harness import EPS, Case, largest_relative_difference
from numpy.typing import NDArray
from terrain import DIFFUSIVITY, STEP, Terrain, numpy_diffuse

Answer = Callable[[], NDArray[np.float64]]
THREADS = ft.get_num_threads()


class RustProgram:
    """The plain Rust program, kept alive; a call makes it compute the whole run once."""

    def __init__(self, program: Path, terrain: Terrain, folder: Path) -> None:
        self.output = folder / "rust.f64"
        self.shape = terrain.elevation.shape
        source = folder / "terrain.f64"
        terrain.elevation.tofile(source)
        ry, rx = (repr(DIFFUSIVITY * STEP / h**2) for h in (terrain.dy, terrain.dx))
        command = [program, source, self.output, *map(str, self.shape), ry, rx, str(terrain.steps)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.answer: NDArray[np.float64] | None = None

    def __call__(self) -> NDArray[np.float64]:
        """Return the result; only the first call writes and reads it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("run\n" if self.answer is not None else "save\n")
        self.process.stdin.flush()
        if not self.process.stdout.readline():
            sys.exit("the Rust program ended early")
        if self.answer is None:
            self.answer = np.fromfile(self.output).reshape(self.shape)
        return self.answer


def heat_case(terrain: Terrain, program: Path, folder: Path) -> tuple[Case, Answer]:
    """Return hillslope diffusion in four languages, and the answer for the picture."""

    def ours(language: str) -> NDArray[np.float64]:
        return ft.stencil.heat2d(
            terrain.elevation,
            DIFFUSIVITY,
            STEP,
            terrain.steps,
            dx=terrain.dx,
            dy=terrain.dy,
            edges="neumann",
            language=language,
        )

    def alone() -> NDArray[np.float64]:
        with ft.threads(1):
            return ours("fortran")

    rows, columns = terrain.elevation.shape
    case = Case(
        "stencil.heat2d",
        workload=f"hillslope, {rows} x {columns} cells of {terrain.dy:.1f} m x {terrain.dx:.1f} m, "
        f"{terrain.steps} steps of {STEP:g} kyr, D = {DIFFUSIVITY:g} m²/kyr, closed edges",
        ours=lambda: ours("fortran"),
        who=f"ferrotran Fortran ×{THREADS}",
        peers={
            f"ferrotran C ×{THREADS}": lambda: ours("c"),
            "ferrotran Fortran ×1": alone,
            "plain Rust ×1": RustProgram(program, terrain, folder),
            "NumPy ×1": lambda: numpy_diffuse(terrain, terrain.steps),
        },
        check=lambda a, b: float(np.abs(a - b).max()),  # metres
        tolerance=terrain.tolerance,
    )
    return case, lambda: ours("fortran")


def tridiagonal_case() -> Case:
    """Return a batch of tridiagonal systems."""
    batch, n = 10_000, 100
    rng = np.random.default_rng(2)
    dl, du = rng.uniform(-1, 1, (2, batch, n - 1))
    d = rng.uniform(4, 6, (batch, n))
    b = rng.uniform(-1, 1, (batch, n))
    bands = np.zeros((batch, 3, n))
    bands[:, 0, 1:], bands[:, 1], bands[:, 2, :-1] = du, d, dl

    def banded() -> NDArray[np.float64]:
        return scipy.linalg.solve_banded((1, 1), bands, b[..., None], check_finite=False)[..., 0]

    def dgtsv() -> NDArray[np.float64]:
        solve = scipy.linalg.lapack.dgtsv
        return np.stack([solve(dl[i], d[i], du[i], b[i])[3] for i in range(batch)])

    return Case(
        "linalg.solve_tridiagonal",
        workload=f"{batch} systems of {n} unknowns, with pivoting",
        ours=lambda: ft.linalg.solve_tridiagonal(dl, d, du, b),
        who=f"ferrotran ×{THREADS}",
        peers={"SciPy solve_banded ×1": banded, "SciPy dgtsv loop ×1": dgtsv},
        # Backward error 4 n eps each; the condition number is at most (6 + 2) / (4 - 2).
        tolerance=2 * 4 * n * EPS * 4,
    )


def special_case() -> Case:
    """Return the error function over a million points."""
    x = np.random.default_rng(3).uniform(-4, 4, 1_000_000)
    out = np.empty_like(x)
    return Case(
        "special.erf",
        workload="1 000 000 points in (-4, 4), out=",
        ours=lambda: ft.special.erf(x, out=out),
        who=f"ferrotran ×{THREADS}",
        peers={"SciPy ×1": lambda: scipy.special.erf(x, out=np.empty_like(x))},
        check=largest_relative_difference,
        tolerance=4 * EPS,  # 2 ulp each
    )


def _integrand() -> ctypes.CDLL:
    """Compile `integrand.c` for this machine, as a user would his own."""
    source = Path(__file__).with_name("integrand.c")
    library = Path(__file__).resolve().parents[2] / "build" / "demo" / "integrand.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-O3", "-ffast-math", "-march=native", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", library, source, "-lm"], check=True)
    functions = ctypes.CDLL(str(library))
    double_p = ctypes.POINTER(ctypes.c_double)
    functions.one_node.restype = ctypes.c_double
    functions.one_node.argtypes = (ctypes.c_int, double_p)
    functions.all_nodes.restype = ctypes.c_int
    functions.all_nodes.argtypes = (ctypes.c_void_p, ctypes.c_ssize_t, double_p, double_p)
    return functions


def quad_case() -> Case:
    """Return a sweep of integrals over a parameter, with a compiled integrand."""
    p = 2.0 ** np.linspace(0, 10, 2_000)
    exact = np.pi * scipy.special.j0(p)
    compiled = _integrand()
    callable_ = scipy.LowLevelCallable(compiled.one_node)
    options = {"epsabs": 1e-10, "epsrel": 1e-10, "limit": 500}

    def ours(function: ctypes._CFuncPtr) -> NDArray[np.float64]:
        return ft.integrate.quad_batch(function, 0.0, np.pi, args=(p,), **options).value

    def loop() -> NDArray[np.float64]:
        quad = scipy.integrate.quad
        return np.array([quad(callable_, 0.0, np.pi, args=(q,), **options)[0] for q in p])

    return Case(
        "integrate.quad_batch",
        workload=f"{p.size} integrals of cos(p sin t) over [0, pi], p from 1 to 1024, 1e-10",
        ours=lambda: ours(compiled.all_nodes),
        who=f"ferrotran, C by nodes ×{THREADS}",
        peers={
            f"ferrotran, scalar C ×{THREADS}": lambda: ours(compiled.one_node),
            "SciPy, scalar C ×1": loop,
        },
        check=lambda a, b: float(max(np.abs(a - exact).max(), np.abs(b - exact).max())),
        tolerance=1e-10,  # asked of each quadrature; both are compared with pi J0(p)
    )
