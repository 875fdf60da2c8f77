"""Time `map_chunks` on each engine against a plain loop over the same chunks on one core.

    .venv/bin/python scripts/scale_bench.py [--engines threads mpi dask spark] [--budget 20]

The plain loop reads a chunk, calls SciPy's or NumPy's function where there is one, else the kernel
with one thread, and writes the chunk; it keeps no journal. All arrays are zarr arrays without
compression in one folder. Engines are started before the clock and checked to give the bits of the
kernel; rounds alternate. Prints a Markdown table: time over that of the plain loop, median and
quartiles, so that 0.5 is twice as fast.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ferrotran as ft
import numpy as np
import scipy
from ferrotran import scale

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "compare"), str(ROOT / "tests" / "scale")]

from ferrotran_compare.timing import Alternation, Ratio  # noqa: E402  (its folder is known only now)

N = 200
"""Order of the tridiagonal systems."""


def tridiagonal(d: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Solve with one thread; the off-diagonals are 1."""
    with ft.threads(1):
        return ft.linalg.solve_tridiagonal(np.ones(N - 1), d, np.ones(N - 1), b)


WORKLOADS: dict[str, tuple[np.ufunc, Callable[..., Any], list[str]]] = {
    # kernel, the plain function, names of the inputs
    "add, bound by memory": (np.add, np.add, ["x", "y"]),
    "erf": (ft.special.erf, scipy.special.erf, ["x"]),
    "y1, bound by the kernel": (ft.special.y1, scipy.special.y1, ["x"]),
    f"tridiagonal systems of order {N}": (ft.linalg.solve_tridiagonal, tridiagonal, ["d", "y"]),
}


def write(folder: Path, rows: int, engines: list[str]) -> None:
    """Write the inputs, 32 chunks of `rows` x 200, and make the outputs."""
    for engine in ["plain", *engines]:
        path = target(folder, engine)
        scale.create(path, (32 * rows, N), "f8", (rows, N), compressors=None)
    rng = np.random.default_rng(1)
    for name, low, high in (("x", 0.1, 20.0), ("y", -1.0, 1.0), ("d", 3.0, 4.0)):
        array = scale.create(
            folder / f"{name}.zarr", (32 * rows, N), "f8", (rows, N), compressors=None
        )
        for start in range(0, 32 * rows, rows):
            array[start : start + rows] = rng.uniform(low, high, (rows, N))


def inputs(folder: Path, name: str) -> list[Any]:
    """Return the inputs of `map_chunks`."""
    paths: list[Any] = [folder / f"{x}.zarr" for x in WORKLOADS[name][2]]
    if WORKLOADS[name][0] is ft.linalg.solve_tridiagonal:
        ones = np.ones(N - 1)
        return [ones, paths[0], ones, paths[1]]
    return paths


def target(folder: Path, engine: str) -> Path:
    """Return the output of an engine."""
    return folder / f"out-{engine}.zarr"


def once(folder: Path, name: str, engine: str, **extra: Any) -> None:
    """Call `map_chunks`."""
    out = target(folder, engine)
    scale.map_chunks(WORKLOADS[name][0], inputs(folder, name), out, engine=engine, **extra)  # type: ignore[arg-type]


def plain(folder: Path, name: str, rows: int) -> None:
    """Do the same in a loop, on one core."""
    _, function, names = WORKLOADS[name]
    arrays = [scale.open(folder / f"{x}.zarr") for x in names]
    out = scale.open(target(folder, "plain"), writable=True)
    for start in range(0, 32 * rows, rows):
        part = slice(start, start + rows)
        out[part] = function(*(x[part] for x in arrays))


@contextlib.contextmanager
def mpi_ranks(folder: Path) -> Iterator[Callable[[str], None]]:
    """Start two ranks that wait for the names of workloads."""
    from servers import mpi

    command = mpi.command(2, __file__, "--rank", str(folder))
    with subprocess.Popen(
        command,
        env=os.environ | mpi.ROOT_MAY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(name: str) -> None:
            process.stdin.write(name + "\n")
            process.stdin.flush()
            if process.stdout.readline().strip() != "done":
                raise RuntimeError("the ranks have ended")

        try:
            yield run
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write("end\n")
                process.stdin.close()
            process.wait(60)


def rank(folder: Path) -> None:
    """Be one of the ranks."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    while True:
        name = np.zeros(1, "i8")
        if comm.rank == 0:
            word = sys.stdin.readline().strip()
            name[0] = -1 if word in ("end", "") else list(WORKLOADS).index(word)
        request = comm.Ibcast(name)
        while not request.Test():  # idle ranks leave the cores to the other engines
            time.sleep(0.002)
        if name[0] < 0:
            return
        once(folder, list(WORKLOADS)[name[0]], "mpi")
        if comm.rank == 0:
            print("done", flush=True)


@contextlib.contextmanager
def started(engines: list[str], folder: Path) -> Iterator[dict[str, Any]]:
    """Start the engines; give for each a function of the workload."""
    with contextlib.ExitStack() as stack:
        calls: dict[str, Callable[[str], None]] = {}
        for engine in engines:
            extra: dict[str, Any] = {}
            if engine == "mpi":
                calls[engine] = stack.enter_context(mpi_ranks(folder))
                continue
            if engine == "dask":
                from distributed import Client

                cores = scale.cores()
                extra["client"] = stack.enter_context(
                    Client(n_workers=cores, threads_per_worker=1, dashboard_address=None)
                )
            if engine == "spark":
                from pyspark.sql import SparkSession

                builder = SparkSession.builder.master(f"local[{scale.cores()}]")
                extra["spark"] = builder.config("spark.ui.enabled", "false").getOrCreate()
                stack.callback(extra["spark"].stop)
            calls[engine] = lambda name, engine=engine, extra=extra: once(
                folder, name, engine, **extra
            )
        yield calls


def check(folder: Path, name: str, engine: str) -> None:
    """Raise if an engine's output is not the kernel's, to the bit."""
    arrays = [x if isinstance(x, np.ndarray) else scale.open(x)[:] for x in inputs(folder, name)]
    expected = WORKLOADS[name][0](*arrays)
    if not np.array_equal(scale.open(target(folder, engine))[:], expected):
        raise RuntimeError(f"{engine} gives other bits for {name}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engines", nargs="+", default=["threads", "mpi", "dask"])
    parser.add_argument("--budget", type=float, default=20.0, help="seconds for each workload")
    parser.add_argument("--rows", type=int, default=2500, help="of a chunk: 2500 are 4 MB")
    parser.add_argument("--folder", type=Path, help="where the arrays lie; a temporary one")
    parser.add_argument("--rank", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rank:
        rank(Path(options.rank))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        write(folder, options.rows, options.engines)
        print(
            f"{platform.machine()}, {scale.cores()} cores, load {os.getloadavg()[0]:.1f}, "
            f"NumPy {np.__version__}, SciPy {scipy.__version__}; 32 chunks of "
            f"{options.rows * N * 8 / 1e6:.0f} MB; time over that of a plain loop on one core\n"
        )
        print("| workload | engine | time over plain | quartiles | rounds |\n|---|---|---|---|---|")
        with started(options.engines, folder) as calls:
            for workload in WORKLOADS:
                measure(folder, workload, calls, options)


def measure(folder: Path, workload: str, calls: dict[str, Any], options: Any) -> None:
    """Print the rows of one workload."""
    race: Alternation[str] = Alternation(
        {"plain": lambda: plain(folder, workload, options.rows)}
        | {engine: lambda call=call: call(workload) for engine, call in calls.items()}
    )
    race.answers()
    for engine in calls:
        check(folder, workload, engine)
    samples = race.run(budget=options.budget)
    for engine in calls:
        ratio = Ratio.of(samples[engine], samples["plain"])
        rounds = sum(s is not None for s in samples[engine])
        print(
            f"| {workload} | {engine} | {ratio.median:.2f} | "
            f"{ratio.low:.2f} to {ratio.high:.2f} | {rounds} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
