"""What the scripts of both lessons share: answers first, then times, then the regions of a page."""

from __future__ import annotations

import argparse
import cProfile
import io
import platform
import pstats
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import page
from ferrotran_compare.machine import machine
from ferrotran_compare.timing import Alternation, Ratio, Samples, Time


class Disagreement(Exception):
    """Two ways to the same answer give different ones; the message has both."""


def race(
    calls: Mapping[str, Callable[[], Any]],
    check: Callable[[dict[str, Any]], None],
    budget: float,
) -> dict[str, Samples]:
    """Run each call once, let `check` compare the answers, then time all in alternation."""
    runs = Alternation(calls)
    check(runs.answers())
    return runs.run(budget=budget, even=False)


def number(value: float) -> str:
    """Three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}"


def spread(ratio: Ratio | Time, scale: float = 1.0) -> str:
    """Median and quartiles."""
    median, low, high = (number(scale * x) for x in (ratio.median, ratio.low, ratio.high))
    return f"{median} ({low} … {high})"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of markdown; the first column is text, the others are figures."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))


def fenced(text: str, language: str = "text") -> str:
    """Return a block of a page."""
    return f"```{language}\n{text.rstrip()}\n```"


def profile(call: Callable[[], Any], rows: int = 8) -> str:
    """Return the head of what cProfile finds, by time inside each function."""
    profiler = cProfile.Profile()
    profiler.runcall(call)
    stream = io.StringIO()
    stats = pstats.Stats(profiler, stream=stream).strip_dirs()
    stats.sort_stats("tottime").print_stats(rows)
    lines = [x.rstrip() for x in stream.getvalue().splitlines() if x.strip()]
    wanted = [x for x in lines if not re.match(r"\s+(Ordered by|List reduced)", x)]
    return fenced("\n".join(wanted))


def where(workload: str, **more: str) -> str:
    """Say what was measured, and on what."""
    found = machine()
    parts = [f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in ("numpy", "scipy")]
    parts += [f"{name} {text}" for name, text in more.items()]
    return (
        f"Workload: {workload}. Machine: {found.processor}, {found.cores} cores, "
        f"{', '.join(parts)}; load average {found.load_average}."
    )


def main(
    name: str,
    figures: Callable[[argparse.Namespace], dict[str, str]],
    *,
    size: int,
    size_help: str,
) -> int:
    """Make the figures of a lesson; print them, or write them into its page."""
    parser = argparse.ArgumentParser(description=f"Measure the lesson docs/{name}.md.")
    parser.add_argument("--write", action="store_true", help="fill the page")
    parser.add_argument("--page", type=Path, default=page.DOCS / f"{name}.md", help="which page")
    parser.add_argument("--size", type=int, default=size, help=f"{size_help} ({size})")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds of a table (20)")
    options = parser.parse_args()
    try:
        found = figures(options)
        if options.write:
            page.write(options.page, found)
    except (Disagreement, page.PageError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    for region, text in found.items():
        print(f"== {region}\n\n{text}\n")
    print("all answers agree" + (f"; {options.page} is written" if options.write else ""))
    return 0
