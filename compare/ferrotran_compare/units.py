"""Figures as a reader wants them. Standard library only."""

from __future__ import annotations

from ferrotran_compare.timing import Ratio, Time


def seconds(value: float) -> str:
    """Return a time with three digits and a unit."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
        if float(f"{value * factor:.3g}") >= 1.0:
            return f"{digits(value * factor)} {unit}"
    return f"{digits(value * 1e9)} ns"


def digits(value: float) -> str:
    """Return a number with three digits, never in powers of ten."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(time: Time) -> str:
    """Return both quartiles of a time."""
    return f"{seconds(time.low)} … {seconds(time.high)}"


def times(ratio: Ratio) -> str:
    """Return a ratio and its quartiles."""
    return f"{factor(ratio.median)} ({factor(ratio.low)} … {factor(ratio.high)})"


def factor(value: float) -> str:
    """Return a ratio with two places, or three digits where it is large."""
    return f"{value:.2f}" if value < 10 else digits(value)


def size(number: int | None) -> str:
    """Return a count with separators; what has none is a scalar."""
    return "scalar" if number is None else f"{number:,}"


def kibibytes(number: int) -> str:
    """Return a size of a file."""
    return f"{number / 1024:,.0f} KiB"


def workers(number: int, what: str = "thread") -> str:
    """Return a number of threads in words."""
    return f"{number} {what}{'s' * (number != 1)}"
