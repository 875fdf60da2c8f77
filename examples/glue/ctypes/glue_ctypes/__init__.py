"""The three functions through ctypes."""

import ctypes as ct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

_reals = np.ctypeslib.ndpointer(np.float64, ndim=1, flags="C_CONTIGUOUS")
_sizes = np.ctypeslib.ndpointer(np.intp, ndim=1, flags="C_CONTIGUOUS")
_size, _real = ct.c_ssize_t, ct.c_double
_size_p, _real_p, _int_p = ct.POINTER(_size), ct.POINTER(_real), ct.POINTER(ct.c_int)
_nodes = ct.CFUNCTYPE(ct.c_int, ct.c_void_p, _size, _real_p, _real_p)

_lib = ct.CDLL(str(Path(__file__).with_name("libglue.so")))
_lib.ft_erf_f64.argtypes = [_size, _real_p, _real_p]
_lib.ft_erf_f64.restype = None
_lib.ft_tridiag_work_f64.argtypes = [_size, _size]
_lib.ft_tridiag_work_f64.restype = _size
_lib.ft_tridiag_pivot_f64.argtypes = [
    *[_size, _size, _sizes, _reals, _reals, _reals, _reals, _reals, _reals, _size_p, _int_p]
]
_lib.ft_tridiag_pivot_f64.restype = None
_lib.ft_quad_f64.argtypes = [
    *[_nodes, ct.c_void_p, _real, _real, _size, _real_p, _real, _real, _size],
    *[_reals, _reals, _reals, _reals, _sizes, _sizes, _sizes],
    *[_real_p, _real_p, _size_p, _size_p, _int_p],
]
_lib.ft_quad_f64.restype = None

# Index of the first element and strides, of dl, d, du, b and x.
_LAYOUT = np.tile(np.array([0, 0, 1], np.intp), 5)
_SINGULAR, _STOPPED = 1, 2


def erf(x: float) -> float:
    """Return the error function of `x`."""
    y = _real()
    _lib.ft_erf_f64(1, ct.byref(_real(x)), ct.byref(y))
    return y.value


def solve_tridiagonal(dl: Vector, d: Vector, du: Vector, b: Vector) -> Vector:
    """Solve a tridiagonal system."""
    n = len(d)
    if not len(dl) + 1 == n == len(du) + 1 == len(b):
        raise ValueError(f"lengths {len(dl)}, {n}, {len(du)}, {len(b)} do not belong together")
    x, work = np.empty(n), np.empty(_lib.ft_tridiag_work_f64(1, n))
    info, status = _size(), ct.c_int()
    _lib.ft_tridiag_pivot_f64(1, n, _LAYOUT, dl, d, du, b, x, work, info, status)
    if status.value == _SINGULAR:
        raise np.linalg.LinAlgError(f"row {info.value} has no pivot: the matrix is singular")
    return x


def integrate(f: Callable[[float], float], a: float, b: float) -> tuple[float, float]:
    """Integrate `f` from `a` to `b`; return the integral and an estimate of its error."""
    raised: list[BaseException] = []

    def nodes(_: int | None, n: int, x: Any, y: Any) -> int:
        try:
            for i in range(n):
                y[i] = f(x[i])
        except BaseException as error:  # ctypes would print it and go on
            raised.append(error)
            return 1
        return 0

    limit = 50
    value, error, neval, last, status = _real(), _real(), _size(), _size(), ct.c_int()
    _lib.ft_quad_f64(
        *[_nodes(nodes), None, a, b, 0, None, 1.5e-8, 1.5e-8, limit],
        *(np.empty(limit) for _ in range(4)),
        *(np.empty(limit, np.intp) for _ in range(3)),
        *[value, error, neval, last, status],
    )
    if status.value == _STOPPED:
        raise raised[0]
    return value.value, error.value
