"""The keyword arguments that `curve_fit` passes on in SciPy."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from ferrotran.optimize._checks import Doubles, evaluations, positive, refuse, scales, tolerances

ROOT = 1.49012e-8
"""The tolerance of `scipy.optimize.leastsq`: about the root of the machine epsilon."""

DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(["ftol", "xtol", "gtol", "maxfev", "max_nfev", "epsfcn", "diff_step", "diag"]),
    **dict.fromkeys(["x_scale", "tr_solver", "tr_options", "jac_sparsity", "callback"]),
    **{"factor": 100.0, "col_deriv": False, "loss": "linear", "f_scale": 1.0, "verbose": 0},
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What one search needs."""

    lower: Doubles
    upper: Doubles
    scale: Doubles | None
    ftol: float
    xtol: float
    gtol: float
    diff_step: float | None
    """None for the kernel's own."""
    factor: float
    max_nfev: int | None
    col_deriv: bool

    def search(self) -> tuple[Any, ...]:
        """Return what the compiled half takes, in its order."""
        bounds_and_scale = (self.lower, self.upper, self.scale)
        tolerances = (self.ftol, self.xtol, self.gtol)
        return (*bounds_and_scale, *tolerances, self.diff_step, self.factor, self.max_nfev)


def settings(kwargs: dict[str, Any], lower: Doubles, upper: Doubles) -> Settings:
    """Read the arguments of `leastsq` and those of `least_squares`.

    Without bounds the tolerances are those of `leastsq`, with bounds those of `least_squares`.
    """
    if "args" in kwargs:
        raise ValueError("'args' is not a supported keyword argument.")
    for name in kwargs:
        if name not in DEFAULTS:
            raise TypeError(f"curve_fit() got an unexpected keyword argument {name!r}")
    given = DEFAULTS | kwargs
    supported = ("loss", "tr_solver", "tr_options", "jac_sparsity", "callback", "verbose")
    refuse([(name, given[name], DEFAULTS[name]) for name in supported], "it is not supported")
    bounded = bool((lower > -math.inf).any() or (upper < math.inf).any())
    usual = (1e-8, 1e-8, 1e-8) if bounded else (ROOT, ROOT, 0.0)
    wanted = [kwargs.get(name, default) for name, default in zip(("ftol", "xtol", "gtol"), usual)]
    ftol, xtol, gtol = tolerances(*wanted)

    scale = scales("x_scale", given["x_scale"], lower.size)
    if given["diag"] is not None:
        diag = scales("diag", given["diag"], lower.size)
        scale = None if diag is None else 1 / diag
    step = None
    if given["diff_step"] is not None:
        step = positive("diff_step", given["diff_step"])
    elif given["epsfcn"] is not None:
        step = math.sqrt(positive("epsfcn", given["epsfcn"]))
    most = "maxfev" if given["max_nfev"] is None else "max_nfev"
    limit = None if given[most] == 0 else evaluations(most, given[most])  # leastsq's 0 is None
    return Settings(
        lower,
        upper,
        scale,
        ftol,
        xtol,
        gtol,
        step,
        positive("factor", given["factor"]),
        limit,
        bool(given["col_deriv"]),
    )
