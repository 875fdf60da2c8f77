"""What changed since earlier results, with the noise of both taken into account."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ferrotran_compare.results import Results
from ferrotran_compare.timing import FEW, Time

#: Medians, and the least times, must differ by more than this share: a second run of the same
#: code shows less, unless the machine was busy, and a busy machine seldom moves the least time.
MARGIN = 0.05


@dataclasses.dataclass(frozen=True)
class Change:
    """One figure, then and now."""

    part: str
    name: str  # a kernel, a route
    entry: str
    old: Time
    new: Time
    ratio: float  # the new median over the old one
    verdict: str  # "faster", "slower", "unchanged"


@dataclasses.dataclass(frozen=True)
class Changes:
    """All figures that can be compared, and what is to be said about the others."""

    notes: list[str]
    changes: list[Change]
    rule: str = (
        "the quartile ranges do not touch, and both the medians and the least times differ by"
        f" more than {MARGIN:.0%}"
    )


Figures = dict[tuple[str, str, str], tuple[str, Time]]  # part, name, entry: workload, time


def compare(old: Results, new: Results) -> Changes:
    """Compare the figures that both have, where the workload is the same."""
    before, now = dict(_figures(old)), dict(_figures(new))
    notes = list(_notes(old, new))
    changes = []
    other: dict[tuple[str, str], str] = {}
    for key, (workload, time) in now.items():
        if key not in before:
            continue
        earlier, past = before[key]
        if earlier != workload:
            other[key[:2]] = f"{key[1]}: not compared, for the workload differs: {earlier} before, "
            other[key[:2]] += f"{workload} now"
            continue
        ratio = time.median / past.median if past.median else 1.0
        changes.append(Change(*key, past, time, ratio, verdict(past, time)))
    notes += other.values()
    asked = {key: x for key, x in before.items() if _asked(new, *key[:2])}
    notes += _unpaired("only in the earlier results", asked, now)
    notes += _unpaired("new", now, before)
    return Changes(notes, changes)


def _asked(results: Results, part: str, name: str) -> bool:
    """Whether the results were to have figures of this name."""
    only = results.options.only
    return part in results.options.parts and (not only or name in only)


def verdict(old: Time, new: Time) -> str:
    """Say whether the new time is faster or slower beyond the noise of both."""
    if _beyond(new, old):
        return "faster"
    return "slower" if _beyond(old, new) else "unchanged"


def _beyond(fast: Time, slow: Time) -> bool:
    """Whether one time is shorter than another in every respect."""
    apart = _range(fast)[1] < _range(slow)[0]
    pairs = ((fast.median, slow.median), (fast.least, slow.least))
    return apart and all(a * (1 + MARGIN) < b for a, b in pairs)


def _range(time: Time) -> tuple[float, float]:
    """Return the quartiles, apart by three times as much when they come from few rounds."""
    more = time.high - time.low if time.rounds < FEW else 0.0
    return time.low - more, time.high + more


def _figures(results: Results) -> Iterator[tuple[tuple[str, str, str], tuple[str, Time]]]:
    for kernel in results.languages or []:
        for e in kernel.entries:
            entry = f"{e.language}, {e.threads} thread{'s' * (e.threads > 1)}"
            yield ("languages", kernel.kernel, entry), (kernel.workload, e.time)
    for route in results.routes or []:
        if route.build is not None:
            yield ("routes", route.route, "build"), ("", route.build)
        if route.import_ is not None:
            yield ("routes", route.route, "import"), ("", route.import_)
        for call in route.calls or []:
            entry = f"{call.call}, {'scalar' if call.n is None else f'{call.n:,}'}"
            yield ("routes", route.route, entry), ("", call.time)
    if results.threads is not None:
        for e in results.threads.entries:
            entry = f"{e.way}, {e.workers}"
            yield ("threads", "threads", entry), (results.threads.workload, e.time)


def _notes(old: Results, new: Results) -> Iterator[str]:
    """Say what else than the code may be behind a difference."""
    if not old.complete:
        yield "the earlier results are not complete"
    if not new.complete:
        yield "these results are not complete"
    for name, label in {
        "processor": "processor",
        "cores": "number of cores",
        "system": "system",
        "memory_bytes": "memory",
    }.items():
        before, now = getattr(old.machine, name), getattr(new.machine, name)
        if before != now:
            yield f"another machine: the {label} was {before}, is {now}"
    for name in sorted({*old.tools, *new.tools}):
        if old.tools and new.tools:
            before, now = (_told(results.tools.get(name)) for results in (old, new))
            if before != now:
                yield f"another tool: {name} was {before}, is {now}"
    for when, results in (("then", old), ("now", new)):
        if results.machine.busy:
            yield f"the machine was busy {when}: load average {results.machine.load_average:g}"


def _told(tool: dict[str, str] | None) -> str:
    if tool is None:
        return "absent"
    return " ".join(word for word in tool.values() if word)


def _unpaired(what: str, here: Figures, there: Figures) -> Iterator[str]:
    """Name the figures that the other results lack, by kernel and route."""
    names: dict[str, list[str]] = {}
    for key in here:
        if key not in there:
            names.setdefault(key[1], []).append(key[2])
    for name, entries in names.items():
        if any(key[1] == name for key in there):
            yield f"{what}: {name}: {'; '.join(entries)}"
    whole = [name for name in names if not any(key[1] == name for key in there)]
    if whole:
        yield f"{what}: {', '.join(whole)}"
