"""Heat in many columns of soil on Spark: an implicit step for each, zarr in and zarr out.

    python columns.py write STORE --columns 20000 --layers 200
    spark-submit columns.py solve STORE [--resume]
    python columns.py check STORE

STORE is where the arrays are: a folder that all nodes mount, hdfs://namenode:8020/user/me/soil,
or webhdfs://namenode:9870/user/me/soil.
"""

from __future__ import annotations

import argparse
import sys

import ferrotran as ft
import numpy as np
from ferrotran import scale

SOLVE = ft.linalg.solve_tridiagonal


def locations(store: str) -> dict[str, scale.Location]:
    """Return where each array lies: the three diagonals, the temperatures before and after."""
    return {name: scale.Location(f"{store}/{name}.zarr") for name in ("dl", "d", "du", "t", "new")}


def write(store: str, columns: int, layers: int, chunk: int) -> None:
    """Write systems ``(I - dt A) new = t``, a diffusivity for each layer, chunk by chunk."""
    where = locations(store)
    sizes = {"dl": layers - 1, "d": layers, "du": layers - 1, "t": layers}
    arrays = {
        name: scale.create(where[name], (columns, n), np.float64, (chunk, n))
        for name, n in sizes.items()
    }
    for start in range(0, columns, chunk):
        rows = slice(start, min(start + chunk, columns))
        rng = np.random.default_rng(start)
        count = rows.stop - start
        k = rng.uniform(0.1, 2.0, (count, layers - 1))  # dt times diffusivity over spacing squared
        arrays["dl"][rows], arrays["du"][rows] = -k, -k
        d = np.ones((count, layers))
        d[:, :-1] += k
        d[:, 1:] += k
        arrays["d"][rows] = d
        arrays["t"][rows] = 283.0 + rng.normal(size=(count, layers))


def solve(store: str, resume: bool, timeout: float) -> None:
    """Solve all systems on the executors."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("ferrotran columns").getOrCreate()
    try:
        where = locations(store)
        report = scale.map_chunks(
            SOLVE,
            [where[name] for name in ("dl", "d", "du", "t")],
            where["new"],
            engine="spark",
            spark=spark,
            resume=resume,
            progress=True,
            timeout=timeout,
        )
        print(f"{report.chunks} chunks, {report.skipped} of an earlier run, {report.seconds:.1f} s")
    finally:
        spark.stop()


def check(store: str) -> None:
    """Compare each chunk with the kernel called here; end with status 1 if a bit differs."""
    arrays = {name: scale.open(where) for name, where in locations(store).items()}
    columns, chunk = arrays["new"].shape[0], arrays["new"].chunks[0]
    for start in range(0, columns, chunk):
        rows = slice(start, start + chunk)
        expected = SOLVE(*(arrays[name][rows] for name in ("dl", "d", "du", "t")))
        if arrays["new"][rows].tobytes() != expected.tobytes():
            sys.exit(f"columns {start} to {start + chunk} differ")
    print(f"{columns} columns have the bits of a serial run")


def main() -> None:
    """Run one step of the job."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    make = steps.add_parser("write", help="write the systems")
    run = steps.add_parser("solve", help="solve them on Spark")
    compare = steps.add_parser("check", help="compare with a serial run")
    for step in (make, run, compare):
        step.add_argument("store")
    make.add_argument("--columns", type=int, default=20_000)
    make.add_argument("--layers", type=int, default=200)
    make.add_argument("--chunk", type=int, default=1000, help="columns of one task")
    run.add_argument("--resume", action="store_true", help="go on with an unfinished run")
    run.add_argument("--timeout", type=float, default=600, help="seconds without a finished chunk")
    given = parser.parse_args()
    if given.step == "write":
        write(given.store, given.columns, given.layers, given.chunk)
    elif given.step == "solve":
        solve(given.store, given.resume, given.timeout)
    else:
        check(given.store)


if __name__ == "__main__":
    main()
