"""A batch of integrals in pure Python: what threads and processes work on.

Nothing but the standard library is imported, so a process of a pool starts quickly, and another
Python can run this file by its path: it then does what each line of its input asks for.
"""

from __future__ import annotations

import json
import random
import sys
import sysconfig
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import cos, sqrt
from typing import TypeVar

EPS = sys.float_info.epsilon
UNDERFLOW = sys.float_info.min

#: The positive nodes of the 21-point Kronrod rule, their weights, and those of the 10-point Gauss
#: rule, which has every second node: those of `fortran/integrate/quad_table.inc`, as doubles.
NODES = (
    (0.9956571630258081, 0.011694638867371874, 0.0),
    (0.9739065285171717, 0.032558162307964725, 0.06667134430868814),
    (0.9301574913557082, 0.054755896574351995, 0.0),
    (0.8650633666889845, 0.07503967481091996, 0.1494513491505806),
    (0.7808177265864169, 0.0931254545836976, 0.0),
    (0.6794095682990244, 0.10938715880229764, 0.21908636251598204),
    (0.5627571346686047, 0.12349197626206584, 0.0),
    (0.4333953941292472, 0.13470921731147334, 0.26926671930999635),
    (0.2943928627014602, 0.14277593857706009, 0.0),
    (0.14887433898163122, 0.14773910490133849, 0.29552422471475287),
)
CENTRE = 0.1494455540029169  #: the weight of the centre, no node of Gauss's

T = TypeVar("T", bound=Sequence[float])


def problems(size: int) -> tuple[list[float], list[float]]:
    """Both ends of `size` intervals, the same in every Python."""
    rng = random.Random(3)
    a = [rng.uniform(-10, 10) for _ in range(size)]
    return a, [left + rng.uniform(1, 3) for left in a]


def rule(f: Callable[[float], float], a: float, b: float) -> tuple[float, float]:
    """Return the integral of `f` and an estimate of its error, as QUADPACK's rule has it."""
    centre, half = 0.5 * a + 0.5 * b, 0.5 * b - 0.5 * a
    middle = f(centre)
    kronrod, gauss, absolute = CENTRE * middle, 0.0, CENTRE * abs(middle)
    values = []
    for node, weight, gauss_weight in NODES:
        step = half * node
        below, above = f(centre - step), f(centre + step)
        kronrod += weight * (below + above)
        gauss += gauss_weight * (below + above)
        absolute += weight * (abs(below) + abs(above))
        values.append((weight, below, above))
    mean = 0.5 * kronrod
    deviation = CENTRE * abs(middle - mean)
    for weight, below, above in values:
        deviation += weight * (abs(below - mean) + abs(above - mean))
    absolute, deviation = absolute * half, deviation * half
    error = abs((kronrod - gauss) * half)
    if deviation and error:
        ratio = 200 * error / deviation
        error = deviation * min(1.0, ratio * sqrt(ratio))
    if absolute > UNDERFLOW / (50 * EPS):
        error = max(50 * EPS * absolute, error)
    return kronrod * half, error


def share(part: tuple[Sequence[float], Sequence[float]]) -> list[float]:
    """Do some of the integrals: the work of one thread or process."""
    return [rule(cos, a, b)[0] for a, b in zip(*part)]


def split(a: T, b: T, workers: int) -> list[tuple[T, T]]:
    """Return one part for each worker, of lengths that differ by 1 at most."""
    edges = [len(a) * i // workers for i in range(workers + 1)]
    return [(a[i:j], b[i:j]) for i, j in zip(edges, edges[1:])]


def facts() -> dict[str, str | bool]:
    """Return what this interpreter says of itself."""
    return {
        "python": sys.version,
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "gil_enabled": getattr(sys, "_is_gil_enabled", lambda: True)(),
    }


def serve() -> None:
    """Answer requests, one a line: the size and the most workers, then numbers of workers.

    Zero workers ask for the answers of the run before.
    """
    print(json.dumps(facts()), flush=True)
    size, most = map(int, input().split())
    a, b = problems(size)
    answers: list[float] = []
    with ThreadPoolExecutor(most) as pool:
        for workers in map(int, sys.stdin):
            if workers:
                answers = [x for part in pool.map(share, split(a, b, workers)) for x in part]
            print("done" if workers else json.dumps(answers), flush=True)


if __name__ == "__main__":
    serve()
