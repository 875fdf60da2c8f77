"""The headlines of the report, computed from the results."""

from __future__ import annotations

import statistics

from ferrotran_compare.html import text
from ferrotran_compare.html.page import language
from ferrotran_compare.html.text import Html, join, tag
from ferrotran_compare.results import KernelResult, Results, RouteResult, ThreadsResult

NATIVE = ("fortran", "c", "rust")
RIVALS = {"python": "Pure Python", "numpy": "NumPy", "numba": "numba"}
#: What it is about, a figure, and a sentence.
Finding = tuple[str, str, str]


def render(results: Results) -> Html:
    """Tiles: a figure and what it says."""
    found = [
        *languages(results.languages or []),
        *routes(results.routes or []),
        *(threads(results.threads) if results.threads else []),
    ]
    if not found:
        return tag("p", "Nothing was measured that could be summed up.", class_="intro")
    tiles = [
        tag("li", tag("b", about), tag("strong", figure), tag("span", sentence))
        for about, figure, sentence in found
    ]
    return tag("ul", *tiles, class_="findings")


def one_thread(k: KernelResult) -> dict[str, float]:
    """Median seconds of each language in one thread."""
    return {e.language: e.time.median for e in k.entries if e.threads == 1}


def between(cells: dict[str, float]) -> str:
    """The smallest and the largest of some ratios, with their names."""
    if len(cells) == 1:
        return f"in {next(iter(cells))}"
    low, high = min(cells, key=cells.__getitem__), max(cells, key=cells.__getitem__)
    span = f"{text.ratio(cells[low])} ({low}) to {text.ratio(cells[high])} ({high})"
    return f"median of {len(cells)} kernels, from {span}"


def languages(kernels: list[KernelResult]) -> list[Finding]:
    """How languages compare in one thread, and what threads bring."""
    times = {k.kernel: one_thread(k) for k in kernels}
    natives = {k: [t[n] for n in NATIVE if n in t] for k, t in times.items()}
    found = []
    for name, about in RIVALS.items():
        cells = {k: t[name] / min(natives[k]) for k, t in times.items() if name in t and natives[k]}
        if cells:
            figure = text.ratio(statistics.median(cells.values()))
            words = f"the time of the fastest of Fortran, C and Rust, 1 thread: {between(cells)}."
            found.append((about, figure, words))
    gaps = {k: max(t) / min(t) for k, t in natives.items() if len(t) > 1}
    if gaps:
        figure = text.ratio(statistics.median(gaps.values()))
        words = f"from the fastest to the slowest of the three, 1 thread: {between(gaps)}."
        found.append(("Fortran, C and Rust", figure, words))
    most = max((e.threads for k in kernels for e in k.entries), default=1)
    gains = [
        (e.speedup.median, f"{language(e.language)} in {k.kernel}")
        for k in kernels
        for e in k.entries
        if e.speedup and e.threads == most
    ]
    if most > 1 and gains:
        low, high = min(gains), max(gains)
        figure = text.ratio(statistics.median(g for g, _ in gains))
        span = f"from {text.ratio(low[0])} ({low[1]}) to {text.ratio(high[0])} ({high[1]})"
        words = f"the speed of one: median of {len(gains)} entries, {span}."
        found.append((text.count(most, "thread"), figure, words))
    return found


def routes(results: list[RouteResult]) -> list[Finding]:
    """What the cheapest and the dearest call cost, on a number and on many."""
    cells: dict[tuple[str, int], dict[str, float]] = {}
    for r in results:
        for c in r.calls or []:
            cells.setdefault((c.call, c.n or 0), {})[r.route] = c.time.median
    scalar = cells.get(("erf", 0), {})
    if len(scalar) < 2:
        return []
    low, high = min(scalar, key=scalar.__getitem__), max(scalar, key=scalar.__getitem__)
    span = f"{text.seconds(scalar[low])} ({low}) to {text.seconds(scalar[high])} ({high})"
    words = f"from the cheapest to the dearest call of erf on a number: {span}."
    large = max((key for key in cells if key[1]), key=lambda key: key[1], default=None)
    if large and len(cells[large]) > 1:
        far = text.ratio(max(cells[large].values()) / min(cells[large].values()))
        words += f" With n = {large[1]:,}, {far}."
    return [("Binding routes", text.ratio(scalar[high] / scalar[low]), words)]


def threads(result: ThreadsResult) -> list[Finding]:
    """What the most workers bring: threads of pure Python, and the way that gains most."""
    most = max((e.workers for e in result.entries), default=1)
    gains = {e.way: e.speedup.median for e in result.entries if e.workers == most and e.speedup}
    if most < 2 or not gains:
        return []
    gil = "on" if result.gil_enabled else "off"
    workers = f"the speed of one worker, with {most}"
    found = []
    plain = next((w for w in gains if w.lower().startswith("python") and "thread" in w), None)
    if plain:
        found.append((plain, text.ratio(gains[plain]), f"{workers}; the GIL is {gil}."))
    best = max(gains, key=gains.__getitem__)
    if best != plain:
        words = f"{workers}: the largest gain of {text.count(len(gains), 'way')}."
        found.append((best, text.ratio(gains[best]), words))
    return found


def scope(results: Results) -> Html:
    """One sentence: what was compared, where, when."""
    parts = []
    if results.languages is not None:
        names = {e.language for k in results.languages for e in k.entries}
        kernels = text.count(len(results.languages), "kernel")
        parts.append(f"{kernels} in {text.count(len(names), 'language')}")
    if results.routes is not None:
        built = sum(r.calls is not None for r in results.routes)
        parts.append(text.count(built, "binding route"))
    if results.threads is not None:
        ways = len({e.way for e in results.threads.entries})
        parts.append(f"{text.count(ways, 'way')} of using threads")
    what = text.listed(parts) if parts else "Nothing"
    m = results.machine
    on = f"on {m.processor or 'an unnamed processor'}, {text.count(m.cores, 'core')}"
    when = results.started[:16].replace("T", " ")
    took = f"{results.seconds:.0f} s" + (", a quick run" if results.options.quick else "")
    return join([f"{what}, {on}. ", tag("span", f"{when}, {took}.", class_="soft")])
