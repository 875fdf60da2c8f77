"""Runs the parts one after another, and keeps what is finished when Ctrl-C ends them."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from ferrotran_compare import results as found
from ferrotran_compare import terminal
from ferrotran_compare.interrupt import in_thread
from ferrotran_compare.machine import machine
from ferrotran_compare.results import CompareError, Options, Results


class Stopped(BaseException):
    """Ends the work in a thread after Ctrl-C."""


class Session:
    """A comparison that is under way: the results so far, the screen, the file.

    Parameters
    ----------
    options : Options
        What was asked for.
    json : Path or None
        Where the results go, after each that is finished.
    console, screen : Console
        For tables, and for progress bars.
    """

    def __init__(
        self, options: Options, json: Path | None, console: Console, screen: Console
    ) -> None:
        self.results = Results(
            complete=False,
            started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            seconds=0.0,
            options=options,
            machine=machine(),
            tools={},
        )
        self.errors: list[str] = []
        self.console = console
        self.stopping = False
        self._json = json
        self._start = time.perf_counter()
        # No thread of its own draws the bars: it would take time from what is measured.
        self._bars = Bars(
            TextColumn("{task.fields[part]:>9}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=screen,
            auto_refresh=False,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._task: TaskID | None = None
        self._drawn = 0.0

    def save(self) -> None:
        """Write what there is."""
        self.results.seconds = round(time.perf_counter() - self._start, 2)
        if self._json is None:
            return
        try:
            found.save(self.results, self._json)
        except OSError as error:
            raise CompareError(f"--json {self._json}: {error.strerror}") from None

    # What a part reports to.

    def step(self, what: str, share: float) -> None:
        """Draw the bar, at most ten times a second."""
        if self.stopping:
            raise Stopped
        now = time.perf_counter()
        if self._task is not None and (now - self._drawn > 0.1 or share >= 1.0):
            self._drawn = now
            self._bars.update(self._task, description=what, completed=share, refresh=True)

    def keep(self, result: Any) -> None:
        """Add what is finished, write it, show it."""
        if isinstance(result, found.KernelResult):
            self.results.languages = [*(self.results.languages or []), result]
        elif isinstance(result, found.RouteResult):
            self.results.routes = [*(self.results.routes or []), result]
        elif isinstance(result, found.ThreadsResult):
            self.results.threads = result
        else:
            raise TypeError(f"`result` is a {type(result).__name__}, expected a result of a part")
        if self.stopping:
            return
        self.save()
        if isinstance(result, found.KernelResult):
            with self._without_bars():
                terminal.kernel(self.console, result)

    @contextlib.contextmanager
    def _without_bars(self) -> Iterator[None]:
        """Give the screen to a table."""
        self._bars.stop()
        yield
        if self._task is not None:
            self._bars.start()

    # The parts.

    def run(self, name: str, part: ModuleType) -> None:
        """Run one part; an error that the user can mend ends it, and the next ones run."""
        if name in ("languages", "routes"):
            setattr(self.results, name, [])
        terminal.heading(self.console, name)
        self._bars.start()
        self._task = self._bars.add_task("", total=1.0, part=name)
        try:
            # Native code hears no signal; a thread leaves the main one free to.
            call = in_thread if name == "languages" else lambda work, _: work()
            call(lambda: part.run(self.results.options, self), self._stop)
        except CompareError as error:
            self.errors.append(f"{name}: {error}")
        finally:
            self._bars.remove_task(self._task)
            self._task = None
            self._bars.stop()
            if name == "routes":
                terminal.routes(self.console, self.results.routes or [])
            elif name == "threads" and self.results.threads is not None:
                terminal.threads(self.console, self.results.threads)
        self.save()

    def _stop(self) -> None:
        self.stopping = True
