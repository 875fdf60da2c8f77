"""Time one map on every engine and store; write the table of docs/scale.md.

    .venv/bin/python scripts/scale_table.py [--rounds N] [--write]

J0 of 33.6 MB in 16 chunks, two at a time: two threads, MPI ranks, Dask workers, or tasks of Spark
(local[2]). Servers are on the loopback, HDFS has two DataNodes and two copies. Engines are up
before the clock starts, each call is checked to the bit, and rounds take the engines in turn. A
cell is the median time over that of threads on the local disk, with the least and the most.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ferrotran as ft
import numpy as np
from ferrotran import scale

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "scale"), str(ROOT / "examples" / "parallel" / "storage")]
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "python"), *sys.path[:2]])

from serve import server  # noqa: E402  (its folder is known now)
from servers import mpi  # noqa: E402

PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- scale:begin -->\n", "<!-- scale:end -->"
ENGINES = ("threads", "mpi", "dask", "spark")
STORES = {
    "local disk": "local",
    "WebDAV (WsgiDAV)": "webdav",
    "xrootd over HTTP": "xrootd",
    "HDFS, native": "hdfs",
    "HDFS, HTTP": "webhdfs",
}
ROWS, COLUMNS, CHUNK = 1024, 4096, (64, 4096)


def ranks(source: str, target: str) -> None:
    """Print, as a rank of this program, how long the map took."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    comm.Barrier()
    start = time.perf_counter()
    scale.map_chunks(ft.special.j0, source, target, engine="mpi")
    if comm.rank == 0:
        print(json.dumps(time.perf_counter() - start), flush=True)


def calls(client: Any, spark: Any) -> dict[str, Callable[[str, str], float]]:
    """Return what takes the time of a map, by engine."""
    options = {
        "threads": {"workers": 2, "threads": 1},
        "dask": {"client": client},
        "spark": {"spark": spark},
    }

    def here(engine: str) -> Callable[[str, str], float]:
        def call(source: str, target: str) -> float:
            start = time.perf_counter()
            scale.map_chunks(ft.special.j0, source, target, engine=engine, **options[engine])
            return time.perf_counter() - start

        return call

    def there(source: str, target: str) -> float:
        done = mpi.run(2, __file__, "--ranks", source, target, timeout=300)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return float(json.loads(done.stdout))

    return {name: there if name == "mpi" else here(name) for name in ENGINES}


def measure(folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of every round, by store and engine."""
    from distributed import Client
    from servers import spark as servers_spark

    x = np.random.default_rng(5).uniform(0.0, 40.0, (ROWS, COLUMNS))
    expected = ft.special.j0(x)
    found: dict[str, dict[str, list[float]]] = {}
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(
            Client(n_workers=2, threads_per_worker=1, dashboard_address=None)
        )
        spark = servers_spark.session("local[2]", more={"spark.ui.showConsoleProgress": "false"})
        stack.callback(spark.stop)
        timed = calls(client, spark)
        places = {"local": str(folder / "local")}
        for name in ("webdav", "xrootd", "hdfs"):
            running = stack.enter_context(server(name, folder / name))
            places[name] = running.url
            if name == "hdfs":
                places["webhdfs"] = running.webhdfs_url
        for label, name in STORES.items():
            source, target = f"{places[name]}/x.zarr", f"{places[name]}/{name}-y.zarr"
            scale.create(source, x.shape, x.dtype, CHUNK, overwrite=True)[...] = x
            scale.create(target, x.shape, x.dtype, CHUNK)
            times: dict[str, list[float]] = {engine: [] for engine in ENGINES}
            for number in range(rounds + 1):
                for engine in ENGINES:
                    seconds = timed[engine](source, target)
                    if not np.array_equal(scale.open(target)[...], expected):
                        raise SystemExit(f"{label}, {engine}: the bits differ")
                    if number:  # the first warms up
                        times[engine].append(seconds)
            found[label] = times
            print(label, {e: [round(t, 2) for t in ts] for e, ts in times.items()}, flush=True)
    return found


def table(found: dict[str, dict[str, list[float]]]) -> str:
    """Return the table and the line on the machine."""
    unit = statistics.median(found["local disk"]["threads"])
    lines = [f"| | {' | '.join(found)} |", f"|---|{'---:|' * len(found)}"]
    for engine in ENGINES:
        cells = []
        for times in found.values():
            middle, least, most = (f(times[engine]) / unit for f in (statistics.median, min, max))
            cells.append(f"{middle:.1f} ({least:.1f} … {most:.1f})")
        lines.append(f'| `"{engine}"` | {" | ".join(cells)} |')
    load = os.getloadavg()[0]
    rounds = len(found["local disk"]["threads"])
    lines.append(
        f"\n{os.cpu_count()} cores, {rounds} rounds, load average {load:.1f} at the end.\n"
    )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the page if that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/scale.md")
    parser.add_argument("--ranks", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ranks:
        ranks(*options.ranks)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the user xrootd must get in
        made = table(measure(Path(folder), options.rounds))
    print(made)
    if options.write:
        text = PAGE.read_text()
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(before + BEGIN + made + END + after)


if __name__ == "__main__":
    main()
