"""`optimize.least_squares` of Python callables against scipy.optimize.least_squares.

.venv/bin/python benches/least_squares.py --help

The residuals are the user's Python, called as often by either side: what differs is what is
around them. SciPy's method is 'lm', MINPACK.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ferrotran as ft
import numpy as np
import scipy.optimize
from harness import Case, main

T = np.linspace(0, 4, 200)
Y = 2.5 * np.exp(-1.3 * T) + 0.5 + 0.1 * np.random.default_rng(5).standard_normal(T.size)


def rosenbrock(x: Any) -> Any:
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def rosenbrock_jac(x: Any) -> Any:
    return np.array([[-20 * x[0], 10.0], [-1.0, 0.0]])


def decay(x: Any) -> Any:
    return x[0] * np.exp(-x[1] * T) + x[2] - Y


def decay_jac(x: Any) -> Any:
    e = np.exp(-x[1] * T)
    return np.stack([e, -x[0] * T * e, np.ones_like(T)], axis=1)


MIX = np.random.default_rng(6).standard_normal((2000, 60))
GOAL = MIX @ np.linspace(-1, 1, 60) + 0.01 * np.random.default_rng(7).standard_normal(2000)


def wide(x: Any) -> Any:
    return np.tanh(0.1 * (MIX @ x)) - np.tanh(0.1 * GOAL)


def wide_jac(x: Any) -> Any:
    return (0.1 / np.cosh(0.1 * (MIX @ x)) ** 2)[:, None] * MIX


def cases() -> Iterator[Case]:
    """Yield all cases."""
    problems = [
        ("rosenbrock", "2 residuals, 2 variables", rosenbrock, rosenbrock_jac, [-1.2, 1.0]),
        ("decay", "200 residuals, 3 variables", decay, decay_jac, [1.0, 1.0, 0.0]),
        ("wide", "2000 residuals, 60 variables", wide, wide_jac, np.zeros(60)),
    ]
    for name, size, f, jac, x0 in problems:
        for kind, derivatives in (("Jacobian", jac), ("differences", "2-point")):
            if name == "wide" and kind == "differences":
                continue  # 60 evaluations of the user's function for each step: nothing else counts
            yield Case(
                f"optimize.least_squares, {name}, {kind}",
                workload=size,
                ours=lambda f=f, x0=x0, d=derivatives: ft.optimize.least_squares(f, x0, d).x,
                peers={
                    "scipy least_squares": lambda f=f, x0=x0, d=derivatives: (
                        scipy.optimize.least_squares(f, x0, d, method="lm").x
                    ),
                },
                # Both stop at a relative change of 1e-8 of the sum of squares: its root.
                tolerance=1e-4,
            )


if __name__ == "__main__":
    main(cases)
