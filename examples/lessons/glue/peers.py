"""What stays in Python: NumPy for the part without a stack, and numba for all of it."""

import numba
import numpy as np


def rainflow_numpy(signal, width):
    """As `rainflow`: NumPy finds the turning points, a loop counts."""
    level = np.floor(signal / width).astype(np.int64)
    moves = np.ones(len(level), bool)
    moves[1:] = level[1:] != level[:-1]
    level = level[moves]
    up = np.diff(level) > 0
    turns = np.ones(len(level), bool)
    turns[1:-1] = up[1:] != up[:-1]
    counts, stack = {}, []
    for turn in level[turns].tolist():
        stack.append(turn)
        while len(stack) > 2:
            last, before = abs(stack[-1] - stack[-2]), abs(stack[-2] - stack[-3])
            if last < before:
                break
            if len(stack) == 3:
                counts[before] = counts.get(before, 0) + 0.5
                del stack[0]
            else:
                counts[before] = counts.get(before, 0) + 1.0
                del stack[-3:-1]
    for a, b in zip(stack, stack[1:]):
        counts[abs(a - b)] = counts.get(abs(a - b), 0) + 0.5
    return counts


@numba.njit(nogil=True)
def rainflow_numba(signal, width, bins):
    """As the C function, in the words of NumPy; no status: a range without a bin raises."""
    counts, stack, top = np.zeros(bins), np.empty(len(signal), np.int32), 0
    for value in signal:
        step = np.floor(value / width)
        if not abs(step) < 1e9:
            raise ValueError("`signal` has a value that is not finite, or above 1e9 times `width`")
        level = np.int32(step)
        if top > 0 and level == stack[top - 1]:
            continue
        if top > 1 and (level > stack[top - 1]) == (stack[top - 1] > stack[top - 2]):
            top -= 1
        stack[top] = level
        top += 1
        while top > 2:
            last, before = (
                abs(stack[top - 1] - stack[top - 2]),
                abs(stack[top - 2] - stack[top - 3]),
            )
            if last < before:
                break
            if before >= bins:
                raise ValueError("`bins` is too small for the largest range")
            if top == 3:
                counts[before] += 0.5
                stack[0], stack[1] = stack[1], stack[2]
                top = 2
            else:
                counts[before] += 1.0
                stack[top - 3] = stack[top - 1]
                top -= 2
    for i in range(1, top):
        last = abs(stack[i] - stack[i - 1])
        if last >= bins:
            raise ValueError("`bins` is too small for the largest range")
        counts[last] += 0.5
    return counts
