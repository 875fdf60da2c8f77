"""Run the demo: one table in the terminal, one picture in build/demo/.

Hillslope diffusion on a real elevation model, by ferrotran's Fortran and C kernels, a plain Rust
program and NumPy; then a batch of tridiagonal systems, a special function and a quadrature sweep
against SciPy. Ends with status 0 only if all answers agree within the tolerances stated here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benches"))

from harness import Case, Row, measure, seconds, verdict  # noqa: E402  (its folder is known now)
from kernels import heat_case, quad_case, special_case, tridiagonal_case  # noqa: E402
from picture import draw  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402
from rich.table import Table  # noqa: E402
from terrain import load  # noqa: E402

OUTPUT = ROOT / "build" / "demo"


def build_rust() -> Path:
    """Build the plain Rust program and return its path."""
    command = ["cargo", "build", "--quiet", "--release", "-p", "ferrotran-example"]
    subprocess.run([*command, "--bin", "hillslope"], cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "hillslope"


def table(results: dict[str, list[Row]]) -> Table:
    """Return the table of all kernels."""
    found = Table(title="×: threads; ratio: time over ferrotran's, medians", title_justify="left")
    for heading in ("kernel", "who"):
        found.add_column(heading, no_wrap=True)
    for heading in ("time", "ratio", "largest difference", "tolerance"):
        found.add_column(heading, justify="right")
    for kernel, rows in results.items():
        for row in rows:
            differs = "DIFFERS" in verdict(row)
            found.add_row(
                kernel if row is rows[0] else "",
                row.who,
                seconds(row.median) if row.rounds else "not timed",
                "1" if row.ratio is None and row.rounds else f"{row.ratio or 0:.2f}",
                "" if row.difference is None else f"{row.difference:.1e}",
                "" if row.tolerance is None else f"{row.tolerance:.1e}",
                style="red" if differs else None,
                end_section=row is rows[-1],
            )
    return found


def bars(rows: list[Row]) -> list[tuple[str, float]]:
    """Return who and ratio for the picture."""
    return [(row.who, row.ratio or 1.0) for row in rows if row.rounds]


def run(cases: Iterator[Case], console: Console) -> dict[str, list[Row]]:
    """Measure every case behind a progress bar."""
    results = {}
    with Progress(console=console, transient=True) as progress:
        for case in cases:
            task = progress.add_task(case.workload, total=1.0)
            results[case.name] = measure(
                case,
                rounds=9,
                least=3,
                budget=1.0,
                progress=lambda share, task=task: progress.update(task, completed=share),
            )
            progress.remove_task(task)
            console.print(f"   {case.name}: {case.workload}")
    return results


def main() -> int:
    """Return 0 if all answers agree."""
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print("[bold]== demo[/bold]")
    terrain = load()
    program = build_rust()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    heat, after = heat_case(terrain, program, OUTPUT)
    cases = iter((heat, tridiagonal_case(), special_case(), quad_case()))
    results = run(cases, console)

    console.print(table(results))
    path = OUTPUT / "demo.png"
    draw(terrain, after(), {name: bars(rows) for name, rows in results.items()}, path)
    console.print(f"picture: {path.relative_to(ROOT)}")
    wrong = [r for rows in results.values() for r in rows if "DIFFERS" in verdict(r)]
    if wrong:
        console.print(f"{len(wrong)} answers differ by more than their tolerance", style="red")
        return 1
    console.print("all answers agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
