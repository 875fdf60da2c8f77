"""One extension module in C++; setuptools compiles no Fortran."""

import sys
from pathlib import Path

from pybind11.setup_helpers import Pybind11Extension, build_ext
from setuptools import setup

sys.path.append(str(Path(__file__).parents[1]))
import native

setup(
    ext_modules=[
        Pybind11Extension(
            "glue_pybind11",
            ["glue_pybind11.cpp"],
            cxx_std=17,
            include_dirs=[str(native.INCLUDE)],
            extra_objects=[str(native.library("build/native"))],
        )
    ],
    cmdclass={"build_ext": build_ext},
)
