"""numba, where it is installed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

try:
    import numba
    from numba import prange
except ImportError:
    numba = None
    prange = range

__all__ = ["Jit", "inline", "jit", "numba", "prange"]


@dataclasses.dataclass(frozen=True)
class Jit:
    """One function, compiled for one thread and, if it has a `prange`, for many."""

    one: Callable[..., Any]
    all: Callable[..., Any] | None

    def __call__(self, threads: int, *arguments: Any) -> Any:
        """Run in `threads` threads."""
        if threads == 1 or self.all is None:
            return self.one(*arguments)
        before = numba.get_num_threads()
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        try:
            return self.all(*arguments)
        finally:
            numba.set_num_threads(before)


def jit(*, parallel: bool = False) -> Callable[[Callable[..., Any]], Jit | None]:
    """Compile when first called; None where numba is not installed."""

    def wrap(function: Callable[..., Any]) -> Jit | None:
        if numba is None:
            return None
        return Jit(_compile(function), _compile(function, parallel=True) if parallel else None)

    return wrap


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a helper callable from functions under `jit`."""
    return function if numba is None else _compile(function)


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    options |= {"error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder that it may write its cache to
        return numba.njit(**options)(function)
