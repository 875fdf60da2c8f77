"""Whether two ways to fit the image agree, by a bound that follows from how a search ends."""

from __future__ import annotations

from typing import Any

import faster
import numpy as np
from measure import Disagreement
from numpy.typing import NDArray

FTOL = 1.49012e-8  # of scipy.optimize.leastsq and of ferrotran: the defaults


def as_arrays(fits: Any) -> tuple[Any, Any]:
    """Parameters and standard errors, each (pixels, 3), of any step."""
    if isinstance(fits, list):
        fits = zip(*fits)
    best, errors = fits
    return np.asarray(best), np.asarray(errors)


def differences(fits: Any, others: Any) -> NDArray[np.float64]:
    """Largest difference of a parameter of each pixel, in standard errors of that parameter."""
    (best, errors), (other, _) = as_arrays(fits), as_arrays(others)
    return (np.abs(best - other) / errors).max(axis=1)


def allowed(fits: Any, counts: Any) -> NDArray[np.float64]:
    """Bound the difference of two searches that end by `ftol`, in standard errors, per pixel.

    Near the minimum chi² grows by |J dp|², and a search ends when a step gains less than
    ftol chi²: its last step is at most sqrt(ftol chi²) in that norm. When each step at least
    halves the distance, what is left is not longer than that step. Two searches are apart by at
    most twice as much, and |dp_i| <= sigma_i |J dp|.
    """
    best, _ = as_arrays(fits)
    times = faster.WIDTH * np.arange(counts.shape[1])
    curves = faster.decay(times, *best.T[:, :, None])
    chi2 = ((counts - curves) ** 2 / np.maximum(counts, 1)).sum(axis=1)
    return 2 * np.sqrt(FTOL * chi2)


def agree(
    answers: dict[str, Any], first: str, counts: Any
) -> tuple[dict[str, float], NDArray[np.float64]]:
    """Compare all answers with the first one; return the differences and what is allowed."""
    bound = allowed(answers[first], counts)
    apart = {}
    for who, fits in answers.items():
        found = differences(fits, answers[first])
        apart[who] = float(found.max())
        if not (found <= bound).all():
            worst = int(np.argmax(np.nan_to_num(found / bound, nan=np.inf)))
            mine, other = (as_arrays(f)[0][worst] for f in (fits, answers[first]))
            raise Disagreement(
                f"pixel {worst}: `{who}` finds {mine}, `{first}` {other}: {found[worst]:.1e} "
                f"standard errors apart, allowed are {bound[worst]:.1e}"
            )
    return apart, bound
