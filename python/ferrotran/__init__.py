"""Classic Fortran and C numerics: safe, thread-safe, parallel.

Modules
-------
integrate
    Numerical integration.
linalg
    Linear algebra, in batches.
optimize
    Least squares and curve fitting.
special
    Special functions, as ufuncs.
stencil
    Updates of grids from their neighbours.
"""

from ferrotran import integrate, linalg, optimize, special, stencil
from ferrotran._config import show_config
from ferrotran._ferrotran import __version__, get_num_threads, set_num_threads
from ferrotran._progress import BatchInterrupted
from ferrotran._threads import threads

__all__ = [
    "BatchInterrupted",
    "__version__",
    "get_num_threads",
    "integrate",
    "linalg",
    "optimize",
    "set_num_threads",
    "show_config",
    "special",
    "stencil",
    "threads",
]
