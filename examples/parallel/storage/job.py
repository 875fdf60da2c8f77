"""One job on any store: Bessel's J0 of an array of random numbers, chunk by chunk.

    python job.py INPUT OUTPUT

INPUT and OUTPUT are paths or URLs of zarr arrays; INPUT is written anew. The result is compared to
the bit with the kernel called once on the whole array. The table has the rates on these stores and
on the local disk, both in this run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import ferrotran as ft
import numpy as np
from ferrotran.scale import Location, create, map_chunks
from rich.console import Console
from rich.table import Table

MB = 1e6
STEPS = ("write the input", "map: read, j0, write", "read the output")


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--columns", type=int, default=4096)
    parser.add_argument("--chunk-rows", type=int, default=64, help="rows of a chunk")
    parser.add_argument("--engine", default="threads", choices=("threads", "dask"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds without a chunk")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the table has medians")
    for which in ("input", "output"):
        parser.add_argument(
            f"--{which}-option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="option of the store: auth=USER:PASSWORD, user=NAME, timeout=SECONDS",
        )
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args()


def location(url: str, options: list[str]) -> Location:
    """Return the place that a URL and its options name."""
    values: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            raise SystemExit(f"an option of a store is {option!r}, expected NAME=VALUE")
        if name == "auth":
            values[name] = tuple(value.split(":", 1))
        else:
            values[name] = float(value) if name == "timeout" else value
    return Location(url, **values)


def rounds(
    source: Location,
    target: Location,
    x: np.ndarray,
    expected: np.ndarray,
    chunk: tuple[int, ...],
    repeat: int,
    engine: dict[str, Any],
) -> list[list[float]]:
    """Run the job so often; return the seconds of each step, after comparing the bits."""
    found = []
    for _ in range(repeat):
        start = time.perf_counter()
        create(source, x.shape, x.dtype, chunk, overwrite=True)[...] = x
        written = time.perf_counter()
        report = map_chunks(ft.special.j0, source, target, **engine)
        mapped = time.perf_counter()
        y = report.output[...]
        read = time.perf_counter()
        if not np.array_equal(y.view("u8"), expected.view("u8")):
            raise SystemExit(f"{target}: other bits than those of the kernel on the whole array")
        found.append([written - start, mapped - written, read - mapped])
    return found


def main() -> None:
    """Run the job on the stores and on the local disk; print the table."""
    options = arguments()
    x = np.random.default_rng(5).uniform(0.0, 40.0, (options.rows, options.columns))
    expected = ft.special.j0(x)
    chunk = (options.chunk_rows, options.columns)
    engine: dict[str, Any] = {"engine": options.engine, "timeout": options.timeout}
    if options.engine == "dask":
        from distributed import Client, LocalCluster

        cluster = LocalCluster(options.workers, threads_per_worker=1, dashboard_address=None)
        engine["client"] = Client(cluster)
    else:
        engine["workers"] = options.workers

    source = location(options.input, options.input_option)
    target = location(options.output, options.output_option)
    with tempfile.TemporaryDirectory() as folder:
        local = [Location(Path(folder, name)) for name in ("x.zarr", "y.zarr")]
        here = rounds(*local, x, expected, chunk, options.repeat, engine)
    there = rounds(source, target, x, expected, chunk, options.repeat, engine)

    moved = np.array([1, 2, 1]) * x.nbytes / MB  # the map reads and writes
    table = Table(title=f"{source} -> {target}, {options.engine}, {x.nbytes / MB:.0f} MB")
    for name in ("", "MB/s", "local disk, MB/s", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    figures = {}
    for step, size, store, disk in zip(STEPS, moved, zip(*there), zip(*here)):
        rate, limit = size / statistics.median(store), size / statistics.median(disk)
        figures[step] = {"MB/s": rate, "local MB/s": limit, "ratio": rate / limit}
        table.add_row(step, f"{rate:.1f}", f"{limit:.1f}", f"{rate / limit:.2f}")
    Console().print(table)
    print(f"the bits of the serial call, {options.repeat} times")
    if options.json:
        place = {"input": str(source), "output": str(target), "engine": options.engine}
        options.json.write_text(json.dumps(place | {"steps": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
