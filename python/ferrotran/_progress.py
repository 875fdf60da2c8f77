"""How long batches show how far they are, and how they end at Ctrl-C."""

from __future__ import annotations

import sys
from typing import Any, Protocol

PLAIN_STEPS = 10
"""So many lines at most of a batch that is no terminal's."""


class BatchInterrupted(KeyboardInterrupt):
    """Ctrl-C stopped a batch; `result` holds what was finished by then.

    It is a `KeyboardInterrupt`: what catches that catches this too.

    Attributes
    ----------
    result : object
        What the function would have returned. Members that were not finished are NaN there, and
        their status says so.
    """

    result: Any

    def __init__(self, message: str = "", result: Any = None) -> None:
        super().__init__(message)
        self.result = result


BatchInterrupted.__module__ = "ferrotran"


class Meter(Protocol):
    """What shows how far a batch is."""

    def update(self, done: int) -> None:
        """Show that `done` members are finished."""

    def close(self) -> None:
        """Show nothing more."""


class Bar:
    """The bar of tqdm."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar

    def update(self, done: int) -> None:
        """Move the bar."""
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


class Line:
    """One line of a terminal that is written over, or a few lines elsewhere."""

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit, self.shown = total, unit, -1

    def update(self, done: int) -> None:
        """Write the line if it has changed."""
        stream = sys.stderr
        if stream is None:
            return
        percent = 100 * done // self.total
        terminal = stream.isatty()
        step = percent if terminal else percent * PLAIN_STEPS // 100
        if step != self.shown:
            self.shown = step
            text = f"{done}/{self.total} {self.unit}s, {percent} %"
            stream.write(f"\r{text}" if terminal else f"{text}\n")
            stream.flush()

    def close(self) -> None:
        """Go on in the next line."""
        if sys.stderr is not None and sys.stderr.isatty() and self.shown >= 0:
            sys.stderr.write("\n")


def meter(total: int, unit: str) -> Meter:
    """Return what `progress=True` shows: the bar of tqdm where it is installed, else a line."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Line(total, unit)
    return Bar(tqdm(total=total, unit=f" {unit}s"))
