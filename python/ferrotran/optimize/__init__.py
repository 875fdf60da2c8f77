"""Least squares and curve fitting."""

from ferrotran.optimize import models
from ferrotran.optimize._curve_fit import curve_fit
from ferrotran.optimize._least_squares import least_squares
from ferrotran.optimize._result import OptimizeResult, OptimizeWarning

__all__ = ["OptimizeResult", "OptimizeWarning", "curve_fit", "least_squares", "models"]
