"""What `solve_ivp` is given, checked and brought into the form that the compiled half takes."""

from __future__ import annotations

import dataclasses
import math
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferrotran._ferrotran import _is_compiled_jac
from ferrotran.integrate._ivp_jacobian import Jacobian
from ferrotran.integrate.systems import System

METHODS = ("RK45", "DOP853", "Radau")
EVERYWHERE = ("first_step", "max_step", "max_steps", "rtol", "atol")
IMPLICIT = ("jac", "jac_sparsity", "lband", "uband")
SMALLEST_RTOL = 100 * float(np.finfo(float).eps)


@dataclasses.dataclass
class Settings:
    """Everything but right-hand side and initial states; the compiled half reads it by name."""

    method: str
    t0: float
    tf: float
    t_eval: NDArray[np.float64] | None
    dense_output: bool
    vectorized: bool
    is_complex: bool
    rtol: float
    atol: NDArray[np.float64]
    """One number, or one of each real component."""
    first_step: float | None
    max_step: float
    max_steps: int | None
    band: tuple[int, int] | None
    """Diagonals of the real Jacobian, below and above the main one."""
    jac: Jacobian | None
    compiled_jac: Any
    """A compiled function in place of `jac`."""
    events: list[tuple[Callable[..., Any], int, float]] | None
    """Function, number of occurrences that end the integration (0: none), direction."""


def method_name(method: object) -> str:
    """Return the name of a method that exists."""
    if isinstance(method, str) and method in METHODS:
        return method
    raise ValueError(
        f"`method` is {method!r}, expected 'RK45', 'DOP853' or 'Radau'; SciPy's other methods and "
        "OdeSolver classes are not supported"
    )


def span(t_span: Iterable[Any]) -> tuple[float, float]:
    """Return the ends of the interval."""
    t0, tf = map(float, t_span)
    if not math.isfinite(t0) or math.isnan(tf):
        raise ValueError(f"`t_span` is ({t0}, {tf}), expected a finite t0 and a tf that is no NaN")
    return t0, tf


def times(t_eval: ArrayLike | None, t0: float, tf: float) -> NDArray[np.float64] | None:
    """Return the times of the output."""
    if t_eval is None:
        return None
    t = np.asarray(t_eval, dtype=float)
    if t.ndim != 1:
        raise ValueError(f"`t_eval` must be 1-dimensional, it has {t.ndim} dimensions.")
    # Written so that NaN is outside.
    if not np.all((t >= min(t0, tf)) & (t <= max(t0, tf))):
        raise ValueError("Values in `t_eval` are not within `t_span`.")
    d = np.diff(t)
    if (tf > t0 and np.any(d <= 0)) or (tf < t0 and np.any(d >= 0)):
        raise ValueError("Values in `t_eval` are not properly sorted.")
    return np.ascontiguousarray(t)


def arguments(args: Iterable[Any] | None) -> tuple[Any, ...]:
    """Return the further arguments of the user's functions."""
    if args is None:
        return ()
    try:
        return tuple(args)
    except TypeError as error:
        raise TypeError(
            "Supplied 'args' cannot be unpacked. Please supply `args` as a tuple (e.g. "
            f"`args=({args},)`)"
        ) from error


def states(y0: ArrayLike) -> tuple[NDArray[Any], bool]:
    """Return the initial states, real or complex, and whether they are complex."""
    array = np.asarray(y0)
    is_complex = np.issubdtype(array.dtype, np.complexfloating)
    try:
        array = array.astype(complex if is_complex else float, copy=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"`y0` is {y0!r}, expected array_like of numbers") from error
    if array.ndim == 0:
        raise ValueError("`y0` must be 1-dimensional, or have more dimensions for an ensemble.")
    return array, bool(is_complex)


def fits(system: System, n: int, is_complex: bool, args: tuple[Any, ...]) -> None:
    """Check that states and arguments are those of a built-in system."""
    if n != system.components or is_complex:
        kind = "complex" if is_complex else "real"
        raise ValueError(
            f"`y0` has {n} {kind} components, expected {system.components} real ones for "
            f"{system.name}"
        )
    system.arguments(args)


def members(
    leading: tuple[int, ...], args: tuple[Any, ...]
) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Return the shape of an ensemble, and the parameters of each member in a row."""
    columns = []
    for i, arg in enumerate(args):
        try:
            columns.append(np.asarray(arg, dtype=float))
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"`args[{i}]` is {arg!r}, expected array_like of float for an ensemble"
            ) from error
    shapes = [column.shape for column in columns]
    try:
        shape = np.broadcast_shapes(leading, *shapes)
    except ValueError:
        raise ValueError(
            f"`args` has the shapes {shapes}, expected shapes that broadcast against {leading}, "
            "the leading axes of `y0`"
        ) from None
    parameters = np.empty((math.prod(shape), len(columns)))
    for column, out in zip(columns, parameters.T, strict=True):
        out[:] = np.broadcast_to(column, shape).reshape(-1)
    return shape, parameters


def tolerances(rtol: ArrayLike, atol: ArrayLike, n: int) -> tuple[float, NDArray[np.float64]]:
    """Return the smallest relative tolerance, and the absolute one or one per component."""
    found = []
    for name, value in (("rtol", rtol), ("atol", atol)):
        array = np.asarray(value, dtype=float)
        if array.ndim > 0 and array.shape != (n,):
            shape = array.shape
            raise ValueError(f"`{name}` has wrong shape: {shape}, expected () or ({n},).")
        if np.any(np.isnan(array)):
            raise ValueError(f"`{name}` is NaN, expected a positive number.")
        found.append(array)
    r, a = found
    smallest = float(r.min()) if r.size else 1.0  # of no component
    if smallest < SMALLEST_RTOL:
        warnings.warn(
            "At least one element of `rtol` is too small. "
            f"Setting `rtol = np.maximum(rtol, {SMALLEST_RTOL})`.",
            stacklevel=4,
        )
        smallest = SMALLEST_RTOL
    if np.any(a < 0):
        raise ValueError("`atol` must be positive.")
    return smallest, a.reshape(-1)


def first_step(value: float | None, t0: float, tf: float) -> float | None:
    """Return the size of the first step."""
    if value is None:
        return None
    if not value > 0:
        raise ValueError(f"`first_step` must be positive, it is {value}.")
    if value > abs(tf - t0):
        raise ValueError(f"`first_step` exceeds bounds: {value} > {abs(tf - t0)}.")
    return float(value)


def events(given: Any) -> list[tuple[Callable[..., Any], int, float]] | None:
    """Return the functions with what their attributes say."""
    if given is None:
        return None
    found = []
    for i, event in enumerate((given,) if callable(given) else given):
        if not callable(event):
            raise TypeError(f"`events[{i}]` is {event!r}, expected a callable")
        terminal = getattr(event, "terminal", None)
        if terminal is None or terminal == 0:
            terminal = 0
        elif int(terminal) != terminal or terminal < 0:
            raise ValueError(
                "The `terminal` attribute of each event must be a boolean or positive integer."
            )
        found.append((event, int(terminal), float(getattr(event, "direction", 0))))
    return found


def known(options: dict[str, Any], method: str) -> dict[str, Any]:
    """Return the options that count for the method; warn of the others, as SciPy does."""
    names = EVERYWHERE + (IMPLICIT if method == "Radau" else ())
    others = [name for name in options if name not in names]
    if others:
        text = ", ".join(f"`{name}`" for name in others)
        warnings.warn(
            f"The following arguments have no effect for a chosen solver: {text}.", stacklevel=4
        )
    return {name: value for name, value in options.items() if name in names}


def settings(
    *,
    method: str,
    ends: tuple[float, float],
    n: int,
    is_complex: bool,
    t_eval: ArrayLike | None,
    dense_output: bool,
    vectorized: bool,
    given_events: Any,
    options: dict[str, Any],
) -> Settings:
    """Check what is left and collect it; called by `solve_ivp` itself."""
    t0, tf = ends
    if n == 0:  # nothing to integrate, so that no end is too far
        tf = math.copysign(min(abs(tf), sys.float_info.max), tf)
    options = known(options, method)
    rtol, atol = tolerances(options.get("rtol", 1e-3), options.get("atol", 1e-6), n)
    if is_complex and atol.size == n:
        atol = np.repeat(atol, 2)
    max_step = options.get("max_step", math.inf)
    if not max_step > 0:
        raise ValueError(f"`max_step` must be positive, it is {max_step}.")
    max_steps = options.get("max_steps")
    if max_steps is not None and max_steps < 1:
        raise ValueError(f"`max_steps` is {max_steps}, expected at least 1")
    jac = options.get("jac")
    compiled = jac is not None and _is_compiled_jac(jac)
    python_jac, band = Jacobian.read(options, None if compiled else jac, n, is_complex)
    return Settings(
        method=method,
        t0=t0,
        tf=tf,
        t_eval=times(t_eval, t0, tf),
        dense_output=bool(dense_output),
        vectorized=bool(vectorized),
        is_complex=is_complex,
        rtol=rtol,
        atol=atol,
        first_step=first_step(options.get("first_step"), t0, tf),
        max_step=float(max_step),
        max_steps=None if max_steps is None else int(max_steps),
        band=band,
        jac=python_jac,
        compiled_jac=jac if compiled else None,
        events=events(given_events),
    )
