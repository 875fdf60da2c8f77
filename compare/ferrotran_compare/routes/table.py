"""The tables of examples/glue/README.md."""

from __future__ import annotations

from collections.abc import Iterable

from ferrotran_compare import machine
from ferrotran_compare.results import PROPERTIES, RouteResult
from ferrotran_compare.routes.catalogue import ROUTES
from ferrotran_compare.routes.checkout import Checkout

CALLS = {
    ("erf", None): "`erf`, a number",
    ("erf", 4): "4",
    ("erf", 1000): "1,000",
    ("erf", 1_000_000): "10⁶",
    ("solve_tridiagonal", 4): "`solve_tridiagonal`, 4",
    ("solve_tridiagonal", 1000): "1,000",
    ("solve_tridiagonal", 1_000_000): "10⁶",
    ("integrate", None): "`integrate`",
}
GIVES = ["route", *PROPERTIES.values(), "lines: binding + packaging"]
COSTS = ["route", "build", "module, KiB", "import", *CALLS.values()]


def gives(result: RouteResult) -> str:
    """Return the line of a route in the table of what each gives."""
    count = result.lines
    cells = [result.properties[key] for key in PROPERTIES]
    cells += [f"{count['binding']} + {count['packaging']}"]
    return f"| [{result.route}]({result.route}) | " + " | ".join(cells) + " |"


def digits(ratio: float | None) -> str:
    """Two digits of a ratio, all of those before the point; a dash for what is not there."""
    if ratio is None:
        return "–"
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}"


def costs(results: Iterable[RouteResult]) -> list[str]:
    """Return the lines of the table of what each costs, as ratios to the least of each column."""
    results = [r for r in results if r.properties is not None]
    shortest = {
        kind: min((t.median for r in results if (t := getattr(r, kind))), default=None)
        for kind in ("build", "import_")
    }
    found = []
    for result in results:
        ratios = {(c.call, c.n): c.ratio.median for c in result.calls}
        build, imported = (
            digits(t and t.median / shortest[kind])
            for kind in ("build", "import_")
            for t in [getattr(result, kind)]
        )
        cells = [build, f"{result.module_bytes / 1024:.0f}", imported]
        cells += [digits(ratios.get(call)) for call in CALLS]
        found.append(f"| [{result.route}]({result.route}) | " + " | ".join(cells) + " |")
    return found


def write(place: Checkout, results: list[RouteResult]) -> None:
    """Write both tables of the README.

    In the first, the row of a route that was not tried stays. The second is written whole, since
    its ratios belong to one run.
    """
    text = place.readme.read_text()
    old = section(text, "gives").splitlines()
    rows = {x[3:].partition("]")[0]: x for x in old if x.startswith("| [")}
    rows |= {r.route: gives(r) for r in results if r.properties is not None}
    text = replace(text, "gives", [*head(GIVES), *(rows[n] for n in ROUTES if n in rows)])
    found = machine.machine()
    where = f"Processor: {found.processor}, {found.cores} cores."
    text = replace(text, "costs", [*head(COSTS, right=True), *costs(results), "", where])
    place.readme.write_text(text)


def head(titles: list[str], *, right: bool = False) -> list[str]:
    """Return the first two lines of a table."""
    rule = "---:|" if right else "---|"
    return ["| " + " | ".join(titles) + " |", "|---|" + rule * (len(titles) - 1)]


def section(text: str, name: str) -> str:
    """Return what stands between the marks of a section."""
    return text.partition(f"<!-- {name}:begin -->")[2].partition(f"<!-- {name}:end -->")[0]


def replace(text: str, name: str, lines: list[str]) -> str:
    """Put other lines between the marks of a section."""
    old = section(text, name)
    begin = f"<!-- {name}:begin -->"
    return text.replace(begin + old, begin + "\n" + "\n".join(lines) + "\n")
