"""What `curve_fit` returns and warns of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferrotran.optimize._fit_data import Data, Mask
from ferrotran.optimize._fit_engine import (
    BAD_JACOBIAN,
    BAD_SIGMA,
    BAD_START,
    NOT_RUN,
    STOPPED,
    TOO_FEW,
    Fits,
)

MESSAGES = {
    TOO_FEW: "There are fewer points than parameters.",
    NOT_RUN: "The batch was interrupted before this fit.",
    BAD_JACOBIAN: "The derivatives are not finite at the best point found.",
    BAD_START: "The data, the start or the model there are not finite.",
    BAD_SIGMA: "sigma is not positive, or not positive definite.",
    STOPPED: "The model returned an error code.",
    1: "Both actual and predicted relative reductions in the sum of squares are at most ftol.",
    2: "The relative error between two consecutive iterates is at most xtol.",
    3: "Both conditions hold: that of ftol and that of xtol.",
    4: "The cosine of the angle between the residuals and any column of the Jacobian is at most "
    "gtol in absolute value.",
    5: "The number of calls of the function has reached maxfev.",
}
"""SciPy's numbers, and what a batch has beyond."""


def finish(fits: Fits, data: Data, full_output: bool) -> tuple[tuple[Any, ...], str]:
    """Give the arrays their shapes; return what to warn of, too."""
    good = (1 <= fits.ier) & (fits.ier <= 4)
    if data.batch is None and not good[0]:
        raise RuntimeError(f"Optimal parameters not found: {MESSAGES[int(fits.ier[0])]}")
    fits.popt[~good] = np.nan
    fits.pcov[~good] = np.nan
    n = fits.popt.shape[-1]
    shape = data.batch or ()
    result: tuple[Any, ...] = fits.popt.reshape((*shape, n)), fits.pcov.reshape((*shape, n, n))
    if full_output:
        result += details(fits, data)
    unknown = good & np.isinf(fits.pcov).any(axis=(-1, -2))
    if data.batch is not None:
        return result, failures(~good, fits.ier, unknown, data.batch)
    return result, "Covariance of the parameters could not be estimated" if unknown[0] else ""


def details(fits: Fits, data: Data) -> tuple[dict[str, Any], Any, Any]:
    """Return infodict, messages and `ier`."""
    assert fits.fvec is not None
    if data.batch is None:
        ier = int(fits.ier[0])
        cost, nfev = float(fits.cost[0]), int(fits.nfev[0])
        return {"nfev": nfev, "fvec": fits.fvec[0], "cost": cost}, MESSAGES[ier], ier
    info = {
        "nfev": fits.nfev.reshape(data.batch),
        "fvec": fits.fvec.reshape((*data.batch, fits.fvec.shape[-1])),
        "cost": fits.cost.reshape(data.batch),
    }
    numbers, where = np.unique(fits.ier, return_inverse=True)
    words = np.array([MESSAGES[int(number)] for number in numbers], dtype=object)
    return info, words[where].reshape(data.batch), fits.ier.reshape(data.batch)


def failures(bad: Mask, ier: NDArray[np.intp], unknown: Mask, batch: tuple[int, ...]) -> str:
    """Return how many fits failed, and the first of them."""
    failed = np.flatnonzero(bad)
    texts = []
    if failed.size:
        first = failed[0]
        texts.append(
            f"{failed.size} of {ier.size} fits failed, the first at {place(first, batch)}: "
            f"{MESSAGES[int(ier[first])]}"
        )
    if unknown.any():
        first = np.flatnonzero(unknown)[0]
        texts.append(
            f"Covariance of the parameters could not be estimated in {unknown.sum()} of "
            f"{ier.size} fits, the first at {place(first, batch)}"
        )
    return "; ".join(texts)


def place(member: Any, batch: tuple[int, ...]) -> str:
    """Return the index of a member in words."""
    index = tuple(int(i) for i in np.unravel_index(member, batch))
    return str(index[0]) if len(index) == 1 else str(index)
