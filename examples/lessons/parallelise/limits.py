"""Where moving the program gains little, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import decays
import faster
import ferrotran as ft
import numpy as np
import scipy.optimize
from agreement import agree
from ferrotran_compare.timing import Ratio
from measure import Disagreement, race, spread, table
from numpy.typing import NDArray

Fits = tuple[NDArray[np.float64], NDArray[np.float64]]


def fits(curve_fit: Callable[..., Any], model: Any, counts: Any) -> Callable[[], Fits]:
    """Return a call that fits one pixel or several, with the parameters and their errors."""
    times, p0 = faster.WIDTH * np.arange(counts.shape[1]), faster.start(counts)
    one = len(counts) == 1
    y, p0, sigma = (a[0] if one else a for a in (counts, p0, np.sqrt(np.maximum(counts, 1))))

    def call() -> Fits:
        popt, pcov = curve_fit(model, times, y, p0, sigma=sigma, absolute_sigma=True)
        errors = np.sqrt(np.diagonal(pcov, axis1=-2, axis2=-1))
        return popt.reshape(-1, 3), errors.reshape(-1, 3)

    return call


def pairs(text: Path, counts: Any) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Return the peer and ours, under what is compared."""
    few, some, model = counts[:1], counts[:16], faster.decay
    peer = fits(scipy.optimize.curve_fit, model, few)
    return {
        "one fit, the built-in model, against SciPy": (
            peer,
            fits(ft.optimize.curve_fit, "exponential", few),
        ),
        "one fit, a Python model, against SciPy": (
            peer,
            fits(ft.optimize.curve_fit, model, few),
        ),
        "16 fits in a call, a Python model, against SciPy's loop": (
            lambda: faster.fit_numpy(some),
            fits(ft.optimize.curve_fit, model, some),
        ),
        "16 fits in a call, all threads against one": (
            lambda: faster.fit(some, workers=1),
            lambda: faster.fit(some),
        ),
        "reading text, `np.loadtxt` against `csv`": (
            lambda: np.array(decays.read(text)),
            lambda: faster.read(text),
        ),
    }


def measure(text: Path, counts: Any, budget: float) -> str:
    """Return the table."""
    rows = []
    for name, (peer, ours) in pairs(text, counts).items():

        def check(answers: dict[str, Any], name: str = name) -> None:
            if isinstance(answers["peer"], tuple):
                agree(answers, "peer", counts[: len(answers["peer"][0])])
            elif not np.array_equal(answers["peer"], answers["ours"]):
                raise Disagreement(f"{name}: {answers['peer']} and {answers['ours']}")

        samples = race({"peer": peer, "ours": ours}, check, budget / 10)
        rows.append([name, spread(Ratio.of(samples["peer"], samples["ours"]))])
    return table(["what", "times as fast"], rows)
