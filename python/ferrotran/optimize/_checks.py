"""Arguments that `least_squares` and `curve_fit` share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

EPS = float(np.finfo(np.float64).eps)


def doubles(name: str, value: Any, verb: str = "is") -> Doubles:
    """Return `value` as an array of float64."""
    try:
        array = np.asarray(value)
        # NumPy reads numbers from strings, and NaN from None.
        kind = array.dtype.kind
        if kind in "SUMm" or (kind == "O" and any(item is None for item in array.flat)):
            raise TypeError(array.dtype)
        if kind != "c":
            return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        what = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise TypeError(f"`{name}` {verb} {what}, expected array_like of float") from error
    raise ValueError(f"`{name}` {verb} complex, expected real numbers")


def returned(name: str, value: Any) -> Doubles:
    """Return what the callable `name` returned as an array of float64."""
    if hasattr(value, "tocsr") or hasattr(value, "rmatvec"):
        kind = type(value).__name__
        raise ValueError(f"`{name}` returned {kind}, expected a dense array of float")
    return doubles(name, value, "returned")


def limits(bounds: Any, n: int) -> tuple[Doubles, Doubles]:
    """Return lower and upper bounds of length `n`; `bounds` is a pair or SciPy's `Bounds`."""
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        bounds = bounds.lb, bounds.ub
    try:
        lower, upper = bounds
    except (TypeError, ValueError) as error:
        raise ValueError("`bounds` must contain 2 elements: the lower and the upper") from error
    pair = []
    for side, value in (("lower", lower), ("upper", upper)):
        array = doubles("bounds", value)
        if array.ndim == 0:
            array = np.full(n, array)
        if array.shape != (n,):
            raise ValueError(
                f"Inconsistent shapes between bounds and `x0`: the {side} bounds have shape "
                f"{array.shape}, expected ({n},) or one number"
            )
        if np.isnan(array).any():
            raise ValueError(f"`bounds` has a NaN among the {side} bounds")
        pair.append(np.ascontiguousarray(array))
    contradict = np.flatnonzero(pair[0] >= pair[1])
    if contradict.size:
        i = contradict[0]
        raise ValueError(
            "Each lower bound must be strictly less than each upper bound, but those of parameter "
            f"{i} are {pair[0][i]} and {pair[1][i]}"
        )
    return pair[0], pair[1]


def tolerances(ftol: Any, xtol: Any, gtol: Any) -> tuple[float, float, float]:
    """Return the tolerances; None is 0."""
    found = []
    for name, value in (("ftol", ftol), ("xtol", xtol), ("gtol", gtol)):
        number = 0.0 if value is None else float(value)
        if not 0.0 <= number < np.inf:
            raise ValueError(f"`{name}` is {value}, expected a number of at least 0, or None")
        found.append(number)
    if max(found) < EPS:
        raise ValueError(
            "At least one of the tolerances `ftol`, `xtol`, `gtol` must be higher than the machine "
            f"epsilon ({EPS:.2e})"
        )
    return found[0], found[1], found[2]


def evaluations(name: str, value: Any) -> int | None:
    """Return the most evaluations of a function; None for the kernel's own number."""
    if value is None:
        return None
    number = int(value)
    if number != value or number <= 0:
        raise ValueError(f"`{name}` is {value}, expected None or a positive integer")
    return number


def positive(name: str, value: Any) -> float:
    """Return a number that must be positive and finite."""
    if np.ndim(value) != 0:
        raise ValueError(f"`{name}` is an array, expected one number")
    number = float(value)
    if not 0.0 < number < np.inf:
        raise ValueError(f"`{name}` is {value}, expected a positive number")
    return number


def nonnegative(name: str, value: Any) -> Doubles:
    """Return a vector of numbers that must be finite and not negative."""
    array = doubles(name, value)
    if array.ndim != 1:
        raise ValueError(f"`{name}` has shape {array.shape}, expected 1 dimension")
    if not ((array >= 0) & np.isfinite(array)).all():
        raise ValueError(f"`{name}` is {value}, expected finite numbers of at least 0")
    return np.ascontiguousarray(array)


def scales(name: str, value: Any, n: int) -> Doubles | None:
    """Return the scale of each variable; None stands for that of the Jacobian's columns."""
    if value is None or (isinstance(value, str) and value == "jac"):
        return None
    if isinstance(value, str):
        raise ValueError(f"`{name}` is {value!r}, expected 'jac', None or array_like of float")
    scale = doubles(name, value)
    if scale.ndim == 0:
        scale = np.full(n, scale)
    if scale.shape != (n,):
        raise ValueError(f"`{name}` has shape {scale.shape}, expected ({n},) or one number")
    if not ((scale > 0) & np.isfinite(scale)).all():
        raise ValueError(f"`{name}` is {value}, expected positive numbers")
    return np.ascontiguousarray(scale)


def refuse(settings: Iterable[tuple[str, Any, Any]], why: str) -> None:
    """Raise if any of the settings (name, value, the one supported) is not as supported."""
    for name, value, only in settings:
        plain = isinstance(value, (bool, int, float, str))
        if not (value is only or (plain and value == only)):
            raise ValueError(f"`{name}` is {value!r}, expected {only!r}: {why}")
