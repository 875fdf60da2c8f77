"""Time the same calls through several routes: `python -I calls.py '{"routes": ["cffi", ...]}'`.

It runs by its path in the environment of the routes, which has NumPy and nothing of this package,
and imports all modules in one process, so that they take turns. Each line that it prints is JSON:
`what` and `share` while it goes on, at the end `calls`, the seconds of each round, and `wrong`, the
routes that are not timed and why.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import itertools
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def by_path(path: Path) -> ModuleType:
    """Import a file of this package where the package is not installed."""
    spec = importlib.util.spec_from_file_location(f"_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


HERE = Path(__file__).resolve().parent
timing = by_path(HERE.parent / "timing.py")
probe = by_path(HERE / "probe.py")
EPS = probe.EPS
SIZES = (4, 1000, 1_000_000)


@dataclasses.dataclass(frozen=True)
class Workload:
    """One call. `n` is None for a scalar; `loop` calls are timed as one, as `timeit` does."""

    call: str
    n: int | None
    arguments: tuple[Any, ...]
    check: Callable[[Any], str | None]
    loop: int = 1
    optional: bool = False  # a route may refuse it

    @property
    def name(self) -> str:
        """How it is called in messages."""
        if self.n is not None:
            return f"{self.call} of {self.n} elements"
        return f"{self.call} of a {'function' if self.call == 'integrate' else 'number'}"

    def bind(self, module: ModuleType) -> Callable[[], None]:
        """Return what is timed."""
        function = getattr(module, self.call)
        arguments, loop = self.arguments, self.loop

        def run() -> None:
            for _ in itertools.repeat(None, loop):
                function(*arguments)

        return run


def difference(found: Any, expected: Any, bound: Any) -> str | None:
    """Return both values where they are farthest apart, in units of the bound, or None."""
    found = np.asarray(found, dtype=float)
    if found.shape != np.shape(expected):
        return f"shape {found.shape}, expected {np.shape(expected)}"
    excess = np.asarray(np.abs(found - expected) / bound)
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    if excess[worst] <= 1:
        return None
    return f"{float(found[worst])!r}, expected {float(np.asarray(expected)[worst])!r}"


def erf(n: int | None) -> Workload:
    """Both the route's function and Python's are right to an ulp."""
    x = 0.5 if n is None else np.random.default_rng(n).uniform(-3, 3, n)
    expected = np.vectorize(math.erf)(x)
    bound = 2 * np.spacing(np.abs(expected))
    loop = 100 if n is None or n < 100 else 1
    check = lambda y: difference(y, expected, bound)  # noqa: E731
    return Workload("erf", n, (x,), check, loop, optional=n is not None)


def solve(n: int) -> Workload:
    """The residual of a dominant matrix stays below 6 eps |A| |x|: Higham, section 9.6.

    Eight more are for the residual itself, taken in the same precision.
    """
    dl, d, du, b = probe.system(n)

    def check(x: Any) -> str | None:
        x = np.asarray(x, dtype=float)
        if x.shape != b.shape:
            return f"shape {x.shape}, expected {b.shape}"
        product, size = d * x, np.abs(d * x)
        for rows, columns, a in (
            (slice(1, n), slice(0, n - 1), dl),
            (slice(0, n - 1), slice(1, n), du),
        ):
            product[rows] += a * x[columns]
            size[rows] += np.abs(a * x[columns])
        wrong = difference(product, b, 14 * EPS * (size + np.abs(b)))
        return f"A x is {wrong}" if wrong else None

    return Workload("solve_tridiagonal", n, (dl, d, du, b), check, loop=100 if n < 100 else 1)


def square(x: float) -> float:
    """What is integrated: a Python function of one operation."""
    return x * x


def integrate() -> Workload:
    """One application of the 21-point rule, which is exact for a square."""
    # 21 products and sums of values below 1.
    check = lambda found: difference(found[0], 1 / 3, 42 * EPS)  # noqa: E731
    return Workload("integrate", None, (square, 0.0, 1.0), check, loop=10)


def workloads() -> Iterator[Workload]:
    """All calls that are timed."""
    yield erf(None)
    yield from map(erf, SIZES)
    yield from map(solve, SIZES)
    yield integrate()


class Report:
    """Prints what goes on, ten times a second at most."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.last = steps, 0, 0.0

    def __call__(self, what: str, share: float) -> None:
        """Say what is being timed, and the share of its own work that is done."""
        now = time.perf_counter()
        if now - self.last > 0.1:
            self.last = now
            say(what=what, share=(self.done + share) / self.steps)


def say(**what: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(what), flush=True)


def load(routes: list[str], wrong: dict[str, dict[str, str]]) -> dict[str, ModuleType]:
    """Import the modules; one that fails does not spoil the others."""
    modules = {}
    for route in routes:
        try:
            modules[route] = importlib.import_module(f"glue_{route}")
        except Exception as error:
            wrong[route] = {"import": f"{type(error).__name__}: {error}"}
    return modules


def agreeing(
    work: Workload, modules: dict[str, ModuleType], wrong: dict[str, dict[str, str]]
) -> dict[str, Callable[[], None]]:
    """Return what is to be timed: the routes that take the arguments and give the right answer."""
    found = {}
    for route, module in modules.items():
        try:
            answer = getattr(module, work.call)(*work.arguments)
        except Exception as error:
            if not work.optional:
                wrong.setdefault(route, {})[work.name] = f"{type(error).__name__}: {error}"
            continue
        if work.optional and np.ndim(answer) == 0:  # f2py takes the first element
            continue
        try:
            differs = work.check(answer)
        except Exception as error:
            differs = f"an answer that cannot be compared: {error}"
        if differs:
            wrong.setdefault(route, {})[work.name] = differs
        else:
            found[route] = work.bind(module)
    return found


def measure(
    routes: list[str], *, budget: float, rounds: int, least: int, block: float
) -> dict[str, Any]:
    """Compare the answers of each call, then time it.

    Parameters
    ----------
    routes : list of str
        Routes that are installed.
    budget : float
        Seconds of all calls together, about.
    rounds, least, block
        As `timing.Alternation` has them.
    """
    wrong: dict[str, dict[str, str]] = {}
    modules = load(routes, wrong)
    works = list(workloads())
    report = Report(len(works))
    calls = []
    for work in works:
        runs = agreeing(work, modules, wrong)
        race = timing.Alternation(
            runs, progress=lambda share, work=work: report(work.name, share), block=block
        )
        samples = race.run(budget=budget / len(works), rounds=rounds, least=least) if runs else {}
        scaled = {r: [s and s / work.loop for s in times] for r, times in samples.items()}
        calls.append({"call": work.call, "n": work.n, "samples": scaled})
        report.done += 1
    return {"calls": calls, "wrong": wrong}


if __name__ == "__main__":
    say(**measure(**json.loads(sys.argv[1])))
