"""What the benches of the special functions share: the cases of an elementwise function."""

from __future__ import annotations

from collections.abc import Iterator

import ferrotran as ft
import numpy as np
import scipy.special
from harness import EPS, Case, largest_relative_difference

POINTS = 10**7
SEED = 3


def cases_of(
    name: str,
    low: float,
    high: float,
    targets: tuple[float, float] | None = None,
    tolerance: float = 1e-14,
) -> Iterator[Case]:
    """Yield the cases of one function on U(low, high): f64 on one and two threads, f32 on one.

    `targets` are the ratios to SciPy on one and two threads. SciPy runs on one thread always.
    `tolerance` is relative and covers SciPy's error, which is larger than ours.
    """
    x = np.random.default_rng(SEED).uniform(low, high, POINTS)
    out, theirs = np.empty_like(x), np.empty_like(x)
    ours, peer = getattr(ft.special, name), getattr(scipy.special, name)
    for threads in 1, 2:
        yield Case(
            f"special.{name}, {threads} thread{'s' * (threads > 1)}",
            workload=f"1e7 points, U({low:g}, {high:g}), seed {SEED}, out=, f64",
            ours=lambda: ours(x, out=out),
            peers={f"scipy.special.{name}": lambda: peer(x, out=theirs)},
            target={f"scipy.special.{name}": targets[threads - 1]} if targets else {},
            tolerance=tolerance,
            check=largest_relative_difference,
            baselines={"copy of the same bytes": lambda: np.copyto(out, x)},
            items=POINTS,
            unit="element",
            threads=threads,
        )
    single = x.astype(np.float32)
    out32, theirs32 = np.empty_like(single), np.empty_like(single)
    yield Case(
        f"special.{name}, f32",
        workload=f"1e7 points, U({low:g}, {high:g}), seed {SEED}, out=, f32",
        ours=lambda: ours(single, out=out32),
        peers={f"scipy.special.{name}": lambda: peer(single, out=theirs32)},
        tolerance=max(tolerance, 2.0**29 * EPS),
        check=largest_relative_difference,
        items=POINTS,
        unit="element",
        threads=1,
    )
