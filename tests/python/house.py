"""The public functions, found in the modules, so that no test forgets one."""

import re

import ferrotran as ft
import numpy as np

MODULES = (ft.integrate, ft.linalg, ft.optimize, ft.scale, ft.special, ft.stencil)
PUBLIC = [(module, name) for module in MODULES for name in module.__all__]
UFUNCS = [f for m, name in PUBLIC if isinstance(f := getattr(m, name), np.ufunc)]
GUFUNCS = [f for f in UFUNCS if f.signature is not None]
UNARY = [f for f in UFUNCS if f.signature is None and f.nin == f.nout == 1]

CORE_SIZES = {"n": 6, "l": 5, "u": 5, "r": 6}
"""Sizes of core dimensions by name: order, sub- and superdiagonal, right-hand side."""


def name_of(f):
    return f.__name__


def arguments(f, rng, shape=(), dtype=float):
    """Random operands with batch shape `shape`: in 0.5..4, where every function is smooth.

    The diagonal of a matrix, the operand that is `n` long, is made dominant.
    """
    if f.signature is None:
        return [rng.uniform(0.5, 4.0, shape).astype(dtype) for _ in range(f.nin)]
    operands = []
    for names in re.findall(r"\((.*?)\)", f.signature.split("->")[0]):
        core = tuple(CORE_SIZES[name] for name in names.split(",") if name)
        scale = 10.0 if names == "n" else 1.0
        operands.append((scale * rng.uniform(0.5, 4.0, shape + core)).astype(dtype))
    return operands


def same_bits(a, b):
    """Whether two arrays agree in type, shape and every bit."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
