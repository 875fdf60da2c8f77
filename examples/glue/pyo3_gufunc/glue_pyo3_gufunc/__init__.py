"""The three functions as a ufunc, a gufunc and a function of a Rust extension."""

import numpy as np
import numpy.typing as npt

from . import _native
from ._native import erf, integrate

__all__ = ["erf", "integrate", "solve_tridiagonal"]


def _singular(kind: str, flag: int) -> None:
    raise np.linalg.LinAlgError("the matrix is singular")


def solve_tridiagonal(
    dl: npt.ArrayLike, d: npt.ArrayLike, du: npt.ArrayLike, b: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Solve tridiagonal systems; all arguments broadcast."""
    with np.errstate(invalid="call", call=_singular):
        return _native.solve_tridiagonal(dl, d, du, b)
