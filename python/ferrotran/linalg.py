"""Linear algebra, in batches."""

__all__: list[str] = []
