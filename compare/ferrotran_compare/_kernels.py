"""All kernels, by name."""

from __future__ import annotations

from ferrotran_compare import (
    collatz,
    fannkuch,
    heat2d,
    mandelbrot,
    nbody,
    neumaier,
    spectral_norm,
    triad,
    tridiagonal,
)
from ferrotran_compare._registry import Kernel

_modules = (
    nbody,
    spectral_norm,
    mandelbrot,
    fannkuch,
    heat2d,
    tridiagonal,
    neumaier,
    triad,
    collatz,
)

kernels: dict[str, Kernel] = {module.KERNEL.name: module.KERNEL for module in _modules}
