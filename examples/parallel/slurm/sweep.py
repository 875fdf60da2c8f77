"""A sweep over parameter files: one job of an array for each, then one that gathers.

    python sweep.py make 8               # write parameters/000.json to 007.json
    python sweep.py run parameters/003.json
    python sweep.py missing              # items without a result, as `sbatch --array` takes them
    python sweep.py gather               # write sweep.csv, in the order of the items

Each file has a Rayleigh number rho of the Lorenz system and an ensemble of starts. Below
rho = 24.74 the two steady states attract, slowly where chaos lasts long: the table has the share of
members that are within 1 of one of them at the end.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from pathlib import Path

import ferrotran as ft
import numpy as np

PARAMETERS, RESULTS, TABLE = Path("parameters"), Path("results"), Path("sweep.csv")


def make(count: int) -> None:
    """Write the parameter files."""
    PARAMETERS.mkdir(exist_ok=True)
    for item, rho in enumerate(np.linspace(18.0, 25.0, count)):
        settings = {"rho": float(rho), "members": 256, "seed": item, "end": 40.0}
        (PARAMETERS / f"{item:03d}.json").write_text(json.dumps(settings) + "\n")


def solve(rho: float, members: int, seed: int, end: float) -> dict[str, np.ndarray]:
    """Integrate the ensemble of one file; it takes the threads that the job was given."""
    starts = np.random.default_rng(seed).normal([0.0, 0.0, 25.0], 1.0, (members, 3))
    lorenz = ft.integrate.systems.lorenz
    paths = ft.integrate.solve_ivp(
        lorenz, (0, end), starts, "DOP853", args=(10.0, rho, 8 / 3), rtol=1e-9, atol=1e-9
    )
    return {"rho": np.float64(rho), "y": paths.y[..., -1], "status": paths.status}


def distance(y: np.ndarray, rho: float) -> np.ndarray:
    """Return how far states, shape (members, 3), are from the nearer steady state."""
    x = np.sqrt(8 / 3 * (rho - 1))
    return np.linalg.norm(np.abs(y) - [x, x, rho - 1], axis=1)


def run(path: Path) -> None:
    """Solve one file. The result appears whole or not at all, as a killed job leaves none."""
    result = solve(**json.loads(path.read_text()))
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{path.stem}.npz"
    new = target.with_suffix(f".{os.getpid()}.new")
    with new.open("wb") as file:
        np.savez(file, **result)
    new.replace(target)


def missing() -> list[int]:
    """Return the items that have parameters and no result."""
    items = sorted(path.stem for path in PARAMETERS.glob("*.json"))
    return [int(item) for item in items if not (RESULTS / f"{item}.npz").exists()]


def gather() -> None:
    """Write one line for each item, in their order; refuse while results are missing."""
    if absent := missing():
        sys.exit(f"no result of the items {','.join(map(str, absent))}")
    with TABLE.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["item", "rho", "members", "failed", "settled"])
        for path in sorted(RESULTS.glob("*.npz")):
            with np.load(path) as result:
                done = result["status"] >= 0
                rho = float(result["rho"])
                settled = float(np.mean(distance(result["y"][done], rho) < 1))
                table.writerow([path.stem, rho, done.size, int((~done).sum()), settled])


def main() -> None:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("count", type=int)
    commands.add_parser("run").add_argument("path", type=Path)
    commands.add_parser("missing")
    commands.add_parser("gather")
    chosen = parser.parse_args()
    if chosen.command == "make":
        make(chosen.count)
    elif chosen.command == "run":
        run(chosen.path)
    elif chosen.command == "missing":
        print(",".join(map(str, missing())))
    else:
        gather()


if __name__ == "__main__":
    main()
