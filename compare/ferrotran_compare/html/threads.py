"""Threads and the GIL: time and speed-up against workers."""

from __future__ import annotations

from ferrotran_compare.html import charts, text
from ferrotran_compare.html.charts import Axis
from ferrotran_compare.html.lines import Point, Series, ideal, lines
from ferrotran_compare.html.page import Plots, figure, grid, section, warning
from ferrotran_compare.html.text import Html, tag
from ferrotran_compare.results import ThreadEntry, ThreadsResult

#: Colours by the first word of a way; a second way of the same word is dashed.
COLOURS = {"python": "var(--python)", "numpy": "var(--numpy)", "ferrotran": "var(--accent)"}


def render(found: ThreadsResult, plots: Plots) -> Html:
    """Make the chapter."""
    free = "a free-threaded build" if found.free_threaded else "not a free-threaded build"
    gil = "on" if found.gil_enabled else "off"
    intro = f"The job is {found.what}: {found.workload}. Python {found.python}, {free};"
    intro += f" its GIL is {gil}; {text.count(found.cores, 'core')}."
    if not found.entries:
        return section(
            "threads", "Threads and the GIL", tag("p", intro), warning("No way was finished.")
        )
    ways = list(dict.fromkeys(e.way for e in found.entries))
    return section(
        "threads",
        "Threads and the GIL",
        tag("p", intro, class_="intro"),
        grid(time_card(found, ways, plots), speedup_card(found, ways, plots), columns=2),
        figures(found, ways),
    )


def line(way: str, ways: list[str]) -> tuple[str, bool]:
    """Colour of a way, and whether it is dashed."""
    first = way.split(",")[0].split()[0].lower() if way.strip() else ""
    same = [w for w in ways if w.lower().startswith(first)]
    return COLOURS.get(first, "var(--soft)"), same.index(way) > 0 if way in same else False


def of(found: ThreadsResult, way: str) -> list[ThreadEntry]:
    """The entries of a way by workers."""
    return sorted((e for e in found.entries if e.way == way), key=lambda e: e.workers)


def workers_axis(found: ThreadsResult) -> Axis:
    """The numbers of workers that were tried."""
    ticks = sorted({e.workers for e in found.entries})
    ends = [ticks[0], max(ticks[-1], ticks[0] + 1)]
    return Axis("plain", ends, title="workers", ticks=ticks, grid=False)


def time_card(found: ThreadsResult, ways: list[str], plots: Plots) -> Html:
    """Lines of time against workers."""
    series = []
    for way in ways:
        points = [
            Point(
                e.workers,
                e.time.median,
                e.time.low,
                e.time.high,
                f"{way}, {text.count(e.workers, 'worker')}: {text.seconds(e.time.median)}"
                f" ({text.spread(e.time)})",
            )
            for e in of(found, way)
        ]
        series.append(Series(way, line(way, ways)[0], points, dash=line(way, ways)[1]))
    spans = [v for s in series for p in s.points for v in (p.low, p.y, p.high)]
    y = Axis("seconds", charts.log_domain(spans), log=True)
    spec = lines(series, workers_axis(found), y, height=280)
    label = "Time against workers: " + "; ".join(
        f"{s.name} {text.seconds(s.points[0].y)} to {text.seconds(s.points[-1].y)}" for s in series
    )
    return figure("Time", "logarithmic", plots.add("threads-time", spec, label))


def speedup_card(found: ThreadsResult, ways: list[str], plots: Plots) -> Html:
    """Lines of speed-up against workers."""
    most = max(e.workers for e in found.entries)
    series = [ideal(most)]
    for way in ways:
        points = []
        for e in of(found, way):
            if r := e.speedup:
                words = f"{way}, {text.count(e.workers, 'worker')}: {text.ratio_spread(r)}"
                points.append(Point(e.workers, r.median, r.low, r.high, words))
            elif e.workers == 1:
                points.append(Point(1, 1, 1, 1, f"{way}, 1 worker"))
        if points:
            series.append(Series(way, line(way, ways)[0], points, dash=line(way, ways)[1]))
    high = max(p.y for s in series for p in s.points)
    spec = lines(series, workers_axis(found), Axis("times", [0, 1.08 * high]), height=280)
    label = "Speed-up: " + "; ".join(f"{s.name} {text.ratio(s.points[-1].y)}" for s in series[1:])
    note = "against the same way with one worker; the dashed grey line is ideal"
    return figure("Speed-up", note, plots.add("threads-speedup", spec, label))


def figures(found: ThreadsResult, ways: list[str]) -> Html:
    """A row for each way."""
    workers = sorted({e.workers for e in found.entries})
    rows = []
    for way in ways:
        cells = []
        mine = {e.workers: e for e in of(found, way)}
        for n in workers:
            e = mine.get(n)
            shown = [text.seconds(e.time.median)] if e else ["–"]
            if e and e.speedup and n > 1:
                shown.append(tag("small", f"speed-up {text.ratio_spread(e.speedup)}"))
            cells.append(tag("span", *shown))
        rows.append([way, *cells])
    heads = ["way", *(text.count(n, "worker") for n in workers)]
    return text.table(heads, rows, "Median time, and speed-up with its quartiles", "figures ways")
