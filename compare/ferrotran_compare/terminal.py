"""Tables for the terminal, each from the dataclasses of `results`."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from ferrotran_compare import units
from ferrotran_compare.changes import Changes
from ferrotran_compare.results import CallEntry, KernelResult, Results, RouteResult, ThreadsResult
from ferrotran_compare.timing import Time

TITLES = {
    "languages": "Languages: the same work in each",
    "routes": "Binding routes: the same C and Fortran called from Python",
    "threads": "Threads and the GIL",
}
TIE = "≈"
ABOUT = {
    "languages": f"{TIE}: the spread is too wide to rank it against the row above",
    "routes": f"{TIE}: the spread is too wide to rank it against the next faster route. ±: half the"
    " distance of\nthe quartiles. ×: ratio to the fastest route",
}
LAST_LINES = 12  # of a build that failed; the JSON has all
CALLS = {
    "erf": "erf(x), a scalar function",
    "solve_tridiagonal": "solve_tridiagonal(dl, d, du, b), four arrays",
    "integrate": "integrate(f, a, b), a callback",
}
PROPERTIES = {
    "gil": "GIL",
    "broadcasting": "broadcasts",
    "strided": "strided",
    "dtype": "wrong dtype",
    "exceptions": "raised",
    "stubs": "types",
    "pythons": "Pythons",
}


def heading(console: Console, part: str) -> None:
    """Begin a part."""
    console.print()
    console.print(TITLES[part], style="bold", markup=False)
    if part in ABOUT:
        console.print(ABOUT[part], style="dim", markup=False)


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def _show(console: Console, table: Table, title: str, about: str = "") -> None:
    """Print a table under its title, which may be wider than the table."""
    console.print(title, style="bold", markup=False)
    if about:
        console.print(about, style="dim", markup=False)
    console.print(table)


def _columns(table: Table, left: Iterable[str], right: Iterable[str]) -> None:
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)


def kernel(console: Console, result: KernelResult) -> None:
    """Show a kernel: its languages from the fastest to the slowest, then its sizes."""
    table = _table()
    _columns(table, [" ", "language"], ["threads", "time", "quartiles"])
    _columns(table, [], ["ratio to the fastest", "speed-up"])
    for index, entry in enumerate(result.entries):
        table.add_row(
            TIE if entry.tied else "",
            entry.language,
            str(entry.threads),
            units.seconds(entry.time.median),
            units.spread(entry.time),
            units.times(entry.ratio) if index else "1",
            units.factor(entry.speedup.median) if entry.speedup else "",
        )
    if result.entries:
        _show(console, table, f"{result.kernel}: {result.workload}", result.what)
    for note in dict.fromkeys(f"{e.language}: {e.note}" for e in result.entries if e.note):
        console.print(note, style="dim", markup=False)
    for bad in result.disagreements:
        who = f"{bad.language}, {units.workers(bad.threads)}, size {bad.size:,}"
        console.print(f"DISAGREES: {who}: {bad.text}", style="bold red", markup=False)
    for language, how in result.missing.items():
        console.print(f"missing: {language}; to install it: {how}", markup=False)
    if result.sizes:
        title = f"{result.kernel}: time against size, 1 thread"
        _show(console, _sizes(result), title)


def _sizes(result: KernelResult) -> Table:
    table = _table()
    sizes = sorted({entry.size for entry in result.sizes})
    _columns(table, ["language"], [units.size(n) for n in sizes])
    languages = dict.fromkeys(entry.language for entry in result.sizes)
    for language in languages:
        times = {
            e.size: units.seconds(e.time.median) for e in result.sizes if e.language == language
        }
        table.add_row(language, *(times.get(n, "–") for n in sizes))
    return table


def routes(console: Console, found: list[RouteResult]) -> None:
    """Show calls, then costs, then properties; last the routes that are not there."""
    there = [r for r in found if r.missing is None and r.failed is None]
    for call, title in CALLS.items():
        if any(entry.call == call for r in there for entry in r.calls or []):
            _show(console, _calls(there, call), title)
    if there:
        _show(console, _costs(there), "What a route costs")
        _show(console, _properties(there), "What a route gives, by experiment")
    for route in found:
        for how in route.missing or []:
            console.print(f"missing: {route.route}; to install it: {how}", markup=False)
        if route.failed is not None:
            last = "\n".join(route.failed.strip().splitlines()[-LAST_LINES:])
            console.print(f"FAILED: {route.route}: {last}", style="bold red", markup=False)
        for name, said in (route.checks or {}).items():
            if said != "ok":
                wrong = f"DISAGREES: {route.route}, {name}: {said}"
                console.print(wrong, style="bold red", markup=False)


def _calls(found: list[RouteResult], call: str) -> Table:
    """Make one table of a call: a column for each number of elements."""
    rows = {r.route: {e.n: e for e in r.calls or [] if e.call == call} for r in found}
    numbers = sorted(
        {n for row in rows.values() for n in row}, key=lambda n: -1 if n is None else n
    )
    table = _table()
    _columns(table, ["route"], [units.size(n) for n in numbers])

    def first(name: str) -> tuple[bool, float]:
        entry = rows[name].get(numbers[0])
        return entry is None, entry.time.median if entry else 0.0

    for name in sorted(rows, key=first):
        cells = []
        for n in numbers:
            entry = rows[name].get(n)
            cells.append(_cell(entry) if entry else "–")
        table.add_row(name, *cells)
    return table


def _cell(entry: CallEntry) -> str:
    time, tie = entry.time, TIE if entry.tied else ""
    half = (time.high - time.low) / (2 * time.median) if time.median else 0.0
    return f"{tie}{units.seconds(time.median)} ±{half:.0%} ×{units.factor(entry.ratio.median)}"


def _costs(found: list[RouteResult]) -> Table:
    table = _table()
    _columns(table, ["route"], ["build", "module", "import", "lines: binding", "packaging"])
    for r in sorted(found, key=lambda r: r.build.median if r.build else 0.0):
        lines = r.lines or {}
        table.add_row(
            r.route,
            _median(r.build),
            units.kibibytes(r.module_bytes) if r.module_bytes is not None else "",
            _median(r.import_),
            *(str(lines.get(kind, "")) for kind in ("binding", "packaging")),
        )
    return table


def _properties(found: list[RouteResult]) -> Table:
    table = _table()
    table.add_column("route", no_wrap=True)
    for name in PROPERTIES.values():
        table.add_column(name)
    for r in found:
        table.add_row(r.route, *((r.properties or {}).get(key, "") for key in PROPERTIES))
    return table


def _median(time: Time | None) -> str:
    return units.seconds(time.median) if time is not None else ""


def threads(console: Console, result: ThreadsResult) -> None:
    """Show each way, the best first, against its workers."""
    gil = "on" if result.gil_enabled else "off"
    build = ", free-threaded" if result.free_threaded else ""
    version = result.python.partition(" ")[0]
    python = f"Python {version}{build}, GIL {gil}, {result.cores} cores"
    table = _table()
    _columns(table, ["way"], ["workers", "time", "speed-up", "ratio"])
    best: dict[str, float] = {}
    for entry in result.entries:
        best[entry.way] = min(entry.time.median, best.get(entry.way, entry.time.median))
    last = None
    for entry in sorted(result.entries, key=lambda e: (best[e.way], e.way, e.workers)):
        table.add_row(
            entry.way if entry.way != last else "",
            str(entry.workers),
            units.seconds(entry.time.median),
            units.times(entry.speedup) if entry.speedup else "",
            units.times(entry.ratio),
        )
        last = entry.way
    _show(console, table, result.what, f"{result.workload}\n{python}")


def foot(console: Console, results: Results) -> None:
    """Say what the figures were taken on."""
    here, tools = results.machine, results.tools
    load = "" if here.load_average is None else f", load average {here.load_average:g} at the start"
    console.print()
    console.print(f"{here.processor}, {here.cores} cores{load}", style="dim", markup=False)
    if here.busy:
        console.print(
            "the machine was busy at the start: if it still was later, figures are uncertain"
        )
    compiled = ("fortran", "c", "rust", "chapel", "numba") if results.languages is not None else ()
    for name in (*compiled, "numpy", "python"):
        if name in tools:
            words = [tools[name].get("compiler", ""), tools[name].get("flags", "")]
            text = f"{name}: {' '.join(w for w in words if w)}"
            console.print(text, style="dim", markup=False, soft_wrap=True)
    if compiled and "chapel" not in tools:
        console.print(
            "chapel: not compared, for there was no chpl when this was built", style="dim"
        )
    console.print(f"{results.seconds:.0f} s in all", style="dim")


def changes(console: Console, found: Changes) -> None:
    """Show what is faster and slower than in the earlier results, and what is not compared."""
    console.print()
    console.print("Changes since the earlier results", style="bold")
    for note in found.notes:
        console.print(note, style="yellow", markup=False)
    moved = [c for c in found.changes if c.verdict != "unchanged"]
    if moved:
        table = _table()
        _columns(table, ["", "what", "entry"], ["before", "now", "now over before"])
        table.columns[2].no_wrap = False
        for change in sorted(moved, key=lambda c: c.ratio, reverse=True):
            table.add_row(
                change.verdict,
                change.name,
                change.entry,
                units.seconds(change.old.median),
                units.seconds(change.new.median),
                units.factor(change.ratio),
                style="red" if change.verdict == "slower" else "green",
            )
        _show(console, table, "Beyond the noise", found.rule)
    counts = {"faster": 0, "slower": 0, "unchanged": 0}
    for change in found.changes:
        counts[change.verdict] += 1
    words = f"{counts['faster']} faster, {counts['slower']} slower"
    console.print(f"{words}, {counts['unchanged']} unchanged within noise", markup=False)
