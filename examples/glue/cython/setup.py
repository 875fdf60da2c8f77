"""One extension module in Cython; setuptools compiles no Fortran."""

import sys
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

sys.path.append(str(Path(__file__).parents[1]))
import native

extension = Extension(
    "glue_cython",
    ["glue_cython.pyx"],
    include_dirs=[np.get_include(), str(native.INCLUDE)],
    extra_objects=[str(native.library("build/native"))],
    define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
)
setup(ext_modules=cythonize([extension], build_dir="build", language_level=3))
