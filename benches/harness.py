"""Compare callables in one process: answers first, then times, in alternation.

A bench file builds cases and hands them over::

    from harness import Case, main

    def cases():
        x = np.random.default_rng(3).uniform(-4, 4, 10**7)
        out = np.empty_like(x)
        yield Case(
            "special.erf",
            workload="1e7 points, U(-4, 4), out=, f64, 1 thread",
            ours=lambda: ft.special.erf(x, out=out),
            peers={"scipy.special.erf": lambda: scipy.special.erf(x)},
            target={"scipy.special.erf": 6.0},
            tolerance=4 * EPS,  # 2 ulp ours, 2 ulp the peer's
            items=x.size,
            threads=1,
        )

    if __name__ == "__main__":
        main(cases)

Every callable runs once before the clock starts; that run is the warm-up and its answer
is compared with ours. Rounds then call each callable in turn, in an order that rotates, so
that a slow spell of the machine hits all alike. A ratio is the peer's time over ours within a
round; the table shows its median and quartiles. Ratios above 1 mean that ferrotran is faster.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

# `make bench` does not install the comparison, whose clock this is.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compare"))

from ferrotran_compare.machine import processor
from ferrotran_compare.timing import Alternation, paired, quartiles
from ferrotran_compare.units import seconds

EPS = float(np.finfo(np.float64).eps)


def largest_difference(ours: Any, peer: Any) -> float:
    """Largest ``|ours - peer|`` over the largest ``|peer|``; NaN and infinity must be alike."""
    a, b = np.asarray(ours, dtype=float), np.asarray(peer, dtype=float)
    if a.shape != b.shape:
        return float("inf")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if bool(same.all()):
        return 0.0
    finite = np.isfinite(a) & np.isfinite(b)
    if not bool((finite | same).all()):
        return float("inf")
    scale = float(np.abs(b[finite]).max())
    return float(np.abs(a - b)[finite].max()) / (scale or 1.0)


def largest_relative_difference(ours: Any, peer: Any) -> float:
    """Largest ``|ours - peer| / |peer|`` of an element; zeros, NaN, infinity must be alike."""
    a, b = np.asarray(ours, dtype=float), np.asarray(peer, dtype=float)
    if a.shape != b.shape:
        return float("inf")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        difference = np.where(same, 0.0, np.abs(a - b) / np.abs(b))
    return float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Options:
    """What a case may state beside its name."""

    workload: str
    ours: Callable[[], Any]
    peers: Mapping[str, Callable[[], Any]]
    tolerance: float
    target: Mapping[str, float] = dataclasses.field(default_factory=dict)
    baselines: Mapping[str, Callable[[], Any]] = dataclasses.field(default_factory=dict)
    check: Callable[[Any, Any], float] = largest_difference
    items: int = 1
    unit: str = "call"
    threads: int | None = None
    before: Callable[[], Any] | None = None
    who: str = "ferrotran"
    part: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Case(_Options):
    """One workload, our callable, its peers, and the ratio that is claimed.

    ``ours`` and each of ``peers`` take nothing and return their answer, which ``check``
    turns into one number that must not exceed ``tolerance``. A peer that fails is not timed.
    ``baselines`` are timed and not checked (a plain copy of the same bytes). ``target`` maps
    a peer or baseline to the least ratio. ``items`` divides the printed times. ``threads`` is
    set on ferrotran for the whole case; None leaves the default. ``before`` runs untimed in
    front of every block (to refill an array that the callables overwrite). ``who`` names ours.
    ``part`` is the share of the items that a slow peer does; its times are scaled to all.
    """

    name: str


@dataclasses.dataclass
class Row:
    """The figures of one callable in one case."""

    case: str
    workload: str
    who: str
    threads: int | None
    unit: str
    median: float  # seconds per item
    low: float
    high: float
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    target: float | None = None
    met: bool | None = None
    rounds: int = 0


def _set_threads(threads: int | None) -> Callable[[], None]:
    """Set ferrotran's threads for a case; return what undoes it."""
    if threads is None:
        return lambda: None
    import ferrotran

    before = ferrotran.get_num_threads()
    ferrotran.set_num_threads(threads)
    return lambda: ferrotran.set_num_threads(before)


def measure(
    case: Case,
    *,
    rounds: int,
    budget: float,
    least: int = 5,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Row]:
    """Check a case, then time it; the first row is ours.

    `budget` is in seconds and sets the number of rounds between `least` and `rounds`.
    `progress` is told the share of the work that is done, from 0 to 1.
    """
    undo = _set_threads(case.threads)
    try:
        return _measure(case, rounds, budget, least, progress)
    finally:
        undo()


def _measure(
    case: Case, rounds: int, budget: float, least: int, progress: Callable[[float], None]
) -> list[Row]:
    race = Alternation(
        {case.who: case.ours} | dict(case.peers) | dict(case.baselines),
        before=case.before,
        keep=lambda answer: answer.copy() if isinstance(answer, np.ndarray) else answer,
        progress=progress,
    )
    reference = race.answer(case.who)
    differences = {who: case.check(reference, race.answer(who)) for who in case.peers}
    for who, difference in differences.items():
        if not difference <= case.tolerance:
            race.drop(who)
    samples = race.run(budget=budget, rounds=rounds, least=least)
    times = {who: [t / case.part.get(who, 1.0) for t in taken] for who, taken in samples.items()}

    rows = []
    for who in [case.who, *case.peers, *case.baselines]:
        row = Row(case.name, case.workload, who, case.threads, case.unit, *[float("nan")] * 3)
        row.target = case.target.get(who)
        if who in case.peers:
            row.difference, row.tolerance = differences[who], case.tolerance
        if who in times:
            low, middle, high = quartiles(times[who])
            row.low, row.median, row.high = (t / case.items for t in (low, middle, high))
            row.rounds = len(times[who])
        if who in times and who != case.who:
            ratios = paired(times[who], times[case.who])
            row.ratio_low, row.ratio, row.ratio_high = quartiles(ratios)
        if row.target is not None:
            row.met = row.ratio is not None and row.ratio >= row.target
        rows.append(row)
    return rows


def environment() -> dict[str, str]:
    """Machine, compilers, versions and threads, for the head of a report."""
    import ferrotran

    found = {
        "processor": processor() or "unknown",
        "cores": str(len(os.sched_getaffinity(0))),
        "load average": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    for name in ("scipy", "numba"):
        if name in sys.modules:
            found[name] = sys.modules[name].__version__
    for section, items in ferrotran.show_config(mode="dicts").items():
        for key, value in items.items():
            words = " ".join(value) if isinstance(value, list) else str(value)
            found[f"{section}, {key}".lower()] = words
    for name in ("FERROTRAN_ISA", "FERROTRAN_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        if name in os.environ:
            found[name] = os.environ[name]
    return found


def verdict(row: Row) -> str:
    """Return the last column of a report: agreement and target."""
    if row.difference is not None and not row.difference <= (row.tolerance or 0.0):
        return f"DIFFERS: {row.difference:.1e} > {row.tolerance:.1e}"
    if row.target is None:
        return ""
    return f"{'met' if row.met else 'MISSED'} (≥ {row.target:g})"


def cells(row: Row) -> list[str]:
    """Return the columns that the terminal and the markdown report share."""
    each = "" if row.unit == "call" else f"/{row.unit}"
    timed = row.rounds > 0
    return [
        row.who,
        seconds(row.median) + each if timed else "",
        f"{seconds(row.low)} … {seconds(row.high)}" if timed else "",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.ratio is None else f"{row.ratio_low:.2f} … {row.ratio_high:.2f}",
        "" if row.difference is None else f"{row.difference:.1e}",
        verdict(row),
    ]


HEADINGS = ["who", "median", "quartiles", "ratio", "quartiles", "difference", "target"]


def show(case: Case, rows: list[Row], console: Console) -> None:
    """Print the table of one case."""
    threads = "" if case.threads is None else f", threads: {case.threads}"
    table = Table(
        title=f"{case.name}: {case.workload}{threads}", title_justify="left", title_style="bold"
    )
    for index, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if index in (0, 6) else "right", no_wrap=index < 6)
    for row in rows:
        bad = row.met is False or "DIFFERS" in verdict(row)
        table.add_row(*cells(row), style="red" if bad else None)
    console.print(table)


def main(cases: Callable[[], Iterable[Case]]) -> None:
    """Run the cases of a bench file; exit status 1 when an answer differs."""
    parser = argparse.ArgumentParser(description="Compare ferrotran with its peers.")
    parser.add_argument("pattern", nargs="?", default="", help="run cases whose name contains this")
    parser.add_argument("--rounds", type=int, default=25, help="most rounds of a case (25)")
    parser.add_argument("--budget", type=float, default=6.0, help="seconds of a case, about (6)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    every: list[Row] = []
    for case in cases():
        if options.pattern not in case.name:
            continue
        rows = measure(case, rounds=options.rounds, budget=options.budget)
        show(case, rows, console)
        every += rows
    if options.json:
        found = {
            "environment": environment(),
            "rows": [dataclasses.asdict(r) for r in every],
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if any("DIFFERS" in verdict(row) for row in every):
        sys.exit(1)
