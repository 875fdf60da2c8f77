"""Many independent problems of uneven cost, spread over MPI ranks as they become free.

    mpirun -np 2 python ensemble.py --items 100000 --out values.npy

Each problem is the integral of the Bessel function J0 from 0 to b. With b the integrand oscillates
more: a problem costs 21 to some 2000 evaluations, and a few do not converge. A rank takes the
next chunk when it has finished one, from a counter that lives in the memory of rank 0
(``MPI_Fetch_and_op``). Results come out in the order of the problems.

Problems are solved in a thread beside the main one, which calls MPI every millisecond: on a network
that does not serve the memory of a rank by itself, its MPI does so within calls only.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import functools
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import FrameType
from typing import Any

import ferrotran as ft
import numpy as np
import ranks
from mpi4py import MPI

#: One problem that is done.
RECORD = np.dtype(
    [("item", "<i8"), ("b", "<f8"), ("value", "<f8"), ("error", "<f8"), ("status", "<i8")]
)
RAISED = -1  #: status of a problem in which Python raised; QUADPACK's are 0 to 7
WORDS = {1: "limit of intervals reached", 2: "roundoff", 3: "badly behaved", RAISED: "raised"}


def ends(items: int) -> np.ndarray:
    """Return the upper limits of all problems: 0.1 to 434, scattered."""
    golden = 0.6180339887498949
    return 0.1 * 4338.0 ** (np.arange(items) * golden % 1.0)


def j0() -> ctypes._FuncPointer:
    """Return the C library's J0, which `quad_batch` calls without Python."""
    function = ctypes.CDLL(ctypes.util.find_library("m")).j0
    function.argtypes, function.restype = [ctypes.c_double], ctypes.c_double
    return function


class Queue:
    """A counter on rank 0 that hands out chunks, and what every rank has in work.

    Each rank writes the number of its chunk into the memory of the next rank. So when a rank
    dies, another one can say what died with it.
    """

    def __init__(self, comm: MPI.Comm, chunk: int, items: int) -> None:
        self.comm, self.chunk, self.items = comm, chunk, items
        self.mine = -1
        self._hand = ThreadPoolExecutor(1)
        self._window = MPI.Win.Allocate(16, 8, comm=comm)
        #: The number of the next chunk (used on rank 0), the chunk of the rank before.
        self._memory = np.frombuffer(self._window.tomemory(), np.int64)
        self._memory[:] = 0, -1
        comm.Barrier()
        self._window.Lock_all()

    def take(self) -> range | None:
        """Return the items of the next chunk, or None if there is none."""
        taken, one = np.zeros(1, np.int64), np.ones(1, np.int64)
        self._window.Fetch_and_op(one, taken, 0, 0, MPI.SUM)
        self._window.Flush(0)
        first = int(taken[0]) * self.chunk
        self.mine = int(taken[0]) if first < self.items else -1
        after = (self.comm.rank + 1) % self.comm.size
        self._window.Put(np.array([self.mine]), after, 1)
        self._window.Flush(after)
        return range(first, min(first + self.chunk, self.items)) if self.mine >= 0 else None

    def in_work(self) -> str:
        """Say what this rank and the one before have in work."""
        before = (self.comm.rank - 1) % self.comm.size
        known = {before: int(self._memory[1]), self.comm.rank: self.mine}
        chunks = [
            f"rank {rank}: items {n * self.chunk} to {min((n + 1) * self.chunk, self.items) - 1}"
            for rank, n in sorted(known.items())
            if n >= 0
        ]
        return "in work: " + ("; ".join(chunks) or "nothing")

    def meanwhile(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, which runs in another thread, and serve the other ranks."""
        future = self._hand.submit(work)
        while not future.done():
            self.comm.Iprobe()
            wait([future], timeout=0.001)
        return future.result()

    def close(self) -> None:
        """Wait until all ranks are here, asleep and open to signals, and free the memory."""
        self._hand.shutdown()
        self._window.Unlock_all()
        request = self.comm.Ibarrier()
        while not request.Test():
            time.sleep(0.001)
        del self._memory
        self._window.Free()


def report_when_ended(queue: Queue) -> None:
    """On SIGTERM, which `mpirun` sends to the ranks that are left, say what was in work."""

    def end(number: int, frame: FrameType | None) -> None:
        text = f"rank {queue.comm.rank} is ended; {queue.in_work()}\n"
        os.write(2, text.encode())
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, end)


def solve(b: np.ndarray, items: Sequence[int], fault: tuple[str, int]) -> ft.integrate.QuadBatch:
    """Return the integrals of some problems."""
    kind, item = fault
    if item in items:
        if kind == "raise":
            raise ArithmeticError(f"item {item} was asked to raise")
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "exit":
            raise MemoryError(f"item {item} was asked to end its rank")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ft.integrate.IntegrationWarning)  # the status has it
        return ft.integrate.quad_batch(j0(), 0.0, b[items[0] : items[-1] + 1])


def attempt(
    b: np.ndarray, items: range, fault: tuple[str, int]
) -> tuple[np.ndarray, dict[int, str]]:
    """Solve a chunk; if that raises, each item alone, so that one does not spoil the others."""
    done = np.zeros(len(items), RECORD)
    done["item"], done["b"] = items, b[items[0] : items[-1] + 1]
    try:
        found = solve(b, items, fault)
    except (ArithmeticError, ValueError) as error:
        if len(items) == 1:
            done["value"], done["error"], done["status"] = np.nan, np.nan, RAISED
            return done, {items[0]: f"{type(error).__name__}: {error}"}
        parts = [attempt(b, items[i : i + 1], fault) for i in range(len(items))]
        texts = {item: text for _, each in parts for item, text in each.items()}
        return np.concatenate([part for part, _ in parts]), texts
    done["value"], done["error"], done["status"] = found.value, found.abserr, found.status
    return done, {}


def gathered(comm: MPI.Comm, mine: np.ndarray, items: int) -> np.ndarray | None:
    """Return all records on rank 0, in the order of the items; each must be there once."""
    record = MPI.BYTE.Create_contiguous(RECORD.itemsize).Commit()
    counts = comm.gather(mine.size)
    found = np.zeros(items, RECORD)
    comm.Gatherv([mine, mine.size, record], [found, counts, record] if comm.rank == 0 else None)
    record.Free()
    if comm.rank != 0:
        return None
    found.sort(order="item")
    if not np.array_equal(found["item"], np.arange(items)):
        raise RuntimeError("an item is lost, or was done twice")
    return found


def options(argv: Sequence[str] | None, comm: MPI.Comm) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="ensemble.py", description="An ensemble on MPI ranks.")
    add = parser.add_argument
    add("--items", type=int, default=100_000, help="number of problems (100000)")
    add("--chunk", type=int, default=250, help="problems that a rank takes at once (250)")
    add("--out", type=Path, help="file for the records, in NumPy's format (none)")
    add("--fault", help="KIND:ITEM, what to do at an item: raise, exit (of the rank) or kill")
    found = ranks.parsed(parser, argv, comm)
    for name in ("items", "chunk"):
        if (value := getattr(found, name)) < 1:
            raise ranks.Refused(f"`{name}` is {value}, expected at least 1")
    kind, _, item = (found.fault or "none:-1").partition(":")
    if kind not in ("none", "raise", "exit", "kill") or not item.removeprefix("-").isdigit():
        raise ranks.Refused(f"`fault` is {found.fault}, expected KIND:ITEM")
    found.fault = kind, int(item)
    return found


def main(comm: MPI.Comm, argv: Sequence[str] | None = None) -> int:
    """Solve all problems on all ranks of a communicator."""
    found = options(argv, comm)
    b, began = ends(found.items), MPI.Wtime()
    queue = Queue(comm, found.chunk, found.items)
    report_when_ended(queue)
    parts, texts = [np.zeros(0, RECORD)], {}
    ft.set_num_threads(ft.scale.cores())
    while (items := queue.take()) is not None:
        try:
            part, raised = queue.meanwhile(functools.partial(attempt, b, items, found.fault))
        except Exception as error:
            raise RuntimeError(f"{error}; {queue.in_work()}") from error
        parts.append(part)
        texts |= raised
    queue.close()
    records = gathered(comm, np.concatenate(parts), found.items)
    shares, texts = comm.gather(sum(p.size for p in parts)), comm.gather(texts)
    if records is not None:
        failed = records[records["status"] != 0]
        reasons = {item: text for each in texts for item, text in each.items()}
        for item, status in failed[["item", "status"]][:10].tolist():
            reason = reasons.get(item, WORDS.get(status, f"status {status}"))
            print(f"item {item}, b = {b[item]:.6g}: {reason}", file=sys.stderr)
        print(
            f"{found.items} items, {failed.size} failed; by rank: "
            f"{', '.join(map(str, shares))}; {MPI.Wtime() - began:.2f} s",
            flush=True,
        )
        if found.out:
            np.save(found.out, records)
    return 0


if __name__ == "__main__":
    raise SystemExit(ranks.run(main))
