"""The three functions through f2py."""

import numpy as np
import numpy.typing as npt

from ._native import erf, integrate, solve

__all__ = ["erf", "integrate", "solve_tridiagonal"]


def solve_tridiagonal(
    dl: npt.ArrayLike, d: npt.ArrayLike, du: npt.ArrayLike, b: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Solve a tridiagonal system."""
    x, row = solve(dl, d, du, b)
    if row:
        raise np.linalg.LinAlgError(f"row {row} has no pivot: the matrix is singular")
    return x
