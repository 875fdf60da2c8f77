"""The same work in Fortran, C, Rust, NumPy, pure Python and numba, with answers that agree.

``kernels`` maps names to `Kernel`; `build_info` says what the native ones were compiled with.

>>> from ferrotran_compare import kernels
>>> kernel = kernels["fannkuch"]
>>> kernel.bind("python", 7)()
(228, 16)
"""

from ferrotran_compare._info import build_info
from ferrotran_compare._registry import Kernel, Language

from ferrotran_compare._kernels import kernels  # isort: skip

__all__ = ["Kernel", "Language", "build_info", "kernels"]
