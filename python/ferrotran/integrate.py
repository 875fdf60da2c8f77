"""Numerical integration."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferrotran._ferrotran import IntegrationWarning, quad, quad_batch

__all__ = ["IntegrationWarning", "QuadBatch", "quad", "quad_batch"]


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
