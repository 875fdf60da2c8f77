"""Curve fits against a loop over scipy.optimize.curve_fit.

.venv/bin/python benches/curve_fit.py --help

Gaussians of 64 points on [-5, 5], with noise 0.02: amplitudes U(0.5, 2), means U(-1.5, 1.5), widths
U(0.6, 1.6), offsets U(-0.2, 0.2), drawn in that order with seed 1; the start is (1, 0, 1, 0).
Times are per fit. A batch has COUNT fits, of which SciPy does the first FEW.
`cargo bench -p ferrotran-benches --bench curve_fit` compares the Rust face with the crate levenberg-marquardt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ferrotran as ft
import numba
import numpy as np
import scipy.optimize
from numba import types

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Case, largest_difference, main

COUNT, FEW = 10_000, 1000
X = np.linspace(-5, 5, 64)
START = np.array([1.0, 0.0, 1.0, 0.0])
# Both sides stop at a relative change of the sum of squares of 1.5e-8: parameters agree to about
# its root times the noise over the signal.
TOLERANCE = 1e-5


def data() -> np.ndarray:
    """Return COUNT noisy peaks."""
    rng = np.random.default_rng(1)
    ranges = [(0.5, 2.0), (-1.5, 1.5), (0.6, 1.6), (-0.2, 0.2)]
    parameters = [rng.uniform(low, high, (COUNT, 1)) for low, high in ranges]
    return gaussian(X, *parameters) + 0.02 * rng.standard_normal((COUNT, X.size))


def gaussian(x: Any, a: Any, m: Any, s: Any, c: Any) -> Any:
    return a * np.exp(-0.5 * ((x - m) / s) ** 2) + c


def jacobian(x: Any, a: Any, m: Any, s: Any, c: Any) -> Any:
    z = (x - m) / s
    e = np.exp(-0.5 * z * z)
    by_mean = a * e * z / s
    return np.stack([e, by_mean, by_mean * z, np.ones_like(x)], axis=1)


doubles = types.CPointer(types.float64)


@numba.cfunc(types.intc(types.voidptr, types.intp, types.intp, doubles, doubles, doubles, doubles))
def compiled(ctx, m, n, x, p, y, jac):
    rows = numba.carray(jac, (n, m))
    derivatives = rows.ctypes.data != 0
    for i in range(m):
        z = (x[i] - p[1]) / p[2]
        e = np.exp(-0.5 * z * z)
        y[i] = p[0] * e + p[3]
        if derivatives:
            by_mean = p[0] * e * z / p[2]
            rows[0, i], rows[1, i], rows[2, i], rows[3, i] = e, by_mean, by_mean * z, 1.0
    return 0


def loop(fit: Callable[..., Any], f: Any, y: np.ndarray, **options: Any) -> Callable[[], Any]:
    """Return a loop over single fits."""
    return lambda: np.array([fit(f, X, row, START, **options)[0] for row in y])


def exponentials(evaluations: float) -> Callable[[], Any]:
    """Return the floor: as many exponentials as the fits take, by NumPy in one thread."""
    x = np.linspace(-12.0, 0.0, 8000)  # fits the nearest caches
    y = np.empty_like(x)
    rounds = round(evaluations * COUNT * X.size / x.size)

    def floor() -> np.ndarray:
        for _ in range(rounds):
            np.exp(x, out=y)
        return y

    return floor


def first_rows(ours: np.ndarray, peer: np.ndarray) -> float:
    """Compare as many fits as the peer has done."""
    return largest_difference(ours[: len(peer)], peer)


def cases() -> Iterator[Case]:
    """Yield all cases."""
    y = data()
    scipy_fit = scipy.optimize.curve_fit
    common = {"tolerance": TOLERANCE, "unit": "fit"}
    scipy_loops = {
        "scipy curve_fit with its Jacobian": loop(scipy_fit, gaussian, y[:FEW], jac=jacobian),
        "scipy curve_fit": loop(scipy_fit, gaussian, y[:FEW]),
    }
    nfev = ft.optimize.curve_fit("gaussian", X, y, START, full_output=True)[2]["nfev"]
    batch = {"items": COUNT, "check": first_rows, "part": dict.fromkeys(scipy_loops, FEW / COUNT)}
    for threads in (None, 1):
        yield Case(
            "optimize.curve_fit, built-in model",
            workload=f"{COUNT} Gaussians of 64 points, one call",
            ours=lambda: ft.optimize.curve_fit("gaussian", X, y, START)[0],
            peers=scipy_loops if threads is None else dict(list(scipy_loops.items())[:1]),
            target={"scipy curve_fit with its Jacobian": 100.0} if threads is None else {},
            threads=threads,
            baselines={"floor: the exponentials, 1 thread": exponentials(nfev.mean())},
            **batch,
            **common,
        )
    yield Case(
        "optimize.curve_fit, compiled model",
        workload=f"{COUNT} Gaussians of 64 points, numba cfunc, one call",
        ours=lambda: ft.optimize.curve_fit(compiled, X, y, START)[0],
        peers={
            "scipy curve_fit with its Jacobian": scipy_loops["scipy curve_fit with its Jacobian"],
            "ferrotran, built-in model": lambda: ft.optimize.curve_fit("gaussian", X, y, START)[0],
        },
        **batch,
        **common,
    )
    few = y[:200]
    for kind, options in (("", {}), (" with its Jacobian", {"jac": jacobian})):
        yield Case(
            f"optimize.curve_fit, Python model{kind}",
            workload=f"{len(few)} Gaussians of 64 points, one call",
            ours=lambda options=options: ft.optimize.curve_fit(gaussian, X, few, START, **options)[
                0
            ],
            peers={f"scipy curve_fit{kind}": loop(scipy_fit, gaussian, few, **options)},
            items=len(few),
            **common,
        )
    yield Case(
        "optimize.curve_fit, one fit",
        workload="one Gaussian of 64 points, built-in model",
        ours=lambda: ft.optimize.curve_fit("gaussian", X, y[0], START)[0],
        peers={
            "scipy curve_fit with its Jacobian": lambda: scipy_fit(
                gaussian, X, y[0], START, jac=jacobian
            )[0],
        },
        **common,
    )


if __name__ == "__main__":
    main(cases)
