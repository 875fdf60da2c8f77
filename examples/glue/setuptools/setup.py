"""One extension module in C, for the stable ABI; setuptools compiles no Fortran."""

import sys
from pathlib import Path

import numpy as np
from setuptools import Extension, setup

sys.path.append(str(Path(__file__).parents[1]))
import native

setup(
    ext_modules=[
        Extension(
            "glue_setuptools",
            ["glue_setuptools.c"],
            include_dirs=[np.get_include(), str(native.INCLUDE)],
            extra_objects=[str(native.library("build/native"))],
            define_macros=[
                ("Py_LIMITED_API", "0x030B0000"),
                ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
                ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION"),
            ],
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
