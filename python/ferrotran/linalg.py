"""Linear algebra, in batches."""

from ferrotran._ferrotran import solve_tridiagonal, solve_tridiagonal_dominant

__all__ = ["solve_tridiagonal", "solve_tridiagonal_dominant"]
