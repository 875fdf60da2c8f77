"""Classic Fortran and C numerics: safe, thread-safe, parallel.

Modules
-------
integrate
    Numerical integration.
linalg
    Linear algebra, in batches.
optimize
    Least squares and curve fitting.
scale
    Kernels over arrays larger than memory, on several machines.
special
    Special functions, as ufuncs.
stencil
    Updates of grids from their neighbours.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from ferrotran import integrate, linalg, optimize, special, stencil
from ferrotran._config import show_config
from ferrotran._ferrotran import __version__, get_num_threads, set_num_threads
from ferrotran._progress import BatchInterrupted
from ferrotran._threads import threads

if TYPE_CHECKING:
    from ferrotran import scale

__all__ = [
    "BatchInterrupted",
    "__version__",
    "get_num_threads",
    "integrate",
    "linalg",
    "optimize",
    "scale",
    "set_num_threads",
    "show_config",
    "special",
    "stencil",
    "threads",
]


def __getattr__(name: str) -> ModuleType:
    # `scale` is imported when it is first used.
    if name == "scale":
        return import_module("ferrotran.scale")
    raise AttributeError(f"module 'ferrotran' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
