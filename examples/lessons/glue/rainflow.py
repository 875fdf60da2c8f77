"""Count the load cycles of a measured signal, as fatigue analysis does (ASTM E1049-85)."""

import math


def rainflow(signal, width):
    """Return {range: cycles}; ranges are in steps of `width`."""
    counts = {}
    stack = []  # turning points whose cycles are still open
    for value in signal:
        level = math.floor(value / width)
        if stack and level == stack[-1]:
            continue
        if len(stack) > 1 and (level > stack[-1]) == (stack[-1] > stack[-2]):
            stack.pop()  # on in the same direction: that was no turning point
        stack.append(level)
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
