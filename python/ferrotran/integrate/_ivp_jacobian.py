"""Jacobians of initial value problems as the compiled half takes them: real and contiguous.

A complex component is two real ones, real and imaginary part side by side. For a right-hand side
that is complex-differentiable the derivative a + ib becomes the block [[a, -b], [b, a]].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def dense(matrix: Any) -> Any:
    """Return a sparse matrix as an array, and anything else as it is."""
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def bands_of(pattern: NDArray[Any]) -> tuple[int, int]:
    """Return the numbers of sub- and superdiagonals that hold everything but zeros."""
    rows, columns = np.nonzero(pattern)
    if rows.size == 0:
        return 0, 0
    return max(int((rows - columns).max()), 0), max(int((columns - rows).max()), 0)


def packed(full: NDArray[Any], lband: int, uband: int) -> NDArray[Any]:
    """Return the diagonals as rows: ``out[i - j + uband, j] = full[i, j]``."""
    n = full.shape[0]
    out = np.zeros((lband + uband + 1, n), full.dtype)
    for k in range(-min(lband, n - 1), min(uband, n - 1) + 1):
        diagonal = np.diagonal(full, k)
        start = max(k, 0)
        out[uband - k, start : start + diagonal.size] = diagonal
    return out


def unpacked(rows: NDArray[Any], lband: int, uband: int) -> NDArray[Any]:
    """Return the full matrix of which `packed` gives the rows."""
    n = rows.shape[1]
    out = np.zeros((n, n), rows.dtype)
    for k in range(-min(lband, n - 1), min(uband, n - 1) + 1):
        i = np.arange(max(-k, 0), n - max(k, 0))
        out[i, i + k] = rows[uband - k, i + k]
    return out


def real_form(full: NDArray[Any]) -> NDArray[np.float64]:
    """Return the real matrix that does to pairs what the complex one does to numbers."""
    out = np.empty((2 * full.shape[0], 2 * full.shape[1]))
    out[0::2, 0::2] = out[1::2, 1::2] = full.real
    out[1::2, 0::2] = full.imag
    out[0::2, 1::2] = -full.imag
    return out


class Jacobian:
    """A matrix or a function of the user's, to be called as ``jacobian(t, y, *args)``."""

    def __init__(self, given: Any, n: int, bands: tuple[int, int] | None, is_complex: bool) -> None:
        self.n, self.bands, self.is_complex = n, bands, is_complex
        self.function = given if callable(given) else None
        self.constant = None if callable(given) else self.converted(given)

    @classmethod
    def read(
        cls, options: dict[str, Any], given: Any, n: int, is_complex: bool
    ) -> tuple[Jacobian | None, tuple[int, int] | None]:
        """Return the Jacobian `given` in Python, and the bands of the real one."""
        bands = []
        for name in ("lband", "uband"):
            band = options.get(name)
            if band is not None and not 0 <= band < max(n, 1):
                raise ValueError(f"`{name}` is {band}, expected 0 to {max(n, 1) - 1}")
            bands.append(None if band is None else int(band))
        pair = None if bands == [None, None] else (bands[0] or 0, bands[1] or 0)
        pattern = options.get("jac_sparsity")
        if pattern is not None and options.get("jac") is None and pair is None:
            pattern = np.asarray(dense(pattern))
            if pattern.shape != (n, n):
                raise ValueError(f"`jac_sparsity` has shape {pattern.shape}, expected {(n, n)}")
            pair = bands_of(pattern)
        jac = None if given is None else cls(given, n, pair, is_complex)
        if pair is not None and is_complex:
            pair = (2 * pair[0] + 1, 2 * pair[1] + 1)
        return jac, pair

    def __call__(self, t: float, y: NDArray[Any], *args: Any) -> NDArray[np.float64]:
        """Return the Jacobian at a point."""
        if self.constant is not None:
            return self.constant
        assert self.function is not None
        return self.converted(self.function(t, y, *args))

    def converted(self, given: Any) -> NDArray[np.float64]:
        """Check the shape; return the full real matrix, or its packed band."""
        sparse = hasattr(given, "toarray")
        array = np.asarray(dense(given))
        if not self.is_complex and np.iscomplexobj(array):
            raise TypeError("`jac` is complex, expected a real matrix; make `y0` complex")
        array = array.astype(complex if self.is_complex else float, copy=False)
        n = self.n
        if self.bands is None:
            if n == 1 and array.size == 1:
                array = array.reshape(1, 1)
            if array.shape != (n, n):
                raise ValueError(
                    f"`jac` is expected to have shape {(n, n)}, but actually has {array.shape}."
                )
            full = real_form(array) if self.is_complex else array
            return np.ascontiguousarray(full, dtype=float)
        lband, uband = self.bands
        shape = (n, n) if sparse else (lband + uband + 1, n)
        if array.shape != shape:
            raise ValueError(
                f"`jac` is expected to have shape {shape}, its band packed as "
                f"jac[i - j + uband, j], but actually has {array.shape}."
            )
        if not self.is_complex:
            rows = packed(array, lband, uband) if sparse else array
            return np.ascontiguousarray(rows, dtype=float)
        full = array if sparse else unpacked(array, lband, uband)
        return packed(real_form(full), 2 * lband + 1, 2 * uband + 1)
