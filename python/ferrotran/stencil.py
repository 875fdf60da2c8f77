"""Updates of grids from their neighbours."""

from ferrotran._ferrotran import heat2d

__all__ = ["heat2d"]
