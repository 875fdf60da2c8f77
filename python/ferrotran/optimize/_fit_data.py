"""The data of `curve_fit`: which axes are batch, and what one fit gets of them."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferrotran.optimize._checks import Doubles, doubles

Mask = NDArray[np.bool_]


@dataclasses.dataclass
class Data:
    """Arrays whose first axis is the members of the batch, or has length 1 for all of them."""

    batch: tuple[int, ...] | None
    """The shape of the batch; None is a single fit."""
    x: Any
    """(members or 1, [k,] m); of a single Python callable whatever came."""
    y: Doubles
    """(members or 1, m)."""
    p0: Doubles | None
    """(members or 1, n); None where the model guesses."""
    sigma: Doubles | None
    """(members or 1, m or 1)."""
    cov: Doubles | None
    """Covariances of the data in place of `sigma`: (members or 1, m, m)."""

    @property
    def count(self) -> int:
        """The number of fits."""
        return 1 if self.batch is None else int(np.prod(self.batch))

    def take(self, members: Any) -> Data:
        """Return some of the members."""

        def some(array: Any) -> Any:
            return array if array is None or len(array) == 1 else array[members]

        chosen = [some(a) for a in (self.x, self.y, self.p0, self.sigma, self.cov)]
        return Data((len(members),), *chosen)


def parameters(f: Any) -> int:
    """Return the number of parameters of a Python callable ``f(x, *p)`` by its signature."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        named = [p for p in inspect.signature(f).parameters.values() if p.kind in kinds]
    except (TypeError, ValueError):
        named = []
    if len(named) < 2:
        raise ValueError(
            "Unable to determine number of fit parameters: give `p0`, or an `f` whose signature "
            "names them"
        )
    return len(named) - 1


def feasible(lower: Doubles, upper: Doubles) -> Doubles:
    """Return SciPy's start where none is given: 1, or what lies within the bounds."""
    low, high = np.isfinite(lower), np.isfinite(upper)
    start = np.ones_like(lower)
    both = low & high
    start[both] = 0.5 * (lower[both] + upper[both])
    start[low & ~high] = lower[low & ~high] + 1
    start[high & ~low] = upper[high & ~low] - 1
    return start


def lead(name: str, array: Doubles, core: int, most: int) -> tuple[int, ...]:
    """Return the batch axes of an array with `core` axes of its own."""
    axes = array.ndim - core
    if not 0 <= axes <= most:
        raise ValueError(
            f"`{name}` has shape {array.shape}, expected at most {most + core} dimensions: the "
            "batch is what leads those of `ydata` or `p0`"
        )
    return array.shape[:axes]


def collect(
    x: Any, ydata: Any, p0: Doubles | None, sigma: Any, *, compiled: bool, predictors: int | None
) -> Data:
    """Find the batch in the arguments; `predictors` is None where the model takes any number.

    The batch is what leads the last axis of `ydata` and of `p0`. `xdata` and `sigma` may have as
    many leading axes, and one more axis of their own: predictors, or a covariance matrix.
    """
    y = doubles("ydata", ydata)
    array = compiled or isinstance(x, (list, tuple, np.ndarray))
    if array:
        x = doubles("xdata", x)
    if y.size == 0 and 0 not in y.shape[:-1]:
        raise ValueError("`ydata` must not be empty!")
    most = max(y.ndim - 1, 0 if p0 is None else p0.ndim - 1, 0)
    if most == 0:
        return single(x, np.atleast_1d(y), p0, sigma, compiled, predictors)
    if y.ndim == 0:
        raise ValueError("`ydata` is one number, expected an array of shape (..., m)")
    m = y.shape[-1]
    leads = {"ydata": y.shape[:-1]}
    if p0 is not None:
        leads["p0"] = p0.shape[:-1]
    if array:
        core = 2 if x.ndim > most + 1 else 1
        check_points(x, core, m, predictors)
        leads["xdata"] = lead("xdata", x, core, most)
    errors = cov = None
    if sigma is not None:
        errors = np.atleast_1d(doubles("sigma", sigma))
        core = 2 if errors.ndim > most + 1 else 1
        leads["sigma"] = lead("sigma", errors, core, most)
        if errors.shape[-1] not in (1, m) or (core == 2 and errors.shape[-2:] != (m, m)):
            raise ValueError(f"`sigma` has incorrect shape: {errors.shape} for {m} points of a fit")
        if core == 2:
            errors, cov = None, errors
    try:
        batch = np.broadcast_shapes(*leads.values())
    except ValueError:
        shapes = ", ".join(f"`{name}` {shape}" for name, shape in leads.items())
        text = f"the leading axes do not broadcast: {shapes}"
        raise ValueError(text) from None

    def flat(name: str, value: Any, shape: tuple[int, ...]) -> Any:
        if value is None or name not in leads:
            return value
        leading = leads[name]
        if int(np.prod(leading)) == 1:
            return value.reshape((1, *shape))
        return np.broadcast_to(value, batch + shape).reshape((-1, *shape))

    if array:
        x = flat("xdata", x, x.shape[len(leads["xdata"]) :])
    return Data(
        batch,
        x if array else [x],
        flat("ydata", y, (m,)),
        None if p0 is None else flat("p0", p0, p0.shape[-1:]),
        None if errors is None else flat("sigma", errors, errors.shape[-1:]),
        flat("sigma", cov, (m, m)),
    )


def single(
    x: Any, y: Doubles, p0: Doubles | None, sigma: Any, compiled: bool, predictors: int | None
) -> Data:
    """Return the data of one fit; a Python callable gets `x` as it is."""
    if compiled:
        x = np.atleast_1d(x)
        if x.ndim > 2:
            raise ValueError(f"`xdata` has shape {x.shape}, expected at most 2 dimensions")
        check_points(x, x.ndim, y.size, predictors)
    data = Data(None, x[None] if compiled else [x], y[None], None, None, None)
    data.p0 = None if p0 is None else p0[None]
    if sigma is not None:
        errors = doubles("sigma", sigma)
        if errors.size == 1:
            data.sigma = errors.reshape(1, 1)
        elif errors.shape == (y.size,):
            data.sigma = errors[None]
        elif errors.shape == (y.size, y.size):
            data.cov = errors[None]
        else:
            raise ValueError(f"`sigma` has incorrect shape: {errors.shape} for {y.size} points")
    return data


def check_points(x: Doubles, core: int, m: int, predictors: int | None) -> None:
    """Raise unless `x` has the points that `y` has, for as many predictors as the model takes."""
    if x.ndim == 0 or x.shape[-1] != m:
        raise ValueError(f"`xdata` has shape {x.shape}, expected {m} points along the last axis")
    found = x.shape[-2] if core == 2 else 1
    if predictors is not None and found != predictors:
        raise ValueError(
            f"`xdata` has shape {x.shape}, which is {found} predictors for a model of "
            f"{predictors}; a batch needs as many axes in `ydata` or `p0`"
        )


def finite(data: Data, check_finite: bool | None, nan_policy: str | None) -> Mask | None:
    """Check the data as SciPy does; return which points to use where some may be left out."""
    if check_finite is None:
        check_finite = nan_policy is None and data.batch is None
    arrays = {"xdata": data.x, "ydata": data.y}
    if not isinstance(data.x, np.ndarray):
        one = data.x[0]
        arrays["xdata"] = one[None] if isinstance(one, np.ndarray) else np.zeros((1, 1))
    if check_finite:
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                raise ValueError(f"`{name}` must not contain infs or NaNs")
        return None
    if nan_policy is None:
        return None
    if nan_policy == "propagate":
        raise ValueError("`nan_policy='propagate'` is not supported by this function.")
    if nan_policy not in ("raise", "omit"):
        raise ValueError("nan_policy must be one of {None, 'raise', 'omit'}")
    x, y = (np.isnan(array) for array in arrays.values())
    if not (x.any() or y.any()):
        return None
    if nan_policy == "raise":
        raise ValueError("The input contains nan values")
    keep: Mask = ~(x.any(axis=tuple(range(1, x.ndim - 1))) | y)
    return keep
