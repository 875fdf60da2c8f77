"""Right-hand sides of the bench of `solve_ivp`, and the peers' loops over an ensemble.

The peers are numbalsoda (compiled Fortran and C behind numba) and CyRK (C++ behind numba). They are
optional: `make bench` installs them from requirements-bench.txt where it can, and what is missing
is left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import scipy.integrate
from numba import types
from numpy.typing import NDArray

try:
    import numbalsoda
except Exception:  # whatever a wheel for another machine raises
    numbalsoda = None
try:
    import CyRK
except Exception:
    CyRK = None

DOUBLES = types.CPointer(types.float64)
SCALAR = types.void(types.float64, DOUBLES, DOUBLES, DOUBLES)
LANES = types.intc(types.voidptr, types.intp, types.intp, DOUBLES, DOUBLES, DOUBLES, DOUBLES)
ONE_DOUBLE = np.zeros(1)


@numba.cfunc(SCALAR)
def lorenz(t: float, y: NDArray, dydt: NDArray, p: NDArray) -> None:
    """Lorenz 1963, with the parameters of the literature, as all functions here."""
    dydt[0] = 10.0 * (y[1] - y[0])
    dydt[1] = y[0] * (28.0 - y[2]) - y[1]
    dydt[2] = y[0] * y[1] - 8.0 / 3.0 * y[2]


@numba.cfunc(LANES)
def lorenz_lanes(ctx, m: int, n: int, t: NDArray, y: NDArray, dydt: NDArray, p: NDArray) -> int:
    """Do the same for m members at once."""
    for k in range(m):
        u, v, w = y[k], y[m + k], y[2 * m + k]
        dydt[k] = 10.0 * (v - u)
        dydt[m + k] = u * (28.0 - w) - v
        dydt[2 * m + k] = u * v - 8.0 / 3.0 * w
    return 0


def lorenz_python(t: float, y: NDArray) -> list[float]:
    """Do the same in Python."""
    u, v, w = y
    return [10.0 * (v - u), u * (28.0 - w) - v, u * v - 8.0 / 3.0 * w]


@numba.cfunc(SCALAR)
def robertson(t: float, y: NDArray, dydt: NDArray, p: NDArray) -> None:
    """Robertson 1966; p are the rates."""
    lost, gained, made = p[0] * y[0], p[2] * y[1] * y[2], p[1] * y[1] * y[1]
    dydt[0] = gained - lost
    dydt[1] = lost - gained - made
    dydt[2] = made


@numba.cfunc(LANES)
def robertson_lanes(ctx, m: int, n: int, t: NDArray, y: NDArray, dydt: NDArray, p: NDArray) -> int:
    """Do the same for m members at once."""
    for k in range(m):
        lost = p[k] * y[k]
        gained = p[2 * m + k] * y[m + k] * y[2 * m + k]
        made = p[m + k] * y[m + k] * y[m + k]
        dydt[k] = gained - lost
        dydt[m + k] = lost - gained - made
        dydt[2 * m + k] = made
    return 0


def numbalsoda_lorenz(y0: NDArray, t: NDArray, rtol: float, parallel: bool) -> Callable:
    """Return numbalsoda's dop853 over the rows of `y0`."""
    dop853, address = numbalsoda.dop853, lorenz.address

    @numba.njit(parallel=parallel)
    def loop(y0: NDArray, t: NDArray, rtol: float) -> NDArray:
        out = np.empty((len(y0), len(t), 3))
        for i in numba.prange(len(y0)):
            out[i], _ = dop853(address, y0[i], t, rtol=rtol, atol=rtol)
        return out

    return lambda: loop(y0, t, rtol).transpose(0, 2, 1)


def lorenz_floor(y0: NDArray, evaluations: int, parallel: bool) -> Callable:
    """Return the floor: as many evaluations of each member, 8 side by side, as Euler steps."""

    @numba.njit(parallel=parallel)
    def steps(y0: NDArray, evaluations: int) -> NDArray:
        out = np.empty_like(y0)
        for block in numba.prange(len(y0) // 8):
            y = y0[8 * block : 8 * block + 8].T.copy()
            for _ in range(evaluations):
                for k in range(8):
                    a, b, c = y[0, k], y[1, k], y[2, k]
                    y[0, k] += 1e-3 * (10.0 * (b - a))
                    y[1, k] += 1e-3 * (a * (28.0 - c) - b)
                    y[2, k] += 1e-3 * (a * b - 8 / 3 * c)
            out[8 * block : 8 * block + 8] = y.T
        return out

    return lambda: steps(y0, evaluations)


def numbalsoda_robertson(
    rates: NDArray, t: NDArray, rtol: float, atol: float, parallel: bool
) -> Callable:
    """Return numbalsoda's lsoda over the rows of `rates`; the last state of each."""
    lsoda, address = numbalsoda.lsoda, robertson.address

    @numba.njit(parallel=parallel)
    def loop(rates: NDArray, t: NDArray, rtol: float, atol: float) -> NDArray:
        out = np.empty((len(rates), 3))
        for i in numba.prange(len(rates)):
            start = np.array([1.0, 0.0, 0.0])
            states, _ = lsoda(address, start, t, rates[i], rtol=rtol, atol=atol, mxstep=100_000)
            out[i] = states[-1]
        return out

    return lambda: loop(rates, t, rtol, atol)


def cyrk_lorenz(y0: NDArray, t: NDArray, rtol: float) -> Callable:
    """Return CyRK's DOP853 over the rows of `y0`."""

    @CyRK.cyjit
    def derivative(dydt: NDArray, t: float, y: NDArray, args: NDArray) -> None:
        dydt[0] = 10.0 * (y[1] - y[0])
        dydt[1] = y[0] * (28.0 - y[2]) - y[1]
        dydt[2] = y[0] * y[1] - 8.0 / 3.0 * y[2]

    solve, address = CyRK.nbsolve2_ivp, derivative.address

    @numba.njit
    def loop(y0: NDArray, t: NDArray, rtol: float) -> NDArray:
        out = np.empty((len(y0), 3, len(t)))
        for i in range(len(y0)):
            found = solve(address, (t[0], t[-1]), y0[i], "DOP853", t, rtol=rtol, atol=rtol)
            out[i] = found.y
            found.free()
        return out

    return lambda: loop(y0, t, rtol)


def scipy_loop(fun: Callable, y0: NDArray, t: NDArray, **options: object) -> Callable:
    """Return SciPy's `solve_ivp` over the rows of `y0`."""
    span = (t[0], t[-1])
    return lambda: np.array(
        [scipy.integrate.solve_ivp(fun, span, row, t_eval=t, **options).y for row in y0]
    )
