"""Write the table of the languages in README.md from the JSON of `ferrotran compare`.

.venv/bin/python scripts/compare_readme.py build/compare.json

`scripts/compare_picture.py` makes the picture beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ferrotran_compare import results
from ferrotran_compare.html.page import LANGUAGES
from ferrotran_compare.results import KernelResult, Results

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- compare:begin -->", "<!-- compare:end -->"


def number(ratio: float) -> str:
    """Return a ratio with two digits that count, or three from 100 on."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def present(found: Results) -> list[str]:
    """Return the languages that have a column: an optional one may not be there."""
    measured = {e.language for k in found.languages or [] for e in k.entries}
    return [name for name in LANGUAGES if name in measured]


def row(kernel: KernelResult, names: list[str]) -> str:
    """Return the line of a kernel: times over that of the fastest language in one thread."""
    one = {e.language: e.time.median for e in kernel.entries if e.threads == 1}
    least = min(one.values())
    cells = [number(one[name] / least) if name in one else "" for name in names]
    gains = [e.speedup.median for e in kernel.entries if e.speedup]
    cells.append(f"{max(gains):.2f}" if gains else "")
    return f"| {kernel.kernel} | {kernel.workload} | " + " | ".join(cells) + " |"


def table(found: Results) -> str:
    """Return the region of the README."""
    kernels = found.languages or []
    threads = max(e.threads for k in kernels for e in k.entries)
    names = present(found)
    heads = ["kernel", "workload", *map(LANGUAGES.get, names), f"gain of {threads} threads"]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "---:|" * (len(heads) - 2)]
    lines += [row(kernel, names) for kernel in kernels]
    tools = ", ".join(
        f"{LANGUAGES[name]}: {found.tools[name]['compiler']}"
        for name in ("fortran", "c", "rust", "chapel")
        if "compiler" in found.tools.get(name, {})
    )
    machine = found.machine
    lines += [
        "",
        f"{machine.processor}, {machine.cores} cores, load average {machine.load_average:.1f} at "
        f"the start; native code for {found.tools['target']['cpu']}; {tools}.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("json", type=Path, help="what `ferrotran compare --json` has left")
    found = results.load(parser.parse_args().json)
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}")


if __name__ == "__main__":
    main()
