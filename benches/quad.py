"""`integrate.quad` and `quad_batch` against SciPy, with Python and compiled integrands.

The sweeps are tests 3 and 1 of the QUADPACK book. The scalar integrand is a numba cfunc, used by
both sides; the vectorised one is C, compiled here with libmvec. SciPy's `LowLevelCallable` is made
once and used again.
"""

from __future__ import annotations

import ctypes
import math
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import ferrotran as ft
import numba
import numpy as np
import scipy.integrate
import scipy.special
from harness import Case, main
from numpy.typing import NDArray

COUNT = 10_000
OPTIONS = {"epsabs": 0.0, "epsrel": 1e-8, "limit": 200}
SOURCE = """
#include <math.h>
#include <stddef.h>

int oscillation(void *ctx, ptrdiff_t n, const double *x, double *y) {
    const double p = *(const double *)ctx;
    for (ptrdiff_t i = 0; i < n; i++) y[i] = cos(p * sin(x[i]));
    return 0;
}

/* The integrand alone: as many evaluations as a sweep makes, on one thread. */
double integrand(double (*f)(int, double *), ptrdiff_t count, const double *p, const long *neval) {
    double sum = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        for (long k = 0; k < neval[i]; k++) {
            double xx[2] = {3.141592653589793 * (double)k / (double)neval[i], p[i]};
            sum += f(2, xx);
        }
    return sum;
}
"""


@numba.cfunc("float64(intc, CPointer(float64))")
def oscillation(n: int, xx: NDArray) -> float:
    """Return the integrand of test 3."""
    return math.cos(xx[1] * math.sin(xx[0]))


@numba.cfunc("float64(intc, CPointer(float64))")
def singular(n: int, xx: NDArray) -> float:
    """Return the integrand of test 1."""
    return xx[0] ** xx[1] * math.log(1 / xx[0])


@numba.cfunc("float64(float64)")
def square(x: float) -> float:
    """Return x squared."""
    return x * x


def library() -> ctypes.CDLL:
    """Compile the vectorised integrand for this machine."""
    folder = Path(tempfile.mkdtemp())
    (folder / "f.c").write_text(SOURCE)
    flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    command = [os.environ.get("CC", "cc"), *flags, "-o", folder / "f.so", folder / "f.c", "-lm"]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(folder / "f.so"))
    doubles = ctypes.POINTER(ctypes.c_double)
    loaded.oscillation.restype = ctypes.c_int
    loaded.oscillation.argtypes = (ctypes.c_void_p, ctypes.c_ssize_t, doubles, doubles)
    loaded.integrand.restype = ctypes.c_double
    loaded.integrand.argtypes = (
        ctypes.c_void_p,
        ctypes.c_ssize_t,
        ctypes.c_void_p,
        ctypes.c_void_p,
    )
    return loaded


def loop(quad: Callable, f: object, b: float, p: NDArray) -> Callable[[], NDArray]:
    """Return a loop of `quad` over the parameters."""
    return lambda: np.array([quad(f, 0.0, b, args=(q,), **OPTIONS)[0] for q in p])


def against(exact: NDArray) -> Callable[[NDArray, NDArray], float]:
    """Compare both answers with the closed form; errors are in units of 1e-8 of the largest."""
    scale = 1e-8 * np.abs(exact).max()
    return lambda a, b: float(max(np.abs(a - exact).max(), np.abs(b - exact).max()) / scale)


def oscillations() -> Iterator[Case]:
    """Yield the sweep that the targets are about: 1361 evaluations on average."""
    p = 2.0 ** np.linspace(0, 10, COUNT)
    check = against(np.pi * scipy.special.j0(p))
    scipy_loop = loop(scipy.integrate.quad, scipy.LowLevelCallable(oscillation.ctypes), np.pi, p)
    compiled = library()
    neval = ft.integrate.quad_batch(oscillation, 0, np.pi, args=(p,), **OPTIONS).neval
    neval = neval.astype(np.int_)

    def batch(f: object) -> Callable[[], NDArray]:
        return lambda: ft.integrate.quad_batch(f, 0, np.pi, args=(p,), **OPTIONS).value

    def alone() -> float:
        return compiled.integrand(oscillation.address, p.size, p.ctypes.data, neval.ctypes.data)

    common = {"check": check, "tolerance": 1.0, "items": COUNT, "unit": "integral"}
    sweep = f"cos(p sin x) on [0, pi], {COUNT} p from 1 to 1024, epsrel 1e-8"
    peer = "scipy quad, LowLevelCallable, loop"
    for threads in (None, 1):
        yield Case(
            "integrate.quad_batch, scalar integrand",
            workload=sweep,
            ours=batch(oscillation),
            peers={peer: scipy_loop},
            baselines={"the scalar integrand alone, 1 thread": alone},
            target={} if threads else {peer: 4.0},
            threads=threads,
            **common,
        )
        yield Case(
            "integrate.quad_batch, vectorised integrand",
            workload=sweep,
            ours=batch(compiled.oscillation),
            peers={peer: scipy_loop},
            target={} if threads else {peer: 10.0},
            threads=threads,
            **common,
        )


def singularities() -> Iterator[Case]:
    """Yield the sweep over the strength of a singularity: 250 evaluations on average."""
    p = np.linspace(-0.9, 2.6, COUNT)
    low = scipy.LowLevelCallable(singular.ctypes)

    def check(a: NDArray, b: NDArray) -> float:
        # Relative errors in units of 1e-8. At one p QAGS, ours and SciPy's, gives up with 77.
        exact = 1 / (1 + p[:: p.size // a.size]) ** 2
        return float(max(np.abs(a / exact - 1).max(), np.abs(b / exact - 1).max()) / 1e-8)

    common = {"check": check, "tolerance": 80.0, "unit": "integral"}
    yield Case(
        "integrate.quad_batch, scalar integrand",
        workload=f"x**p log(1/x) on [0, 1], {COUNT} p from -0.9 to 2.6, epsrel 1e-8",
        ours=lambda: ft.integrate.quad_batch(singular, 0, 1, args=(p,), **OPTIONS).value,
        peers={
            "scipy quad, LowLevelCallable, loop": loop(scipy.integrate.quad, low, 1.0, p),
            "scipy tanhsinh, vectorised": lambda: (
                scipy.integrate.tanhsinh(
                    lambda x, q: x**q * np.log(1 / x), 0, 1, args=(p,), rtol=1e-8
                ).integral
            ),
        },
        items=COUNT,
        **common,
    )
    few = p[::50]
    yield Case(
        "integrate.quad, Python integrand",
        workload=f"x**p log(1/x) on [0, 1], {few.size} p, loop",
        ours=loop(ft.integrate.quad, lambda x, q: x**q * math.log(1 / x), 1.0, few),
        peers={
            "scipy quad": loop(scipy.integrate.quad, lambda x, q: x**q * math.log(1 / x), 1.0, few),
        },
        items=few.size,
        **common,
    )


def calls() -> Iterator[Case]:
    """Yield single calls: 21 evaluations of x*x, so all is overhead."""
    low = scipy.LowLevelCallable(square.ctypes)
    for kind, f in (("LowLevelCallable", low), ("lambda", lambda x: x * x)):
        yield Case(
            f"integrate.quad, one call, {kind}",
            workload="x*x on [0, 1], 21 evaluations",
            ours=lambda f=f: ft.integrate.quad(f, 0.0, 1.0)[0],
            peers={"scipy quad": lambda f=f: scipy.integrate.quad(f, 0.0, 1.0)[0]},
            tolerance=1e-14,
            target={"scipy quad": 1.0},
        )


def cases() -> Iterator[Case]:
    """Yield all cases."""
    # Both sides reach the limit for some of the fastest oscillations; the answers are checked.
    warnings.simplefilter("ignore", ft.integrate.IntegrationWarning)
    warnings.simplefilter("ignore", scipy.integrate.IntegrationWarning)
    yield from oscillations()
    yield from singularities()
    yield from calls()


if __name__ == "__main__":
    main(cases)
