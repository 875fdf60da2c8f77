"""The same integrals in several ways, each with any number of workers."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import resource_tracker
from typing import Any

import ferrotran as ft
import numpy as np

from ferrotran_compare.threads import job, other

#: Does all integrals with a number of workers, and returns them.
Way = Callable[[int], Any]

BLOCK = 1024  # integrals that NumPy does at a time: 170 KB for each of its arrays

NODE, WEIGHT, GAUSS = (np.array(column) for column in zip(*job.NODES))
POINTS = np.concatenate([-NODE, NODE, [0.0]])
WEIGHTS = np.concatenate([WEIGHT, WEIGHT, [job.CENTRE]])
GAUSS_WEIGHTS = np.concatenate([GAUSS, GAUSS, [0.0]])


def block(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what `job.rule` does for the cosine, over arrays."""
    centre, half = 0.5 * a + 0.5 * b, 0.5 * b - 0.5 * a
    y = np.cos(centre[:, None] + half[:, None] * POINTS)
    kronrod, gauss = y @ WEIGHTS, y @ GAUSS_WEIGHTS
    absolute = np.abs(y) @ WEIGHTS * half
    deviation = np.abs(y - 0.5 * kronrod[:, None]) @ WEIGHTS * half
    error = np.abs((kronrod - gauss) * half)
    ratio = 200 * error / np.where(deviation == 0, 1, deviation)
    error = np.where(deviation == 0, error, deviation * np.minimum(1, ratio * np.sqrt(ratio)))
    np.maximum(50 * job.EPS * absolute, error, out=error)
    return kronrod * half, error


def numpy_share(part: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Do some of the integrals, in blocks that fit into a cache."""
    a, b = part
    found = np.empty(len(a))
    for i in range(0, len(a), BLOCK):
        found[i : i + BLOCK], _ = block(a[i : i + BLOCK], b[i : i + BLOCK])
    return found


def cosine() -> Any:
    """Return the cosine of the C library as a function pointer: `math.cos` calls the same."""
    function = ctypes.CDLL(None).cos
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
    return function


COS = cosine()


def quadratures(part: tuple[np.ndarray, np.ndarray], workers: int = 1) -> np.ndarray:
    """Do some of the integrals in one call."""
    found = ft.integrate.quad_batch(COS, *part, workers=workers)
    # More than one application of the rule would not be the work that the others do.
    if not ((found.status == 0) & (found.neval == 21)).all():
        raise RuntimeError("quad_batch has divided an interval")
    return found.value


def joined(map: Callable[..., Any], share: Callable[..., Any], ends: Sequence[Any]) -> Way:
    """Spread the integrals with a `map` of a pool; the answers come back as one sequence."""

    def way(workers: int) -> Any:
        parts = map(share, job.split(*ends, workers))
        if isinstance(ends[0], list):
            return [x for part in parts for x in part]
        return np.concatenate(list(parts))

    return way


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back to the end of the block, and for good from processes started in it."""
    if threading.current_thread() is not threading.main_thread():  # handlers belong to that one
        yield
        return
    resource_tracker.ensure_running()  # its start unblocks the signal
    caught: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    # Processes inherit the mask and not the handler; other threads take the signal all the same.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if caught:
        signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def processes(most: int) -> Iterator[Any]:
    """Start a pool of fresh interpreters, which Ctrl-C does not reach: they end with the block.

    A worker that Ctrl-C ended would take the lock of the pool's queue with it, and the pool would
    wait for it for ever.
    """
    with contextlib.ExitStack() as stack:
        with interrupts_held():
            pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(most))
        yield pool  # its own exit terminates it
    pool.join()


@contextlib.contextmanager
def ways(size: int, most: int, python: str | None) -> Iterator[dict[str, Way]]:
    """Start what the ways need, for at most `most` workers; all of it ends with the block.

    Parameters
    ----------
    size : int
        Number of integrals.
    most : int
        Most workers.
    python : str or None
        Another Python, whose threads are one more way.
    """
    ends = job.problems(size)
    arrays = [np.array(x) for x in ends]
    with contextlib.ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(most))
        pool = stack.enter_context(processes(most))
        found: dict[str, Way] = {
            "Python, threads": joined(threads.map, job.share, ends),
            "Python, processes": joined(pool.map, job.share, ends),
        }
        if python is not None:
            there = stack.enter_context(other.started(python, size, most))
            found[name(there.facts)] = run_there(there)
        found["NumPy, threads"] = joined(threads.map, numpy_share, arrays)
        found["ferrotran, Python threads"] = joined(threads.map, quadratures, arrays)
        found["ferrotran, its own threads"] = lambda workers: quadratures(arrays, workers)
        yield found


def name(facts: dict[str, Any]) -> str:
    """Return the name of the way through the threads of another Python."""
    version = facts["python"].split()[0]
    return f"Python {version}, {'threads' if facts['gil_enabled'] else 'threads without a GIL'}"


def run_there(there: other.Other) -> Way:
    """Return a way whose answers stay where they are until they are asked for."""

    def way(workers: int) -> Any:
        there.run(workers)
        return there.answers

    return way
