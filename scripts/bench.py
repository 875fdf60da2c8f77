"""Run every file of benches/ and join the figures into build/bench.json and build/bench.md.

.venv/bin/python scripts/bench.py --help
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benches"))

from harness import HEADINGS, Row, cells, quartiles  # noqa: E402  (its folder is known only now)

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def run(
    files: list[Path], folder: Path, options: list[str]
) -> tuple[dict[str, str], list[Row], list[str]]:
    """Run bench files one after another; return environment, rows and the files that failed."""
    environment: dict[str, str] = {}
    rows: list[Row] = []
    failed = []
    for file in files:
        print(f"\n== {file.relative_to(ROOT)}", flush=True)
        found = folder / f"{file.stem}.json"
        found.unlink(missing_ok=True)
        command = [sys.executable, str(file), "--json", str(found), *options]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(str(file.relative_to(ROOT)))
        if found.exists():
            figures = json.loads(found.read_text())
            environment = figures["environment"] | environment  # the load before the first
            rows += [Row(**row) for row in figures["rows"]]
    return environment, rows, failed


def run_rust(folder: Path) -> tuple[list[Row], list[str]]:
    """Run the bench of fits in Rust, whose peer is a crate; return its rows and what failed."""
    print("\n== benches/curve_fit.rs", flush=True)
    found = folder / "curve_fit_rust.json"
    found.unlink(missing_ok=True)
    command = ["cargo", "bench", "--quiet", "-p", "ferrotran-benches", "--bench", "curve_fit"]
    command += ["--", "--json", str(found)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        return [], ["benches/curve_fit.rs"]
    rows = []
    for pair in json.loads(found.read_text()):
        workload = "1e4 gaussians, 64 points, analytic derivatives, from Rust"
        parallel = pair["case"].partition("::")[2].startswith("par_")
        target = 3.0 if parallel else None
        who = "crate levenberg-marquardt" + (", rayon" if parallel else "")
        paired = [peer / ours for peer, ours in zip(pair["peer"], pair["ours"], strict=True)]
        for name, times in (("ferrotran", pair["ours"]), (who, pair["peer"])):
            low, middle, high = (1e-6 * t for t in quartiles(times))
            row = Row(pair["case"], workload, name, pair["threads"], "fit", middle, low, high)
            row.rounds = len(times)
            if name == who:
                row.ratio_low, row.ratio, row.ratio_high = quartiles(paired)
                row.target = target
                row.met = None if target is None else row.ratio >= target
            rows.append(row)
    return rows, []


def install_peers() -> None:
    """Install the peers that only the benches need; without them their rows are missing."""
    wanted = ROOT / "requirements-bench.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--no-deps", "-r", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        print(f"not all of {wanted.name} could be installed; their rows are left out", *last)


def described(row: Row) -> str:
    """Return the workload with ferrotran's threads."""
    if row.threads is None:
        return row.workload
    return f"{row.workload}, {row.threads} thread{'s' * (row.threads > 1)}"


def markdown(environment: dict[str, str], rows: list[Row]) -> str:
    """Return the report: the machine, the claims, then every figure."""
    lines = ["# Benchmarks", ""]
    lines += [f"- {key}: {value}" for key, value in environment.items()]
    claims = [row for row in rows if row.target is not None]
    met = sum(bool(row.met) for row in claims)
    lines += ["", f"{met} of {len(claims)} targets met. A ratio is the peer's time over ours,"]
    lines += ["taken within a round; median and quartiles over the rounds.", ""]
    case = None
    for row in rows:
        if case != (case := (row.case, row.workload, row.threads)):
            lines += ["", f"## {row.case}", "", described(row), ""]
            lines += ["| " + " | ".join(HEADINGS) + " |", "|---|" + "---:|" * 5 + "---|"]
        lines.append("| " + " | ".join(cells(row)) + " |")
    return "\n".join(lines) + "\n"


def paste() -> int:
    """Put the claims of build/bench.json between the markers of README.md."""
    figures = json.loads((ROOT / "build" / "bench.json").read_text())
    environment = figures["environment"]
    shown = ["processor", "cores", "c, compiler", "fortran, compiler", "instruction sets, in use"]
    shown += ["versions, numpy", "scipy", "numba", "load average"]
    lines = [
        "| kernel | workload | peer | ratio (quartiles) | target | |",
        "|---|---|---|---:|---:|---|",
    ]
    for row in (Row(**row) for row in figures["rows"]):
        if row.target is not None:
            _, _, _, ratio, spread, _, _ = cells(row)
            words = [row.case, described(row), row.who, f"{ratio} ({spread})", f"{row.target:g}"]
            lines.append("| " + " | ".join([*words, "met" if row.met else "missed"]) + " |")
    lines += [
        "",
        "; ".join(f"{name}: {environment[name]}" for name in shown if name in environment),
    ]
    load, cores = float(environment["load average"]), int(environment["cores"])
    if load > 0.5 * cores:
        busy = f"Taken on a busy machine: load average {load:g} on {cores} cores. Rows in which one"
        lines = [f"{busy} side has more threads than the other are off.", "", *lines]
    readme = ROOT / "README.md"
    head, rest = readme.read_text().split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + tail)
    return 0


def main() -> int:
    """Return 1 when a bench file failed or an answer differs; a missed target is no failure."""
    files = sorted((ROOT / "benches").glob("*.py"))
    every = [p for p in files if "\n    main(" in p.read_text() and p.name != "harness.py"]
    parser = argparse.ArgumentParser(description="Run the benches against their peers.")
    parser.add_argument("names", nargs="*", metavar="kernel", help="all when none is named")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--readme", action="store_true", help="only put the last figures there")
    asked = parser.parse_args()
    if asked.readme:
        return paste()
    known = {p.stem: p for p in every}
    for name in asked.names:
        if name not in known:
            parser.error(f"unknown kernel {name}, expected one of {', '.join(known)}")
    named = [known[name] for name in asked.names]
    install_peers()
    options = ["--rounds", "7", "--budget", "1"] if asked.quick else []
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    environment, rows, failed = run(named or every, folder, options)
    if not named or known["curve_fit"] in named:
        more, broken = run_rust(folder)
        rows, failed = rows + more, failed + broken
    figures = {"environment": environment, "rows": [vars(row) for row in rows]}
    (ROOT / "build" / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    (ROOT / "build" / "bench.md").write_text(markdown(environment, rows))

    claims = [row for row in rows if row.target is not None]
    print(f"\n{sum(bool(r.met) for r in claims)} of {len(claims)} targets met")
    for row in claims:
        if not row.met:
            shown = "no figure" if row.ratio is None else f"{row.ratio:.2f}"
            print(f"  missed: {row.case}, {row.who}: {shown}, target {row.target:g}")
    for name in failed:
        print(f"  failed: {name}")
    print("written: build/bench.md, build/bench.json")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
