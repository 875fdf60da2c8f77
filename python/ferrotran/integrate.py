"""Numerical integration."""

__all__: list[str] = []
