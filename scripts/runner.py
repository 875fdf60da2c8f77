"""Run parts of `make test`, as many side by side as there are cores; end with a table and a count.

A part is a function with the decorator `part`. It fails when one of its commands does; the others
still run. The last line is "N passed, N failed": tests as cargo and pytest count them, and one for
each part without tests.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CARGO_COUNT = re.compile(r"^test result: \S+ (\d+) passed; (\d+) failed")
PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|error)")
PYTEST_END = re.compile(r"^(=+ )?\d+ (passed|failed|skipped|error).* in [\d.]+s")

console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)


class Failure(Exception):
    """A command of a part ended with a status other than 0."""


@dataclasses.dataclass
class Part:
    """One row of the summary."""

    name: str
    what: str
    run: Callable[[Part], None]
    after: tuple[str, ...]
    """Parts that must have succeeded, if they are run at all."""
    holds: str
    """What only one part uses at a time, such as a build directory."""
    by_default: bool
    live: bool = False
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    result: str = ""
    broken: bool = False
    said: list[str] = dataclasses.field(default_factory=list)

    def say(self, text: str) -> None:
        """Print a line of the part's output, now or when the part has ended."""
        if self.live:
            print(text, end="", flush=True)
        else:
            self.said.append(text)

    def check(self, *command: str | Path, quiet: bool = True, **env: str) -> None:
        """Run a command; when it fails so does the part, which goes on."""
        try:
            self.command(*command, quiet=quiet, **env)
        except Failure as failure:
            self.say(f"{failure}\n")
            self.broken = True

    def command(self, *command: str | Path, quiet: bool = False, **env: str) -> None:
        """Run a command at the root of the repository, show its output, count its tests."""
        argv = [str(c) for c in command]
        settings = [f"{k}={v if len(v) < 30 else '...'}" for k, v in env.items()]
        self.say(f"$ {' '.join(settings + argv)}\n".replace(str(ROOT), "."))
        lines = []
        with subprocess.Popen(
            argv,
            cwd=ROOT,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            RUNNING.add(process)
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if not quiet:
                    self.say(line)
                self._count(line)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        RUNNING.discard(process)
        self.cpu += usage.ru_utime + usage.ru_stime
        if process.returncode != 0:
            if quiet:
                self.say("".join(lines))
            raise Failure(f"{argv[0]} ended with status {process.returncode}")

    def _count(self, line: str) -> None:
        if found := CARGO_COUNT.match(line):
            self.passed += int(found[1])
            self.failed += int(found[2])
        elif PYTEST_END.match(line):
            for number, kind in PYTEST_COUNT.findall(line):
                if kind == "passed":
                    self.passed += int(number)
                else:
                    self.failed += int(number)


PARTS: dict[str, Part] = {}
RUNNING: set[subprocess.Popen[str]] = set()
"""What is ended when the run is broken off."""


def part(
    what: str, *, after: tuple[str, ...] = (), holds: str = "", by_default: bool = True
) -> Callable[[Callable[[Part], None]], Callable[[Part], None]]:
    """Register a part under the name of its function."""

    def register(run: Callable[[Part], None]) -> Callable[[Part], None]:
        name = run.__name__
        PARTS[name] = Part(name, what, run, after, holds, by_default)
        return run

    return register


def run(part: Part) -> None:
    """Run one part and fill its row."""
    start = time.perf_counter()
    try:
        part.run(part)
        part.result = "ok" if part.failed == 0 and not part.broken else "FAILED"
    except (Failure, OSError, subprocess.CalledProcessError) as error:
        part.say(f"{error}\n")
        part.result = "FAILED"
    part.seconds = time.perf_counter() - start
    if part.result == "ok" and part.passed == 0:
        part.passed = 1
    if part.result == "FAILED" and part.failed == 0:
        part.failed = 1


def next_part(waiting: list[Part], running: list[Part]) -> Part | None:
    """Return the first part that can run beside those that do; skip what cannot run at all."""
    held = {part.holds for part in running} - {""}
    unfinished = {part.name for part in waiting + running}
    for part in list(waiting):
        if unfinished.isdisjoint(part.after) and part.holds not in held:
            waiting.remove(part)
            if broken := [name for name in part.after if PARTS[name].result not in ("ok", "")]:
                part.result, part.failed = "not run", 1
                console.print(f"{part.name} is not run: {broken[0]} failed")
                return next_part(waiting, running)
            return part
    return None


def run_all(parts: list[Part], at_once: int) -> None:
    """Run the parts, in their order as far as what they wait for and hold allows."""
    waiting = list(parts)
    running: dict[Future[None], Part] = {}
    with ThreadPoolExecutor(at_once) as pool:
        try:
            while waiting or running:
                while len(running) < at_once:
                    part = next_part(waiting, list(running.values()))
                    if part is None:
                        break
                    part.live = at_once == 1
                    console.rule(f"[bold]{part.name}[/bold]: {part.what}", align="left")
                    running[pool.submit(run, part)] = part
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    part = running.pop(future)
                    future.result()
                    if part.said:
                        console.rule(f"[bold]{part.name}[/bold] said", align="left")
                        print("".join(part.said), end="")
                    result = f"{part.name}: {part.result} after {part.seconds:.0f} s"
                    console.print(result, style=None if part.result == "ok" else "red")
        except BaseException:
            waiting.clear()
            for process in list(RUNNING):
                process.terminate()
            raise


def main() -> int:
    """Run the parts that the command line names, or all that are run by default."""
    arguments = sys.argv[1:]
    one = "--serial" in arguments
    names = [n for n in arguments if n != "--serial"]
    names = names or [part.name for part in PARTS.values() if part.by_default]
    unknown = [n for n in names if n not in PARTS]
    if unknown:
        print(f"unknown part {unknown[0]}; there are: {' '.join(PARTS)}")
        return 2
    chosen = [PARTS[n] for n in names]
    start = time.perf_counter()
    run_all(chosen, 1 if one or len(chosen) == 1 else min(2, os.cpu_count() or 1))
    took = time.perf_counter() - start

    table = Table(title=f"{took:.0f} s in all", title_justify="left", title_style="bold")
    table.add_column("part")
    table.add_column("result")
    for heading in ("passed", "failed", "seconds", "CPU"):
        table.add_column(heading, justify="right")
    table.add_column("what")
    for row in chosen:
        style = None if row.result == "ok" else "red"
        figures = [str(row.passed), str(row.failed), f"{row.seconds:.1f}", f"{row.cpu:.1f}"]
        table.add_row(row.name, row.result, *figures, row.what, style=style)
    console.print(table)
    failed = sum(row.failed for row in chosen)
    print(f"{sum(row.passed for row in chosen)} passed, {failed} failed", flush=True)
    return 1 if failed else 0
