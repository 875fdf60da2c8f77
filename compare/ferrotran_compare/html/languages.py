"""The languages: bars, speed against size, speed-up, and all figures."""

from __future__ import annotations

from ferrotran_compare.html import charts, text
from ferrotran_compare.html.charts import Axis
from ferrotran_compare.html.lines import Point, Series, ideal, lines
from ferrotran_compare.html.page import (
    Plots,
    block,
    colour,
    figure,
    grid,
    language,
    legend,
    section,
    warning,
)
from ferrotran_compare.html.text import Html, join, tag
from ferrotran_compare.results import KernelResult, LanguageEntry

ORDER = ("fortran", "c", "rust", "chapel", "numba", "numpy", "python")


def render(kernels: list[KernelResult], cores: int, plots: Plots) -> Html:
    """Make the chapter."""
    if not kernels:
        return section("languages", "Languages", warning("No kernel was finished."))
    names = sorted({e.language for k in kernels for e in k.entries})
    most = max((e.threads for k in kernels for e in k.entries), default=1)
    lead = "Time relative to the fastest entry of each kernel, on a logarithmic scale."
    if most > 1:
        lead += f" Thick bars: 1 thread. Thin and lighter ones: {most} threads."
    lead += " Whiskers are quartiles; ≈ marks an entry too close to the one before it to rank."
    measured = [k for k in kernels if k.entries]
    domain = bar_domain(measured)
    return section(
        "languages",
        "Languages",
        tag("p", "The same work on the same inputs, in each language.", class_="intro"),
        *notes(kernels),
        block(
            "Time",
            lead,
            legend(names),
            grid(*(bar_card(k, domain, plots) for k in measured)),
        ),
        summary(kernels),
        sizes(measured, plots),
        speedups(measured, cores, plots),
        details(measured),
    )


def notes(kernels: list[KernelResult]) -> list[Html]:
    """What disagreed, and what is not installed."""
    found = []
    for k in kernels:
        for d in k.disagreements:
            where = f"{k.kernel}, {language(d.language)}, {text.count(d.threads, 'thread')}"
            found.append(warning(f"Not timed: {where}, size {d.size:,}: {d.text}"))
    lacking: dict[tuple[str, str], list[str]] = {}
    for k in kernels:
        for name, command in k.missing.items():
            lacking.setdefault((name, command), []).append(k.kernel)
    for (name, command), where in lacking.items():
        scope = "every kernel" if len(where) == len(kernels) else text.listed(where)
        found.append(
            warning(join([f"{language(name)} is missing in {scope}: ", tag("code", command), "."]))
        )
    return found


def bar_domain(kernels: list[KernelResult]) -> list[float]:
    """One scale for all kernels, with room for the labels."""
    spans = [x for k in kernels for e in k.entries for x in (e.ratio.low, e.ratio.high)]
    low, high = min(spans, default=1.0), max(spans, default=10.0)
    return [max(0.45, min(0.6, 0.85 * low)), max(high, 10.0) ** 1.3]


def said(e: LanguageEntry) -> str:
    """Name of an entry."""
    return f"{language(e.language)}, {text.count(e.threads, 'thread')}"


def tip(e: LanguageEntry) -> str:
    """What a pointer over an entry shows."""
    parts = [
        f"{said(e)}: {text.seconds(e.time.median)} ({text.spread(e.time)})",
        f"{text.ratio_spread(e.ratio)} the fastest",
    ]
    if e.speedup:
        parts.append(f"speed-up {text.ratio_spread(e.speedup)}")
    return "; ".join(parts + ([e.note] if e.note else []))


def bar_card(k: KernelResult, domain: list[float], plots: Plots) -> Html:
    """Bars of one kernel: each language with 1 thread and with the most."""
    names = [n for n in ORDER if any(e.language == n for e in k.entries) or n in k.missing]
    names += sorted({e.language for e in k.entries} - set(names))
    rows = []
    for name in names:
        mine = sorted((e for e in k.entries if e.language == name), key=lambda e: e.threads)
        chosen = mine if len(mine) < 2 else [mine[0], mine[-1]]
        for e, slot in zip(chosen, ["only"] if len(chosen) == 1 else ["one", "all"]):
            label = ("≈ " if e.tied else "") + text.ratio(e.ratio.median)
            span = (e.ratio.median, e.ratio.low, e.ratio.high)
            rows.append(charts.Bar(language(name), *span, label, tip(e), colour(name), slot))
    best = k.entries[0]
    note = f"{text.ratio(1).replace('.00', '')} = {text.seconds(best.time.median)}, {said(best)}"
    label = f"{k.kernel}, time relative to the fastest: " + "; ".join(
        f"{said(e)} {text.ratio(e.ratio.median)}" for e in k.entries
    )
    order = [language(n) for n in names]
    gone = [language(n) for n in k.missing if not any(e.language == n for e in k.entries)]
    rows += [missing_bar(name, domain[0]) for name in gone]
    spec = charts.bars(rows, order, Axis("times", domain, log=True), step=31)
    return figure(
        k.kernel,
        join([tag("span", k.what), " ", tag("b", note)]),
        plots.add(f"bars-{k.kernel}", spec, label),
    )


def missing_bar(name: str, edge: float) -> charts.Bar:
    """Words in the place of a bar."""
    words = "not installed"
    return charts.Bar(name, edge, edge, edge, words, f"{name}: {words}", "var(--soft)")


def summary(kernels: list[KernelResult]) -> Html:
    """A row for each kernel, a column for each language."""
    known = {e.language for k in kernels for e in k.entries}
    known |= {name for k in kernels for name in k.missing}
    known |= {d.language for k in kernels for d in k.disagreements}
    names = [n for n in ORDER if n in known]

    def cell(k: KernelResult, name: str) -> str:
        mine = sorted((e for e in k.entries if e.language == name), key=lambda e: e.threads)
        if not mine:
            wrong = any(d.language == name for d in k.disagreements)
            return "disagrees" if wrong else "missing" if name in k.missing else "–"
        shown = [text.seconds(mine[0].time.median)]
        if len(mine) > 1:
            shown += [tag("small", f"{mine[-1].threads}: {text.seconds(mine[-1].time.median)}")]
        alone = {e.language: e.time.median for e in k.entries if e.threads == 1}
        best = name in alone and alone[name] == min(alone.values())
        return join([tag("strong", shown[0]) if best else shown[0], *shown[1:]])

    rows = []
    for k in kernels:
        head = join([tag("span", k.kernel), tag("small", k.workload)])
        rows.append([head, *(cell(k, n) for n in names)])
    caption = "Median time in one thread, below it in the most; bold: the fastest in one thread"
    return text.table(["kernel", *map(language, names)], rows, caption, "figures kernels")


def sizes(kernels: list[KernelResult], plots: Plots) -> Html | None:
    """Lines of time against size."""
    cards = []
    for k in kernels:
        series = []
        keys = sorted(
            {(s.language, s.threads) for s in k.sizes},
            key=lambda x: (ORDER.index(x[0]) if x[0] in ORDER else len(ORDER), x),
        )
        for name, threads in keys:
            title = language(name) + (f", {threads}" if threads > 1 else "")
            points = [
                Point(
                    s.size,
                    s.time.median,
                    s.time.low,
                    s.time.high,
                    f"{title}, size {s.size:,}: {text.seconds(s.time.median)}"
                    f" ({text.spread(s.time)})",
                )
                for s in sorted(k.sizes, key=lambda s: s.size)
                if (s.language, s.threads) == (name, threads)
            ]
            series.append(Series(title, colour(name), points, dash=int(threads > 1)))
        if not series:
            continue
        at = sorted({s.size for s in k.sizes})
        spans = [v for s in k.sizes for v in (s.time.median, s.time.low, s.time.high)]
        ends = [at[0], at[-1]] if len(at) > 1 else [at[0] / 1.5, at[0] * 1.5]
        close = len(at) <= 7 and at[-1] < 10 * at[0]
        ticks = at if close or len(at) <= 4 else None
        x = Axis("count", ends, log=True, title="size", ticks=ticks, grid=False)
        y = Axis("seconds", charts.log_domain(spans), log=True)
        spec = lines(series, x, y, height=190)
        label = f"{k.kernel}, time against size from {at[0]:,} to {at[-1]:,}: " + "; ".join(
            f"{s.name} {text.seconds(s.points[0].y)} to {text.seconds(s.points[-1].y)}"
            for s in series
        )
        cards.append(figure(k.kernel, "", plots.add(f"sizes-{k.kernel}", spec, label)))
    if not cards:
        return None
    lead = "Median time against the size of the work, both on logarithmic scales: parallel lines"
    lead += " grow alike, and where lines meet the overhead of a call is paid off."
    return block("Speed against size", lead, grid(*cards))


def speedups(kernels: list[KernelResult], cores: int, plots: Plots) -> Html | None:
    """Lines of speed-up against threads."""
    cards = []
    most = max((e.speedup.median for k in kernels for e in k.entries if e.speedup), default=1.0)
    threads = max((e.threads for k in kernels for e in k.entries), default=1)
    top = 1.08 * max(most, threads)
    for k in kernels:
        parallel = [e for e in k.entries if e.speedup]
        names = [n for n in ORDER if any(e.language == n for e in parallel)]
        if not names:
            continue
        series = [ideal(threads, cores)]
        for name in names:
            points = [Point(1.0, 1.0, 1.0, 1.0, f"{language(name)}, 1 thread")]
            for e in sorted(parallel, key=lambda e: e.threads):
                if e.language == name and e.speedup:
                    r = e.speedup
                    words = f"{said(e)}: speed-up {text.ratio_spread(r)}"
                    points.append(Point(e.threads, r.median, r.low, r.high, words))
            series.append(Series(language(name), colour(name), points))
        ticks = sorted({e.threads for e in k.entries})
        x = Axis("plain", [1, threads], title="threads", ticks=ticks, grid=False)
        spec = lines(series, x, Axis("times", [0, top]), height=150)
        label = f"{k.kernel}, speed-up: " + "; ".join(
            f"{said(e)} {text.ratio(e.speedup.median)}" for e in parallel if e.speedup
        )
        cards.append(figure(k.kernel, "", plots.add(f"speedup-{k.kernel}", spec, label)))
    if not cards:
        return None
    serial = [k.kernel for k in kernels if not any(e.threads > 1 for e in k.entries)]
    lead = "How many times as fast as the same language in one thread. The dashed line is the"
    lead += " ideal, as far as there are cores."
    if serial:
        lead += f" In one thread only: {text.listed(serial)}."
    return block("Speed-up with threads", lead, grid(*cards, columns=4))


def details(kernels: list[KernelResult]) -> Html:
    """Every figure, in a table that opens."""
    rows = []
    for k in kernels:
        for e in k.entries:
            rows.append(
                [
                    k.kernel,
                    language(e.language),
                    str(e.threads),
                    text.seconds(e.time.median),
                    text.spread(e.time),
                    text.seconds(e.time.least),
                    ("≈ " if e.tied else "") + text.ratio_spread(e.ratio),
                    text.ratio_spread(e.speedup) if e.speedup else "",
                    str(e.time.rounds),
                    e.note,
                ]
            )
    heads = ["kernel", "language", "threads", "median", "quartiles", "least"]
    heads += ["to the fastest", "speed-up", "rounds", "note"]
    made = text.table(heads, rows, "Every entry, from the fastest to the slowest", "figures")
    return tag("details", tag("summary", "Every figure"), made)
