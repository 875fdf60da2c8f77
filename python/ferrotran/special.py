"""Special functions, as ufuncs."""

__all__: list[str] = []
