"""Special functions, as ufuncs."""

from ferrotran._ferrotran import erf, erfc, erfcx, gamma, gammaln

__all__ = ["erf", "erfc", "erfcx", "gamma", "gammaln"]
