"""What the functions of `ferrotran.optimize` return and warn with."""

from __future__ import annotations

from typing import Any


class OptimizeWarning(UserWarning):
    """A result that is not what was asked for; the text says in what."""


class OptimizeResult(dict[str, Any]):
    """A dictionary whose members are attributes too, as SciPy's of this name."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the result has no {name!r}, it has {', '.join(self)}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        rows = []
        for name, value in self.items():
            lines = repr(value).split("\n")
            indent = "\n" + " " * (width + 2)
            rows.append(f"{name:>{width}}: {indent.join(lines)}")
        return "\n".join(rows) or "OptimizeResult()"


for _class in (OptimizeResult, OptimizeWarning):
    _class.__module__ = "ferrotran.optimize"
