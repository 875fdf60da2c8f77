"""The same work in Fortran, C, Rust, NumPy, pure Python and numba, with answers that agree.

``kernels`` maps names to `Kernel`; `build_info` says what the native ones were compiled with.
Both are loaded when they are first used: `timing` and `results` need neither.

>>> from ferrotran_compare import kernels
>>> kernel = kernels["fannkuch"]
>>> kernel.bind("python", 7)()
(228, 16)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrotran_compare._info import build_info
    from ferrotran_compare._kernels import kernels
    from ferrotran_compare._registry import Kernel, Language

__all__ = ["Kernel", "Language", "build_info", "kernels"]

_homes = {
    "Kernel": "_registry",
    "Language": "_registry",
    "build_info": "_info",
    "kernels": "_kernels",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_homes[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
