"""The binding routes, and what each needs to be built."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Route:
    """A folder of examples/glue, and what must be there to build it."""

    requirements: tuple[str, ...]
    commands: tuple[str, ...] = ("cc", "gfortran")


CPP = ("cc", "c++", "gfortran")
RUST = ("cargo", "cc", "gfortran")
ROUTES = {
    "ctypes": Route(("setuptools",)),
    "cffi": Route(("cffi", "setuptools")),
    "setuptools": Route(("setuptools",)),
    "meson_python": Route(("meson-python", "meson", "ninja")),
    "f2py": Route(("meson-python", "meson", "ninja")),
    "pybind11": Route(("pybind11", "setuptools"), CPP),
    "nanobind": Route(("nanobind", "setuptools"), CPP),
    "cython": Route(("Cython", "setuptools")),
    "pyo3_function": Route(("maturin",), RUST),
    "pyo3_gufunc": Route(("maturin",), RUST),
}

# Commands that are not in the environment, and what installs them.
COMMANDS = {
    "cc": "sudo apt-get install gcc",
    "c++": "sudo apt-get install g++",
    "gfortran": "sudo apt-get install gfortran",
    "cargo": "rustup, see https://rustup.rs",
}
