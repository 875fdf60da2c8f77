"""The kernels in Chapel, where `scripts/compare.sh` has found a compiler.

Chapel's run time belongs to the thread that starts it: all calls must come from there.
"""

from __future__ import annotations

import ctypes
import functools
import json
import threading
from collections.abc import Callable
from ctypes import c_double, c_int32, c_int64, c_void_p
from pathlib import Path
from typing import Any

import numpy as np

from ferrotran_compare._registry import Language

LIBRARY = Path(__file__).with_name("_chapel_kernels.so")
ABOUT = LIBRARY.with_suffix(".json")
there = LIBRARY.is_file() and ABOUT.is_file()

PROTOTYPES = {  # result, then arguments; "p" is an array, "i" an integer, "d" a float
    "nbody": (None, "iidpppp"),
    "spectral_norm": (c_double, "ii"),
    "mandelbrot": (None, "ipi"),
    "fannkuch": (None, "iip"),
    "heat2d": (None, "idippi"),
    "tridiagonal": (None, "iippppi"),
    "neumaier": (c_double, "ipi"),
    "triad": (None, "idpppi"),
    "collatz": (None, "iip"),
}
KINDS = {"p": c_void_p, "i": c_int64, "d": c_double}


@functools.cache
def _load() -> tuple[ctypes.CDLL, int]:
    """Start Chapel; return its library and the thread that it belongs to."""
    library = ctypes.CDLL(str(LIBRARY))
    arguments = (ctypes.c_char_p * 2)(b"ferrotran_compare", None)
    library.chpl_library_init(c_int32(1), arguments)
    library.chpl__init_Compare(c_int64(0), c_int32(0))
    for name, (result, kinds) in PROTOTYPES.items():
        function = getattr(library, f"cmp_{name}_chapel")
        function.restype, function.argtypes = result, [KINDS[k] for k in kinds]
    return library, threading.get_ident()


def call(name: str, *arguments: Any) -> Any:
    """Call a kernel; arrays must be contiguous and of the kernel's type."""
    library, home = _load()
    if threading.get_ident() != home:
        raise RuntimeError("Chapel's run time was started by another thread, which must call it")
    passed = [x.ctypes.data if isinstance(x, np.ndarray) else x for x in arguments]
    return getattr(library, f"cmp_{name}_chapel")(*passed)


def chapel(run: Callable[..., Any], **rest: Any) -> Language | None:
    """Return the entry ``run(threads, *prepared)`` of Chapel, or None where it is not built."""
    if not there:
        return None
    return Language(run, **{"parallel": True, "note": "called through ctypes: some µs", **rest})


def about() -> dict[str, str] | None:
    """Return the compiler and its flags, or None where there is no Chapel."""
    return json.loads(ABOUT.read_text()) if there else None
