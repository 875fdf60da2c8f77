"""Call a library written in Chapel, and compare it with ferrotran and with NumPy."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import ferrotran as ft
import numpy as np

HERE = Path(__file__).resolve().parent
STATUS = {1: "the shapes do not fit", 2: "r is not in [0, 1/4]", 3: "tasks is below 1"}


class ExternalArray(ctypes.Structure):
    """What Chapel takes for an array: the memory stays NumPy's, so nobody frees it here."""

    _fields_ = (
        ("elts", ctypes.c_void_p),
        ("num_elts", ctypes.c_uint64),
        ("freer", ctypes.c_void_p),
    )

    @classmethod
    def of(cls, x: np.ndarray) -> ExternalArray:
        """Show Chapel a contiguous array of float64."""
        if x.dtype != np.float64 or not x.flags.c_contiguous:
            raise TypeError(f"expected a contiguous array of float64, got {x.dtype}")
        return cls(x.ctypes.data, x.size, None)


def load(path: Path) -> ctypes.CDLL:
    """Start Chapel's run time, then the module; once in a process."""
    library = ctypes.CDLL(str(path))
    arguments = (ctypes.c_char_p * 2)(b"diffusion", None)
    library.chpl_library_init(ctypes.c_int(1), arguments)
    library.chpl__init_Diffusion(ctypes.c_int64(0), ctypes.c_int32(0))
    array, whole, real = ctypes.POINTER(ExternalArray), ctypes.c_int64, ctypes.c_double
    library.chapel_heat2d.argtypes = [whole, whole, array, real, whole, whole, array]
    library.chapel_heat2d.restype = ctypes.c_int32
    library.chapel_largest_difference.argtypes = [array, array, ctypes.POINTER(real)]
    library.chapel_largest_difference.restype = ctypes.c_int32
    return library


def check(status: int) -> None:
    """Raise what a status says."""
    if status:
        raise ValueError(STATUS[status])


def heat2d(library: ctypes.CDLL, u: np.ndarray, r: float, steps: int, tasks: int = 2) -> np.ndarray:
    """Return `u` after some steps of diffusion, the grid closed."""
    v, work = np.array(u, dtype=float), np.empty(u.shape)
    arrays = ExternalArray.of(v), ExternalArray.of(work)
    check(library.chapel_heat2d(*v.shape, arrays[0], r, steps, tasks, arrays[1]))
    return v


def largest_difference(library: ctypes.CDLL, a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest absolute difference."""
    largest = ctypes.c_double()
    check(library.chapel_largest_difference(ExternalArray.of(a), ExternalArray.of(b), largest))
    return largest.value


def main() -> None:
    """Heat a plate in Chapel and in ferrotran."""
    library = load(Path(os.environ.get("DIFFUSION_LIB", HERE / "lib")) / "libdiffusion.so")
    u = np.random.default_rng(1).random((120, 90))
    ours = ft.stencil.heat2d(u, 0.2, 1.0, 51, edges="neumann")
    for tasks in (1, 2, 3):
        chapel = heat2d(library, u, 0.2, 51, tasks)
        assert chapel.tobytes() == ours.tobytes(), f"{tasks} tasks: the bits differ"
    print(f"heat2d: {u.shape[0]} x {u.shape[1]} cells, 51 steps, the bits of ferrotran")

    change = largest_difference(library, u, ours)
    assert change == np.abs(u - ours).max()
    print(f"largest change: {change:.17g}, as NumPy has it")

    try:
        heat2d(library, u, 0.3, 1)
    except ValueError as error:
        print(f"r = 0.3: {error}")
    library.chpl_library_finalize()


if __name__ == "__main__":
    main()
