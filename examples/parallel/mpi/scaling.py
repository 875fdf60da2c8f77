"""Measure how `heat_mpi` scales here, and hold a model of it against what was measured.

    python scaling.py               # print the figures
    python scaling.py --write       # and fill docs/scale_mpi.md, .json and .png
    python scaling.py --again       # nothing is measured: the page anew, from the JSON

Wants a quiet machine. It starts `mpirun` by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "compare")]

import ferrotran as ft  # noqa: E402  (its folders are known now)
import launch  # noqa: E402
import model  # noqa: E402
import scaling_page  # noqa: E402
from ferrotran_compare.machine import machine  # noqa: E402

HALOS = (1, 2, 4, 8, 16, 32)
HALO = 8
#: Sides of the grids that more ranks share, and of the block of a rank where it grows with them.
STRONG, WEAK, RANKS = (2048, 512, 128), 1024, (1, 2, 4)


def task(ranks: int, name: str, seconds: float, **arguments: Any) -> Any:
    """Run a task of `scaling_tasks.py` and return what it found."""
    text = json.dumps({"seconds": seconds} | arguments)
    done = launch.run(ranks, [sys.executable, HERE / "scaling_tasks.py", name, text], 600)
    if done.returncode:
        raise RuntimeError(f"{name} on {ranks} ranks failed: {done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(seconds: float, scale: int) -> dict[str, Any]:
    """Measure everything, each thing for some seconds, on grids cut down by `scale`."""
    here = machine()  # before the ranks raise the load
    strong, weak = [side // scale for side in STRONG], WEAK // scale
    found: dict[str, Any] = {
        "ping_pong": task(2, "ping_pong", seconds),
        "reduction": task(2, "reduction", seconds),
        "call": task(1, "call", seconds),
        "check": task(1, "check", seconds, side=weak),
        "cells": {},
        "strips": {},
        "strong": {},
        "weak": {},
    }
    sides = [weak // 8, weak // 2, 2 * weak]
    for halo in HALOS:
        blocks = [[side, side] for side in sides]
        for side, times in zip(sides, task(1, "cells", seconds / 3, shapes=blocks, halo=halo)):
            found["cells"].setdefault(str(side), {})[str(halo)] = times
        strips = [[3 * halo, weak], [weak, 3 * halo]]
        found["strips"][str(halo)] = task(1, "cells", seconds / 3, shapes=strips, halo=halo)
    common = {"halo": HALO, "every": model.EVERY}
    for ranks in RANKS:
        for side in strong:
            times = task(ranks, "heat", seconds, shape=[side, side], **common)
            found["strong"].setdefault(str(side), {})[str(ranks)] = times
        rows, columns = (weak * parts for parts in model.dims(ranks))
        found["weak"][str(ranks)] = task(ranks, "heat", seconds, shape=[rows, columns], **common)
    found["machine"] = {
        "processor": here.processor,
        "cores": here.cores,
        "load_average": here.load_average,
        "busy": here.busy,
        "mpi": scaling_page.library(),
        "ferrotran": f"{ft.__version__}, {ft.show_config('dicts')['Instruction sets']['in use']}",
    }
    found["halo"], found["weak_side"] = HALO, weak
    return found


def rounded(found: Any) -> Any:
    """Keep four digits of every number."""
    if isinstance(found, dict):
        return {key: rounded(value) for key, value in found.items()}
    if isinstance(found, list):
        return [rounded(value) for value in found]
    return float(f"{found:.4g}") if isinstance(found, float) else found


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Measure examples/parallel/mpi.")
    parser.add_argument("--write", action="store_true", help="fill the page, JSON and picture")
    parser.add_argument("--again", action="store_true", help="take the figures from the JSON")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "scale_mpi.md")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement (3)")
    parser.add_argument("--scale", type=int, default=1, help="divide the sides of grids by it (1)")
    options = parser.parse_args()
    stored = options.page.with_suffix(".json")
    if options.again:
        found = json.loads(stored.read_text())
    else:
        try:
            found = rounded(measure(options.seconds, options.scale))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
    figures = scaling_page.figures(found)
    for name, text in figures.items():
        print(f"== {name}\n\n{text}\n")
    if options.write:
        scaling_page.write(options.page, figures)
        stored.write_text(json.dumps(found, indent=1) + "\n")
        scaling_page.picture(found, options.page.with_suffix(".png"))
        print(f"{os.fspath(options.page)} is written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
