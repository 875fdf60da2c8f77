"""Numerical integration: of functions, and of ordinary differential equations."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferrotran._ferrotran import IntegrationWarning, quad, quad_batch
from ferrotran.integrate import systems
from ferrotran.integrate._ivp_result import OdeResult, OdeSolution, StiffnessWarning
from ferrotran.integrate._solve_ivp import solve_ivp

__all__ = [
    "IntegrationWarning",
    "OdeResult",
    "OdeSolution",
    "QuadBatch",
    "StiffnessWarning",
    "quad",
    "quad_batch",
    "solve_ivp",
    "systems",
]


class QuadBatch(NamedTuple):
    """What `quad_batch` returns: arrays of one shape."""

    value: NDArray[np.float64]
    """The integrals."""
    abserr: NDArray[np.float64]
    """Estimates of their absolute errors."""
    status: NDArray[np.intp]
    """0 where the tolerance is met; see `quad_batch` for the others."""
    neval: NDArray[np.intp]
    """Evaluations of the integrand."""
