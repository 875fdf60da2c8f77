"""One extension module in C++ without CMake, as `nb_combined.cpp` of nanobind has it."""

import sys
from pathlib import Path

import nanobind
from setuptools import Extension, setup

sys.path.append(str(Path(__file__).parents[1]))
import native

core = Path(nanobind.source_dir())
setup(
    ext_modules=[
        Extension(
            "glue_nanobind",
            ["glue_nanobind.cpp", str(core / "nb_combined.cpp")],
            include_dirs=[
                nanobind.include_dir(),
                str(core.parent / "ext" / "robin_map" / "include"),
                str(native.INCLUDE),
            ],
            extra_objects=[str(native.library("build/native"))],
            define_macros=[("NDEBUG", None), ("NB_COMPACT_ASSERTIONS", None)],
            extra_compile_args=[
                "-std=c++17",
                "-fvisibility=hidden",
                "-fno-strict-aliasing",
                "-ffunction-sections",
                "-fdata-sections",
            ],
            extra_link_args=["-Wl,-s", "-Wl,--gc-sections"],
        )
    ],
)
