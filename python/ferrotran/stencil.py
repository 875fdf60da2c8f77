"""Updates of grids from their neighbours."""

__all__: list[str] = []
