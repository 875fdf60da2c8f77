"""What `solve_ivp` returns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MESSAGES = {
    0: "The solver successfully reached the end of the integration interval.",
    1: "A termination event occurred.",
    -1: "Required step size is less than spacing between numbers.",
    -2: "The state or its derivative is not finite at the start.",
    -3: "The matrix of the Newton iteration is singular again and again.",
    -4: "The number of tries at a step has reached `max_steps`.",
    -5: "The compiled right-hand side returned an error code.",
    -6: "The ensemble was stopped before this member ended.",
}
"""How an integration ends, by status."""


class StiffnessWarning(UserWarning):
    """A problem is stiff: an explicit method takes more steps than its accuracy needs."""


class OdeResult(dict[str, Any]):
    """A dictionary whose keys are attributes too.

    Its keys are ``t``, ``y``, ``sol``, ``t_events``, ``y_events``, ``nfev``, ``njev``, ``nlu``,
    ``status``, ``message`` and ``success``; `solve_ivp` says what they hold.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        lines = []
        for name, value in self.items():
            text = repr(value).replace("\n", "\n" + " " * (width + 2))
            lines.append(f"{name:>{width}}: {text}")
        return "\n".join(lines)


class OdeSolution:
    """The solution as a function of time: what `solve_ivp` puts into ``sol``.

    Attributes
    ----------
    ts : (n_segments + 1,) ndarray
        Ends of the steps, in the direction of integration.
    t_min, t_max : float
        The range of `ts`. Outside it the first or last interpolant goes on, which is not
        accurate.
    """

    def __init__(self, interpolants: Any, is_complex: bool) -> None:
        self._interpolants, self._is_complex = interpolants, is_complex
        self.ts: NDArray[np.float64] = interpolants.ts
        self.t_min, self.t_max = float(self.ts.min()), float(self.ts.max())

    @property
    def n_segments(self) -> int:
        """Number of steps."""
        return self.ts.size - 1

    def __call__(self, t: ArrayLike) -> NDArray[Any]:
        """Evaluate the solution.

        Parameters
        ----------
        t : float or (m,) array_like
            Times, in any order.

        Returns
        -------
        (n,) or (n, m) ndarray
            The states.
        """
        times = np.asarray(t, dtype=float)
        if times.ndim > 1:
            raise ValueError("`t` must be a float or a 1-D array.")
        y = self._interpolants.evaluate(np.ascontiguousarray(times.reshape(-1)))
        y = pairs(y, 0) if self._is_complex else y
        return y if times.ndim else y[:, 0]


def pairs(y: NDArray[np.float64], axis: int) -> NDArray[Any]:
    """Return the complex numbers whose real and imaginary parts alternate along an axis."""
    parts = np.moveaxis(y, axis, -1)
    whole = np.ascontiguousarray(parts).view(np.complex128)
    return np.moveaxis(whole, -1, axis)


def stiffness(steps: int, method: str) -> str:
    """Return the notice about a stiff problem."""
    return (
        f"The problem is stiff: the stability of {method}, not the accuracy, held back {steps} "
        "steps or more. The method 'Radau' may need far fewer."
    )


for public in (StiffnessWarning, OdeResult, OdeSolution):
    public.__module__ = "ferrotran.integrate"
