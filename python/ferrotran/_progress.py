"""How long batches show how far they are, and how they end at Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

QUIET = 0.05
"""A batch reports once in so many seconds."""

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


def interrupted(error: BaseException, result: Any) -> BaseException:
    """Return what to raise for a batch that `error` stopped, with the `result` so far.

    Only Ctrl-C gets a result; any other exception is raised as it is.
    """
    if not isinstance(error, KeyboardInterrupt):
        return error
    new = BatchInterrupted("the batch was interrupted; what is finished is in `result`", result)
    new.__cause__ = error
    return new


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


class Call:
    """The user's own callable."""

    def __init__(self, callable: Callable[[int, int], object], total: int) -> None:
        self.callable, self.total = callable, total

    def update(self, done: int) -> None:
        """Pass the number on."""
        self.callable(done, self.total)

    def close(self) -> None:
        """Nothing is to be closed."""


def meter(progress: Any, total: int, unit: str) -> Meter:
    """Return what shows the progress, for the argument `progress` other than None and False."""
    if callable(progress):
        return Call(progress, total)
    if progress is not True:
        raise TypeError(
            f"`progress` is {progress!r}, expected True, False or a callable that takes "
            "(done, total)"
        )
    try:
        tqdm = import_module("tqdm.auto")
    except ImportError:
        return Line(total, unit)
    return Bar(tqdm.tqdm(total=total, unit=f" {unit}s"))


class Reporter:
    """The progress of a batch of `total` members, each a `unit` such as "fit"."""

    def __init__(self, progress: Any, total: int, unit: str) -> None:
        self.meter = meter(progress, total, unit)
        self.next = time.monotonic() + QUIET
        self.done = 0

    def tell(self, done: int) -> None:
        """Show that `done` members are finished, if that is news."""
        if done != self.done:
            self.done = done
            self.meter.update(done)

    def show(self, done: int) -> None:
        """Do the same, but not more often than every 50 ms."""
        now = time.monotonic()
        if now >= self.next:
            self.next = now + QUIET
            self.tell(done)

    def close(self, _: object = None) -> None:
        """Show nothing more; the compiled half calls with an argument."""
        self.meter.close()


def reporter(progress: Any, total: int, unit: str) -> Reporter | None:
    """Return what reports, or None where nothing is asked for."""
    return None if progress is None or progress is False else Reporter(progress, total, unit)
