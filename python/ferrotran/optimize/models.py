"""The built-in models of `curve_fit`: functions of x and parameters, in C, with derivatives.

=================== ================================================== ==========================
name                parameters                                         value
=================== ================================================== ==========================
gaussian            amplitude a, mean m, sigma s, offset c             a exp(-(x - m)²/(2 s²)) + c
lorentzian          amplitude a, center m, width w, offset c           a / (1 + z²) + c
pseudo_voigt        amplitude a, center m, width w, fraction f,        a (f / (1 + z²) + (1 - f)
                    offset c                                           exp(-log(2) z²)) + c
exponential         amplitude a, rate k, offset c                      a exp(-k x) + c
double_exponential  amplitude a, rate k, amplitude2 b, rate2 l,        a exp(-k x) + b exp(-l x)
                    offset c                                           + c
power               amplitude a, exponent b, offset c                  a xᵇ + c
logistic            amplitude a, center m, rate k, offset c            a / (1 + exp(-k (x - m))) + c
polynomial          c0, c1, ...                                        c0 + c1 x + c2 x² + ...
sine                amplitude a, frequency f, phase h, offset c        a sin(2π f x + h) + c
=================== ================================================== ==========================

z is (x - m) / w: the widths are half widths at half maximum.

Examples
--------
>>> import numpy as np
>>> from ferrotran.optimize import models
>>> models.gaussian.parameters
('amplitude', 'mean', 'sigma', 'offset')
>>> models.polynomial(np.array([1.0, 2.0]), 1.0, 0.0, 3.0)
array([ 4., 13.])
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ferrotran._ferrotran import _guess, _model_names, _model_values
from ferrotran.optimize._checks import Doubles, doubles

__all__ = [
    "Model",
    "double_exponential",
    "exponential",
    "gaussian",
    "logistic",
    "lorentzian",
    "polynomial",
    "power",
    "pseudo_voigt",
    "sine",
]


class Model:
    """A built-in model.

    Parameters
    ----------
    name : str
        One of the names in the table of `ferrotran.optimize.models`.

    Attributes
    ----------
    name : str
        That name.
    parameters : tuple of str
        The names of the parameters, in order; empty for a polynomial, which takes any number.

    Examples
    --------
    >>> from ferrotran.optimize.models import Model
    >>> Model("sine").parameters
    ('amplitude', 'frequency', 'phase', 'offset')
    """

    name: str
    parameters: tuple[str, ...]

    def __init__(self, name: str) -> None:
        self.name = name
        self.parameters = tuple(_model_names(name))
        self.__name__ = name
        self.signature = f"{name}(x, {', '.join(self.parameters or ('*c',))})"
        self.__doc__ = f"The model {self.signature}."

    def __call__(self, x: ArrayLike, *p: ArrayLike) -> Any:
        """Return the values at `x`; `x` and the parameters broadcast.

        ``model(x, *np.moveaxis(popt, -1, 0)[..., None])`` has the values of each fit of a batch.
        """
        points, rows, shape = self._rows(x, p)
        return _model_values(self.name, points, rows, False)[0].reshape(shape)[()]

    def jac(self, x: ArrayLike, *p: ArrayLike) -> Doubles:
        """Return the derivatives by each parameter, along a new last axis."""
        points, rows, shape = self._rows(x, p)
        jac: Doubles = _model_values(self.name, points, rows, True)[1]
        return jac.reshape((*shape, len(p)))

    def guess(self, x: ArrayLike, y: ArrayLike) -> Doubles:
        """Return where a fit may start, from the data: (..., m) and (..., m) to (..., n).

        A polynomial, whose degree is not known, has none.
        """
        if not self.parameters:
            raise ValueError("a polynomial has no guess: its degree is not known")
        xs, ys = np.broadcast_arrays(doubles("x", x), doubles("y", y))
        if xs.ndim == 0:
            raise ValueError("`y` is one number, expected an array of shape (..., m)")
        m, n = xs.shape[-1], len(self.parameters)
        flat = [np.ascontiguousarray(a).reshape(-1, m) for a in (xs, ys)]
        return _guess(self.name, *flat).reshape((*xs.shape[:-1], n))

    def _rows(
        self, x: ArrayLike, p: tuple[ArrayLike, ...]
    ) -> tuple[Doubles, Doubles, tuple[int, ...]]:
        """Return points (rows, m) and the parameters of each row (rows, n)."""
        names = self.parameters or tuple(f"c{i}" for i in range(len(p)))
        if len(p) != len(names) or not p:
            expected = ", ".join(names) or "at least one coefficient"
            raise TypeError(f"{self.name}() got {len(p)} parameters, expected {expected}")
        points = doubles("x", x)
        values = [doubles(name, value) for name, value in zip(names, p)]
        shape = np.broadcast_shapes(points.shape, *(value.shape for value in values))
        # A row shares its parameters where none of them varies along the last axis.
        shared = all(value.ndim == 0 or value.shape[-1] == 1 for value in values)
        m = shape[-1] if shape and shared else 1
        lead = (*shape[:-1], 1) if shape and shared else shape
        if points.ndim <= 1 and shared and all(value.ndim == 0 for value in values):
            lead = (1,)
        rows = np.stack([np.broadcast_to(value, lead).ravel() for value in values], axis=-1)
        flat = np.ascontiguousarray(np.broadcast_to(points, shape)).reshape(len(rows), m)
        return flat, rows, shape

    def __repr__(self) -> str:
        return f"<model {self.signature}>"

    def __reduce__(self) -> tuple[type[Model], tuple[str]]:
        return Model, (self.name,)


Model.__module__ = "ferrotran.optimize.models"

gaussian = Model("gaussian")
lorentzian = Model("lorentzian")
pseudo_voigt = Model("pseudo_voigt")
exponential = Model("exponential")
double_exponential = Model("double_exponential")
power = Model("power")
logistic = Model("logistic")
polynomial = Model("polynomial")
sine = Model("sine")

NAMED = {
    model.name: model
    for model in (gaussian, lorentzian, pseudo_voigt, exponential, double_exponential)
} | {model.name: model for model in (power, logistic, polynomial, sine)}
