"""collatz: the longest chain 3 k + 1; integers and branches that no processor foresees."""

from __future__ import annotations

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit, prange
from ferrotran_compare._registry import Kernel, compiled, languages, native, serial


def python(n: int) -> tuple[int, int]:
    """One start after the other."""
    best = longest = 0
    for start in range(1, n):
        terms, k = 1, start
        while k != 1:
            k = k >> 1 if k & 1 == 0 else 3 * k + 1
            terms += 1
        if terms > longest:
            best, longest = start, terms
    return best, longest


def numpy(n: int) -> tuple[int, int]:
    """All starts at once; those that have ended are dropped."""
    starts = np.arange(1, n)
    if starts.size == 0:
        return 0, 0
    k, longest, best = starts, 0, 0
    while k.size:
        longest += 1
        best = int(starts[0])
        moving = k != 1
        starts, k = starts[moving], k[moving]
        k = np.where(k & 1 == 0, k >> 1, 3 * k + 1)
    return best, longest


@inline
def part(first: int, last: int) -> tuple[int, int]:
    """Starts from `first` up to, but without, `last`."""
    best, longest = 0, 0
    for start in range(first, last):
        terms, k = 1, start
        while k != 1:
            k = k >> 1 if k & 1 == 0 else 3 * k + 1
            terms += 1
        if terms > longest:
            best, longest = start, terms
    return best, longest


@jit(parallel=True)
def numba(n: int) -> tuple[int, int]:
    """64 parts in parallel."""
    starts = max(n - 1, 0)
    share = (starts + 63) // 64
    bests, terms = np.zeros(64, np.int64), np.zeros(64, np.int64)
    for k in prange(64):
        first = 1 + k * share
        bests[k], terms[k] = part(first, min(first + share, n))
    longest = terms.argmax()
    return bests[longest], terms[longest]


def in_chapel(threads: int, n: int) -> tuple[int, int]:
    """Parts in tasks."""
    result = np.zeros(2, np.int64)
    call("collatz", n, threads, result)
    return int(result[0]), int(result[1])


KERNEL = Kernel(
    name="collatz",
    what="integers and branches that no processor foresees",
    workload="the longest Collatz chain that starts below {size}",
    quick=20_000,
    full=300_000,
    sizes=(100, 1_000, 10_000, 100_000, 1_000_000),
    inputs=lambda n: (n,),
    languages=languages(
        **native(_native.collatz),
        chapel=chapel(in_chapel),
        numpy=serial(numpy),
        python=serial(python),
        numba=compiled(numba),
    ),
)
