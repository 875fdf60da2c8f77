"""Special functions, as ufuncs."""

from ferrotran._ferrotran import erf, erfc, erfcx, gamma, gammaln, j0, j1, y0, y1

__all__ = ["erf", "erfc", "erfcx", "gamma", "gammaln", "j0", "j1", "y0", "y1"]
