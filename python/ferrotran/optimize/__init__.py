"""Least squares."""

from ferrotran.optimize._least_squares import least_squares
from ferrotran.optimize._result import OptimizeResult, OptimizeWarning

__all__ = ["OptimizeResult", "OptimizeWarning", "least_squares"]
