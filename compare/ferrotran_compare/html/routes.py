"""The binding routes: what a call costs, what else each costs, and what it gives."""

from __future__ import annotations

import math

from ferrotran_compare.html import charts, text
from ferrotran_compare.html.charts import Axis
from ferrotran_compare.html.lines import Point, Series, lines
from ferrotran_compare.html.page import Plots, block, figure, grid, section, warning
from ferrotran_compare.html.text import Html, tag
from ferrotran_compare.results import PROPERTIES, CallEntry, RouteResult

ACCENT = "var(--accent)"
#: The outcomes that get a dot.
GOOD = {
    "gil": ("released",),
    "broadcasting": ("both",),
    "strided": ("no copy",),
    "dtype": ("refused", "converted if safe"),
    "exceptions": ("kept",),
    "stubs": ("stub file", "annotations"),
}


def render(routes: list[RouteResult], plots: Plots) -> Html:
    """Make the chapter."""
    built = [r for r in routes if r.calls is not None]
    order = sorted(built, key=lambda r: [c.time.median for c in sorted_calls(r)[:1]] or [math.inf])
    intro = "The same Fortran and C, bound to Python by each tool as its documentation has it."
    return section(
        "routes",
        "Binding routes",
        tag("p", intro, class_="intro"),
        *notes(routes),
        calls(order, plots),
        *against_n(order, plots),
        costs(order, plots),
        figures(order + [r for r in routes if r.calls is None]),
        properties(order),
    )


def sorted_calls(r: RouteResult) -> list[CallEntry]:
    """By call and size, the callback last."""
    return sorted(r.calls or [], key=lambda c: (c.call == "integrate", c.call, c.n or 0))


def notes(routes: list[RouteResult]) -> list[Html]:
    """What is missing, what failed, and what a check found wrong."""
    if not routes:
        return [warning("No route was finished.")]
    found = []
    for r in routes:
        for name, outcome in (r.checks or {}).items():
            if outcome != "ok":
                found.append(warning(f"{r.route} fails the check {name}: {outcome}"))
    gone = [r.route for r in routes if r.missing is not None]
    bad = [r.route for r in routes if r.failed is not None]
    if gone:
        found.append(warning(f"Not installed: {text.listed(gone)}; the table has the commands."))
    if bad:
        found.append(warning(f"Failed: {text.listed(bad)}; the table has the reasons."))
    return found


def title(call: str, n: int | None) -> str:
    """Name of a call."""
    names = {"erf": "erf of a number", "integrate": "integrate, a Python callback"}
    return names.get(call, call) if n is None else f"{call}, n = {n:,}"


def calls(routes: list[RouteResult], plots: Plots) -> Html | None:
    """Bars for each call, all routes in one order."""
    keys = list(dict.fromkeys((c.call, c.n) for r in routes for c in sorted_calls(r)))
    if not keys:
        return None
    order = [r.route for r in routes]
    high = max(c.ratio.high for r in routes for c in r.calls or [])
    domain = [0.6, max(high, 10.0) ** 1.4]
    cards = []
    for index, (call, n) in enumerate(keys):
        rows, words = [], []
        for r in routes:
            for c in r.calls or []:
                if (c.call, c.n) != (call, n):
                    continue
                span = (c.ratio.median, c.ratio.low, c.ratio.high)
                label = ("≈ " if c.tied else "") + text.seconds(c.time.median)
                tip = f"{r.route}: {text.seconds(c.time.median)} ({text.spread(c.time)}); "
                tip += f"{text.ratio_spread(c.ratio)} the fastest"
                rows.append(charts.Bar(r.route, *span, label, tip, ACCENT))
                words.append(f"{r.route} {text.seconds(c.time.median)}")
        edge = domain[0]
        for name in set(order) - {row.name for row in rows}:
            why = "not timed" if n is None else "takes no array"
            rows.append(charts.Bar(name, edge, edge, edge, why, f"{name}: {why}", "var(--soft)"))
        spec = charts.bars(rows, order, Axis("times", domain, log=True), step=24)
        label = f"{title(call, n)}, time of a call: " + "; ".join(words)
        cards.append(figure(title(call, n), "", plots.add(f"call-{index}", spec, label)))
    lead = "Time of a call relative to the fastest route, on a logarithmic scale, with the time"
    lead += " itself. Whiskers are quartiles; ≈ marks a route too close to the one before to rank."
    return block("What a call costs", lead, grid(*cards, columns=4))


def against_n(routes: list[RouteResult], plots: Plots) -> list[Html]:
    """For each call on arrays, a small plot of each route, with the others in grey."""
    names = {c.call for r in routes for c in r.calls or [] if c.n is not None}
    return [against(call, routes, plots) for call in sorted(names)]


def against(call: str, routes: list[RouteResult], plots: Plots) -> Html:
    """Small plots of one call."""

    def points(r: RouteResult) -> list[Point]:
        mine = [(c.n, c) for c in sorted_calls(r) if c.call == call and c.n is not None]
        return [
            Point(
                n,
                c.time.median,
                c.time.low,
                c.time.high,
                f"{r.route}, n = {n:,}: {text.seconds(c.time.median)} ({text.spread(c.time)})",
            )
            for n, c in mine
        ]

    known = {r.route: points(r) for r in routes if points(r)}
    every = [p for line in known.values() for p in line]
    ticks = sorted({p.x for p in every})
    x = Axis("count", [ticks[0], max(ticks[-1], 2 * ticks[0])], log=True, ticks=ticks, grid=False)
    y = Axis("seconds", charts.log_domain(v for p in every for v in (p.low, p.y, p.high)), log=True)
    cards = []
    for name, mine in known.items():
        rest = [
            Series(other, "var(--faint)", line, faint=True)
            for other, line in known.items()
            if other != name
        ]
        spec = lines([*rest, Series(name, ACCENT, mine)], x, y, height=120, labels=False)
        label = f"{name}, {call} against n: " + "; ".join(
            f"{p.x:,} {text.seconds(p.y)}" for p in mine
        )
        cards.append(figure(name, "", plots.add(f"n-{call}-{name}", spec, label)))
    lead = "Time of a call against n, both on logarithmic scales; the other routes are grey."
    lead += " Where the lines run together, the work outweighs the call."
    without = [r.route for r in routes if r.route not in known]
    if without:
        lead += f" Take no array: {text.listed(without)}."
    return block(f"{call} against n", lead, grid(*cards, columns=5))


def costs(routes: list[RouteResult], plots: Plots) -> Html | None:
    """Bars of what is paid once."""
    if not routes:
        return None
    order = [r.route for r in routes]
    cards = []

    def card(key: str, title: str, note: str, rows: list[charts.Bar], format: str) -> None:
        top = max((r.high for r in rows), default=1.0)
        spec = charts.bars(rows, order, Axis(format, [0, 1.7 * top]), step=24)
        label = f"{title}: " + "; ".join(f"{r.name} {r.label}" for r in rows if r.label)
        cards.append(figure(title, note, plots.add(key, spec, label)))

    def times(name: str) -> list[charts.Bar]:
        found = []
        for r in routes:
            if time := getattr(r, name):
                label = text.seconds(time.median)
                tip = f"{r.route}: {label} ({text.spread(time)})"
                found.append(
                    charts.Bar(r.route, time.median, time.low, time.high, label, tip, ACCENT)
                )
        return found

    card("build", "Build time", "", times("build"), "seconds")
    card("import", "Import time", "", times("import_"), "seconds")
    sizes = []
    for r in routes:
        if r.module_bytes is not None:
            kib, label = r.module_bytes / 1024, text.memory(r.module_bytes)
            sizes.append(charts.Bar(r.route, kib, kib, kib, label, f"{r.route}: {label}", ACCENT))
    card("bytes", "Size of the module, KiB", "", sizes, "plain")
    lines = []
    for r in routes:
        if not r.lines:
            continue
        done = 0
        for index, (kind, n) in enumerate(r.lines.items()):
            last = index == len(r.lines) - 1
            label = " + ".join(map(str, r.lines.values())) if last else ""
            shade = ACCENT if index == 0 else "var(--accent-soft)"
            tip = f"{r.route}: {n} lines of {kind}"
            top = done + n
            lines.append(charts.Bar(r.route, top, top, top, label, tip, shade, start=done))
            done += n
    card("lines", "Lines by hand", "binding + packaging", lines, "plain")
    lead = "What is paid once: the lower, the better."
    return block("What else it costs", lead, grid(*cards, columns=4))


def figures(routes: list[RouteResult]) -> Html:
    """A row for each route, also for those that were not measured."""
    keys = list(dict.fromkeys((c.call, c.n) for r in routes for c in sorted_calls(r)))
    rows = []
    for r in routes:
        if r.calls is None:
            rows.append([r.route, absent(r), *[""] * (len(keys) + 3)])
            continue
        found = {(c.call, c.n): c for c in r.calls}
        cells = []
        for key in keys:
            c = found.get(key)
            cells.append(text.seconds(c.time.median) if c else "–")
            if c and c.tied:
                cells[-1] = f"≈ {cells[-1]}"
        rows.append(
            [
                r.route,
                text.seconds(r.build.median) if r.build else "–",
                text.memory(r.module_bytes) if r.module_bytes is not None else "–",
                text.seconds(r.import_.median) if r.import_ else "–",
                " + ".join(map(str, (r.lines or {}).values())) or "–",
                *cells,
            ]
        )
    heads = ["route", "build", "module", "import", "lines", *(title(*key) for key in keys)]
    return text.table(heads, rows, "Medians of every route", "figures routes")


def absent(r: RouteResult) -> Html:
    """Why a route has no figures."""
    if r.failed is not None:
        lines = r.failed.strip().splitlines() or ["no reason given"]
        words = tag("details", tag("summary", f"failed: {lines[-1][:200]}"), tag("pre", r.failed))
        return tag("div", words, class_="absent")
    commands = [tag("code", c) for c in r.missing or []]
    return tag("div", "missing, install with: ", *commands, class_="absent")


def properties(routes: list[RouteResult]) -> Html | None:
    """The table of what each route gives."""
    keys = list(dict.fromkeys(k for r in routes for k in r.properties or {}))
    if not keys:
        return None

    def cell(key: str, value: str) -> Html:
        several = key == "pythons" and value != "one"
        return tag(
            "span", value, class_="good" if several or value in GOOD.get(key, ()) else "plain"
        )

    rows = [[r.route, *(cell(k, (r.properties or {}).get(k, "–")) for k in keys)] for r in routes]
    heads = ["route", *(PROPERTIES.get(k, k) for k in keys)]
    made = text.table(heads, rows, "What each route gives", "words")
    lead = "Each cell is the outcome of an experiment on the module; a dot marks what spares its"
    lead += " users work or surprises."
    return block("What it gives", lead, made)
