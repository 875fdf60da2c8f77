"""The three functions through cffi, API mode."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ._native import ffi, lib

Vector = npt.NDArray[np.float64]

# Index of the first element and strides, of dl, d, du, b and x.
_LAYOUT = ffi.new("ptrdiff_t[15]", [0, 0, 1] * 5)


def erf(x: float) -> float:
    """Return the error function of `x`."""
    y = ffi.new("double *")
    lib.ft_erf_f64(1, [x], y)
    return y[0]


def _vector(a: npt.ArrayLike) -> Vector:
    # A buffer has no type for cffi: float32 would be read as float64.
    return np.ascontiguousarray(a, dtype=np.float64)


def _reals(a: Vector) -> Any:
    return ffi.from_buffer("double[]", a)


def solve_tridiagonal(
    dl: npt.ArrayLike, d: npt.ArrayLike, du: npt.ArrayLike, b: npt.ArrayLike
) -> Vector:
    """Solve a tridiagonal system."""
    system = [_vector(a) for a in (dl, d, du, b)]
    n = len(system[1])
    if [a.shape for a in system] != [(n - 1,), (n,), (n - 1,), (n,)]:
        raise ValueError(f"shapes {[a.shape for a in system]} do not belong together")
    x, work = np.empty(n), np.empty(lib.ft_tridiag_work_f64(1, n))
    info, status = ffi.new("ptrdiff_t *"), ffi.new("int *")
    arrays = [_reals(a) for a in (*system, x, work)]
    lib.ft_tridiag_pivot_f64(1, n, _LAYOUT, *arrays, info, status)
    if status[0] == lib.FT_SINGULAR:
        raise np.linalg.LinAlgError(f"row {info[0]} has no pivot: the matrix is singular")
    return x


class _Call:
    """What the callback finds behind `ctx`."""

    def __init__(self, f: Callable[[float], float]) -> None:
        self.f = f
        self.error: BaseException | None = None


@ffi.def_extern()
def nodes(ctx: Any, n: int, x: Any, y: Any) -> int:
    """Call the Python function at each node; keep its exception."""
    call = ffi.from_handle(ctx)
    try:
        for i in range(n):
            y[i] = call.f(x[i])
    except BaseException as error:  # cffi would print it and go on
        call.error = error
        return 1
    return 0


def integrate(f: Callable[[float], float], a: float, b: float) -> tuple[float, float]:
    """Integrate `f` from `a` to `b`; return the integral and an estimate of its error."""
    call = _Call(f)
    ctx = ffi.new_handle(call)
    limit = 50
    value, error, status = ffi.new("double *"), ffi.new("double *"), ffi.new("int *")
    lib.ft_quad_f64(
        *[lib.nodes, ctx, a, b, 0, ffi.NULL, 1.5e-8, 1.5e-8, limit],
        *(ffi.new("double[]", limit) for _ in range(4)),
        *(ffi.new("ptrdiff_t[]", limit) for _ in range(3)),
        *[value, error, ffi.new("ptrdiff_t *"), ffi.new("ptrdiff_t *"), status],
    )
    if call.error is not None:
        raise call.error
    return value[0], error[0]
