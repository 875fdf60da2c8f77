"""What `curve_fit` is given to fit: a Python callable, a built-in model, a compiled function."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from ferrotran._ferrotran import _is_compiled
from ferrotran.optimize._fit_engine import Fits, Run, by_callable, by_kernel
from ferrotran.optimize.models import NAMED, Model


@dataclasses.dataclass(frozen=True)
class FitModel:
    """The model of a fit."""

    f: Any
    """A callable, a `Model`, or what holds a compiled function."""
    jac: Callable[..., Any] | None
    """The derivatives of a Python callable."""
    compiled: bool
    """Whether `f` is built in or compiled."""
    differences: bool
    """Whether its own derivatives, if it has any, are left alone."""

    @classmethod
    def find(cls, f: Any, jac: Any) -> FitModel:
        """Find out what the arguments `f` and `jac` are."""
        if isinstance(f, str):
            if f not in NAMED:
                raise ValueError(f"`f` is {f!r}, expected one of {', '.join(NAMED)}, or a callable")
            f = NAMED[f]
        if isinstance(jac, str) and jac != "2-point":
            raise ValueError(f"`jac` is {jac!r}, expected None, '2-point' or a callable")
        if not (jac is None or isinstance(jac, str) or callable(jac)):
            raise TypeError(f"`jac` is {jac!r}, expected None, '2-point' or a callable")
        compiled = isinstance(f, Model) or _is_compiled(f)
        if compiled and callable(jac):
            raise ValueError("`jac` is a callable, but `f` is compiled and has its own derivatives")
        return cls(f, jac if callable(jac) else None, compiled, isinstance(jac, str))

    @property
    def parameters(self) -> int | None:
        """The number of parameters, where the model knows it."""
        if isinstance(self.f, Model) and self.f.parameters:
            return len(self.f.parameters)
        if self.compiled:
            raise ValueError(
                "Unable to determine number of fit parameters of a "
                f"{'polynomial' if isinstance(self.f, Model) else 'compiled model'}: give `p0`"
            )
        return None

    @property
    def predictors(self) -> int | None:
        """The number of predictors, where the model knows it."""
        return 1 if isinstance(self.f, Model) else None

    @property
    def guesses(self) -> bool:
        """Whether the model finds its own start."""
        return isinstance(self.f, Model)

    def check(self, n: int) -> None:
        """Raise unless the model can have `n` parameters."""
        names = self.f.parameters if isinstance(self.f, Model) else ()
        if names and len(names) != n:
            raise ValueError(f"`p0` has {n} parameters, expected {len(names)}: {', '.join(names)}")

    def fit(self, run: Run) -> Fits:
        """Run the fits."""
        if not self.compiled:
            if run.workers is not None and not (run.workers == -1 or run.workers >= 1):
                raise ValueError(
                    f"`workers` is {run.workers}, expected at least 1, or -1 for one on each core"
                )
            return by_callable(self.f, self.jac, run)
        f = self.f.name if isinstance(self.f, Model) else self.f
        return by_kernel(f, self.differences, run)
