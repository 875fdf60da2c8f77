"""What the kernels were compiled with."""

from __future__ import annotations

import platform

import numpy as np

from ferrotran_compare import _chapel, _native
from ferrotran_compare._jit import numba


def build_info() -> dict[str, dict[str, str]]:
    """Compilers, versions and flags of every language.

    Returns
    -------
    dict of str to dict of str to str
        For each language, 'compiler' (with its version) and 'flags'; for 'target' the 'cpu' that
        was named to the compilers of Fortran, C, Rust and Chapel alike, and the 'features' in use.
        There is no 'numba' where it is not installed, no 'chapel' where it was not built.
    """
    info = _native.build_info()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    info["python"] = {"compiler": python, "flags": ""}
    info["numpy"] = {"compiler": f"NumPy {np.__version__}", "flags": ""}
    if (chapel := _chapel.about()) is not None:
        info["chapel"] = chapel
    if numba is not None:
        from llvmlite import binding

        name = numba.config.CPU_NAME or binding.get_host_cpu_name()
        compiler = (
            f"numba {numba.__version__}, LLVM {'.'.join(map(str, binding.llvm_version_info))}"
        )
        info["numba"] = {"compiler": compiler, "flags": f"cpu={name} error_model=numpy"}
    return info
