"""fannkuch-redux: turn over the first p(1) of each permutation until 1 is in front."""

from __future__ import annotations

import math

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit, prange
from ferrotran_compare._registry import Kernel, compiled, languages, native, serial

CHUNK = 1 << 16  # permutations that NumPy holds at a time


def python(n: int) -> tuple[int, int]:
    """One permutation after the other, by slices."""
    p, turns = list(range(n)), [0] * n
    checksum = most = 0
    sign = 1
    while True:
        flips = 0
        if n and p[0]:
            q = p[:]
            while front := q[0]:
                q[: front + 1] = q[front::-1]
                flips += 1
        checksum += sign * flips
        most = max(most, flips)
        sign = -sign
        for last in range(1, n):
            p.insert(last, p.pop(0))
            if turns[last] < last:
                turns[last] += 1
                break
            turns[last] = 0
        else:
            return checksum, most


def permutations(n: int, first: int, count: int) -> np.ndarray:
    """Rows are the permutations from number `first` on."""
    number = np.arange(first, first + count)
    p = np.broadcast_to(np.arange(n), (count, n)).copy()
    for last in range(n - 1, 0, -1):
        turns, number = np.divmod(number, math.factorial(last))
        places = (np.arange(last + 1) + turns[:, None]) % (last + 1)
        p[:, : last + 1] = np.take_along_axis(p, places, axis=1)
    return p


def numpy(n: int) -> tuple[int, int]:
    """Many permutations at once; those with 1 in front are dropped."""
    if n == 0:
        return 0, 0
    checksum = most = 0
    columns = np.arange(n)
    everything = math.factorial(n)
    for first in range(0, everything, CHUNK):
        count = min(CHUNK, everything - first)
        p = permutations(n, first, count)
        sign = 1 - 2 * (np.arange(first, first + count) % 2)
        flips = 0
        while True:
            moving = p[:, 0] > 0
            p, sign = p[moving], sign[moving]
            if len(p) == 0:
                break
            flips += 1
            checksum += int(sign.sum())
            front = p[:, :1]
            places = np.where(columns <= front, front - columns, columns)
            p = np.take_along_axis(p, places, axis=1)
        most = max(most, flips)
    return checksum, most


@inline
def rotate(p: np.ndarray, last: int) -> None:
    """Move the first element behind the next `last`."""
    front = p[0]
    for k in range(last):
        p[k] = p[k + 1]
    p[last] = front


@inline
def part(n: int, first: int, count: int) -> tuple[int, int]:
    """`count` permutations from number `first` on."""
    p, q, turns = np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    factorial = 1
    for k in range(1, n):
        factorial *= k
    rest = first
    for last in range(n - 1, 0, -1):
        turns[last] = rest // factorial
        rest %= factorial
        factorial //= last
        for _ in range(turns[last]):
            rotate(p, last)
    checksum, most = 0, 0
    for number in range(first, first + count):
        q[:] = p
        flips = 0
        while q[0] != 0:
            low, high = 0, q[0]
            while low < high:
                q[low], q[high] = q[high], q[low]
                low += 1
                high -= 1
            flips += 1
        checksum += flips if number % 2 == 0 else -flips
        most = max(most, flips)
        for last in range(1, n):
            rotate(p, last)
            if turns[last] < last:
                turns[last] += 1
                break
            turns[last] = 0
    return checksum, most


@jit(parallel=True)
def numba(n: int) -> tuple[int, int]:
    """Loops; 64 parts in parallel."""
    if n == 0:
        return 0, 0
    everything = 1
    for k in range(2, n + 1):
        everything *= k
    parts = min(64, everything)
    share = (everything + parts - 1) // parts
    sums, mosts = np.zeros(parts, np.int64), np.zeros(parts, np.int64)
    for k in prange(parts):
        first = k * share
        count = max(0, min(share, everything - first))
        if count > 0:
            sums[k], mosts[k] = part(n, first, count)
    return sums.sum(), mosts.max()


def in_chapel(threads: int, n: int) -> tuple[int, int]:
    """Parts in tasks."""
    result = np.zeros(2, np.int64)
    call("fannkuch", n, threads, result)
    return int(result[0]), int(result[1])


KERNEL = Kernel(
    name="fannkuch",
    what="small integers moved about in a short array",
    workload="all permutations of {size}: the alternating sum and the maximum of their flips",
    quick=8,
    full=9,
    sizes=(4, 5, 6, 7, 8, 9, 10),
    largest=12,
    inputs=lambda n: (n,),
    languages=languages(
        **native(_native.fannkuch),
        chapel=chapel(in_chapel),
        numpy=serial(numpy),
        python=serial(python),
        numba=compiled(numba),
    ),
)
