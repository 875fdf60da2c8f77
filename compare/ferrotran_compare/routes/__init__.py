"""The binding routes of examples/glue: built, tried, and timed side by side.

They are built from a checkout of ferrotran, into an environment of their own in its build folder.
`probe` and `calls` run there; the rest runs here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ferrotran_compare.results import CallEntry, Options, Progress, RouteResult
from ferrotran_compare.routes import build, checkout, environment, imports
from ferrotran_compare.routes.catalogue import ROUTES
from ferrotran_compare.routes.checkout import Checkout
from ferrotran_compare.timing import Ratio, Samples, Time, tied

__all__ = ["NAMES", "ready", "run"]

#: What `--only` knows.
NAMES = tuple(ROUTES)

CALLS = Path(__file__).with_name("calls.py")
#: Seconds for all calls, most and fewest rounds of a call, least seconds of a block.
FULL = {"budget": 60.0, "rounds": 25, "least": 7, "block": 0.005}
QUICK = {"budget": 2.0, "rounds": 15, "least": 3, "block": 0.001}
#: Rounds of imports, for full and quick.
IMPORTS = {False: 11, True: 3}
CALLING = 0.7  # share of the calls in what is timed; the rest are imports


def ready(options: Options) -> None:
    """Look for the checkout before any work.

    Raises
    ------
    CompareError
        If there is none.
    """
    checkout.find(options.source)


def run(options: Options, progress: Progress) -> list[RouteResult]:
    """Build, try and time the routes.

    Each is built alone, from nothing, once: while nothing changes, the time of that build is
    shown again. When the work is interrupted, what is known by then is kept.
    """
    place = checkout.find(options.source)
    results: dict[str, RouteResult] = {}
    try:
        with build.alone(place, lambda what: progress.step(what, 0.0)):
            share = _prepare(place, options.chosen(NAMES), results, progress)
            measure(place, results, options.quick, Rest(progress, share))
    finally:
        for result in results.values():
            progress.keep(result)
    return list(results.values())


def _prepare(
    place: Checkout, names: list[str], results: dict[str, RouteResult], progress: Progress
) -> float:
    """Build and probe, one after the other; return the share of the work that this was."""
    environment.make(place, lambda what: progress.step(what, 0.0))
    there = environment.installed(place)
    new = sum((build.known(place, n).get("build_seconds") is None) for n in names)
    end = 0.8 if new > 1 else 0.2  # building takes minutes, the rest seconds
    for index, name in enumerate(names):
        progress.step(f"build of {name}", end * index / len(names))
        found = build.build(place, name, there, measure=True)
        if "wheel" in found:
            progress.step(f"experiments on {name}", end * (index + 0.8) / len(names))
            found = build.probe(place, found, again=False)
        results[name] = result(found)
    return end


def result(found: dict[str, Any]) -> RouteResult:
    """Turn what `build` returns into a result; nothing is timed yet but the build."""
    name = found["route"]
    if "missing" in found or "failed" in found:
        return RouteResult(name, missing=found.get("missing"), failed=found.get("failed"))
    seconds = found["build_seconds"]
    return RouteResult(
        name,
        build=None if seconds is None else Time.of([seconds]),
        module_bytes=found["module_bytes"],
        calls=[],
        lines=found["lines"],
        properties=found["properties"],
        checks=dict(found["checks"]),
    )


class Rest:
    """Progress of what begins at a share of the whole."""

    def __init__(self, progress: Progress, start: float) -> None:
        self._progress, self._start = progress, start

    def step(self, what: str, share: float) -> None:
        """Report the share of the whole."""
        self._progress.step(what, self._start + (1 - self._start) * share)


def measure(place: Checkout, results: dict[str, RouteResult], quick: bool, progress: Rest) -> None:
    """Time calls and imports of the routes that are there, and fill their results."""
    built = [name for name, found in results.items() if found.checks is not None]
    if not built:
        return
    for call in timed_calls(place, built, quick, progress, results):
        for name, entry in entries(call["call"], call["n"], call["samples"]):
            results[name].calls.append(entry)
    rest = Rest(progress, CALLING)
    taken = imports.times(place, built, IMPORTS[quick], rest.step)
    for name, samples in taken.items():
        results[name].import_ = Time.of(samples) if samples else None


def timed_calls(
    place: Checkout,
    names: list[str],
    quick: bool,
    progress: Rest,
    results: dict[str, RouteResult],
) -> list[dict[str, Any]]:
    """Run `calls.py`; what it says against a route goes into the checks of its result."""
    heard: dict[str, Any] = {}

    def line(text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return  # a module that prints
        if "share" in said:
            progress.step(said["what"], CALLING * said["share"])
        else:
            heard.update(said)

    task = json.dumps({"routes": names, **(QUICK if quick else FULL)})
    ended = environment.follow(place, place.python, "-I", CALLS, task, line=line)
    if "calls" not in heard:
        text = f"the process that times all routes ended with {ended.returncode}\n{ended.stderr}"
        for name in names:
            results[name].checks["calls"] = text.strip()
        return []
    for name, outcomes in heard["wrong"].items():
        results[name].checks.update(outcomes)
    return heard["calls"]


def entries(call: str, n: int | None, samples: dict[str, Samples]) -> list[tuple[str, CallEntry]]:
    """Sort the routes of one call by time, and compare each with the fastest."""
    ranked = sorted(samples, key=lambda name: Time.of(samples[name]).median)
    found = []
    for name, before in zip(ranked, [None, *ranked]):
        times, fastest = samples[name], samples[ranked[0]]
        close = before is not None and tied(times, samples[before])
        found.append((name, CallEntry(call, n, Time.of(times), Ratio.of(times, fastest), close)))
    return found
