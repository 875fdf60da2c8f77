"""Runs the fits of `curve_fit`: Python callables one by one, compiled models on all threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferrotran import _progress
from ferrotran._ferrotran import _curve_fit, _least_squares, _model_values
from ferrotran.optimize._checks import Doubles
from ferrotran.optimize._fit_data import Data, Mask
from ferrotran.optimize._fit_options import Settings

BAD_SIGMA, TOO_FEW, NOT_RUN, BAD_JACOBIAN, BAD_START, STOPPED = range(-6, 0)
"""Numbers that a fit may end with beyond SciPy's."""


@dataclasses.dataclass
class Fits:
    """The outcome of each member."""

    popt: Doubles
    """(members, n)."""
    pcov: Doubles
    """(members, n, n); infinite where the data do not tell."""
    cost: Doubles
    """Half the sums of squares of the weighted residuals."""
    nfev: NDArray[np.intp]
    ier: NDArray[np.intp]
    """1 to 4 where a solution is found."""
    fvec: Any = None
    """Weighted residuals, if they are known: (members, m), NaN at points left out."""
    stopped: BaseException | None = None
    """What stopped the batch."""

    @classmethod
    def none(cls, run: Run) -> Fits:
        """Return what a batch is that has not begun."""
        members, n = run.data.count, run.settings.lower.size
        m = run.data.y.shape[-1] if run.keep else 0
        popt, pcov = np.full((members, n), np.nan), np.full((members, n, n), np.nan)
        cost, nfev = np.full(members, np.nan), np.zeros(members, np.intp)
        ier, fvec = np.full(members, NOT_RUN, np.intp), np.full((members, m), np.nan)
        return cls(popt, pcov, cost, nfev, ier, fvec)


@dataclasses.dataclass(frozen=True)
class Run:
    """What all fits of a call share."""

    data: Data
    settings: Settings
    usable: Mask | None
    """Points to use, (members or 1, m), where some are left out."""
    absolute_sigma: bool
    keep: bool
    """Whether residuals are asked for."""
    progress: Any
    workers: int | None

    def mask(self, i: int) -> Mask | None:
        """Return the points to use of member `i`; None for all."""
        if self.usable is None:
            return None
        mask = pick(self.usable, i)
        return None if mask.all() else mask


def pick(array: Any, i: int) -> Any:
    """Return what belongs to member `i`."""
    return array[i if len(array) > 1 else 0]


def each(one: Callable[[int], None], fits: Fits, run: Run) -> Fits:
    """Fit one member after the other; stop at Ctrl-C."""
    count = run.data.count
    reporter = _progress.reporter(run.progress, count, "fit")
    try:
        for i in range(count):
            one(i)
            if reporter:
                reporter.show(i + 1)
        if reporter:
            reporter.tell(count)
    except KeyboardInterrupt as error:
        if run.data.batch is None:
            raise
        fits.stopped = error
    finally:
        if reporter:
            reporter.close()
    return fits


def finite(values: Any) -> bool:
    """Tell whether an array is finite; what is no array counts as that."""
    return not isinstance(values, np.ndarray) or bool(np.isfinite(values).all())


def by_callable(f: Callable[..., Any], jac: Callable[..., Any] | None, run: Run) -> Fits:
    """Fit a Python callable, one member after the other in this thread."""
    data, settings = run.data, run.settings
    fits = Fits.none(run)
    weights = Weights(data)

    def one(i: int) -> None:
        x, y, p0 = (pick(part, i) for part in (data.x, data.y, data.p0))
        mask = run.mask(i)
        if mask is not None:
            x, y = x[..., mask], y[mask]
        if y.size < p0.size and mask is not None:
            fits.ier[i] = TOO_FEW
            return
        if not (finite(p0) and (data.batch is None or (finite(x) and finite(y)))):
            fits.ier[i] = BAD_START
            return
        weigh = weights.of(i, mask)

        def derivatives(p: Doubles) -> Any:
            found = np.asarray(jac(x, *p))  # type: ignore[misc]
            return weigh(found.T if settings.col_deriv else found)

        found = _least_squares(
            lambda p: weigh(f(x, *p) - y),
            derivatives if jac else None,
            np.array(p0),
            *settings.search(),
        )
        popt, fvec, _, cov, cost, _, nfev, _, _, ier = found
        if not run.absolute_sigma:
            freedom = fvec.size - popt.size
            cov = cov * (2 * cost / freedom if freedom else np.nan)
        fits.popt[i], fits.cost[i], fits.nfev[i], fits.ier[i] = popt, cost, nfev, ier
        fits.pcov[i] = np.inf if np.isnan(cov).any() else cov
        if data.batch is None:
            fits.fvec = fvec[None]
        elif run.keep:
            fits.fvec[i, ... if mask is None else mask] = fvec

    return each(one, fits, run)


class Weights:
    """Divides residuals, and the columns of a Jacobian, by the errors of the data."""

    def __init__(self, data: Data) -> None:
        self.sigma, self.cov = data.sigma, data.cov
        self.shared: Callable[[Any], Any] | None = None

    def of(self, i: int, mask: Mask | None) -> Callable[[Any], Any]:
        """Return what weighs member `i` at the points of the mask."""
        given = self.sigma if self.cov is None else self.cov
        if given is None:
            return lambda values: values
        if len(given) == 1 and mask is None:
            self.shared = self.shared or self._make(given[0], None)
            return self.shared
        return self._make(pick(given, i), mask)

    def _make(self, given: Doubles, mask: Mask | None) -> Callable[[Any], Any]:
        if self.cov is not None:
            inverse = whitening(given if mask is None else given[np.ix_(mask, mask)])
            return lambda values: inverse @ values
        with np.errstate(divide="ignore"):
            weights = 1.0 / (given if mask is None or given.size == 1 else given[mask])

        def weigh(values: Any) -> Any:
            return weights.reshape((-1,) + (1,) * (np.ndim(values) - 1)) * values

        return weigh


def whitening(cov: Doubles) -> Doubles:
    """Return the inverse of the Cholesky factor of a covariance matrix."""
    try:
        factor = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError as error:
        raise ValueError("`sigma` must be positive definite.") from error
    return np.linalg.inv(factor)


def by_kernel(f: Any, differences: bool, run: Run) -> Fits:
    """Fit a built-in or compiled model on all threads, with the GIL free."""
    data = run.data
    if data.count == 0:
        return Fits.none(run)
    if data.cov is not None and len(data.cov) > 1:
        return one_by_one(f, differences, run)
    m = data.y.shape[-1]
    popt, pcov, cost, nfev, ier, stopped = _curve_fit(
        f,
        data.x,
        data.y,
        data.p0,
        None if data.sigma is None else np.broadcast_to(data.sigma, (len(data.sigma), m)),
        None if data.cov is None else data.cov[0],
        run.absolute_sigma,
        run.usable is not None,
        differences,
        run.workers,
        run.progress,
        *run.settings.search(),
    )
    fits = Fits(popt, pcov, cost, nfev, ier, stopped=stopped)
    if run.keep:
        fits.fvec = residuals(f, fits.popt, run)
    return fits


def one_by_one(f: Any, differences: bool, run: Run) -> Fits:
    """Fit members that have a covariance matrix each."""
    data = run.data
    fits = Fits.none(run)

    def one(i: int) -> None:
        usable = run.usable if run.usable is None or len(run.usable) == 1 else run.usable[[i]]
        alone = dataclasses.replace(run, data=data.take([i]), usable=usable, progress=None)
        found = by_kernel(f, differences, alone)
        if found.stopped is not None:
            raise found.stopped
        for name in ("popt", "pcov", "cost", "nfev", "ier", "fvec"):
            if getattr(found, name) is not None:
                getattr(fits, name)[i] = getattr(found, name)[0]

    return each(one, fits, run)


def residuals(f: Any, popt: Doubles, run: Run) -> Doubles:
    """Return the weighted residuals of a compiled model."""
    data = run.data
    points = np.broadcast_to(data.x, (len(popt), *data.x.shape[1:]))
    found: Doubles = _model_values(f, points, popt, False)[0] - data.y
    if data.sigma is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            found *= 1.0 / data.sigma
    if run.usable is not None:
        found[~np.broadcast_to(run.usable, found.shape)] = np.nan
    if data.cov is not None:
        weights = Weights(data)
        for i, row in enumerate(found):
            mask = run.mask(i)
            used = slice(None) if mask is None else mask
            row[used] = weights.of(i, mask)(row[used])
    mask = run.mask(0) if data.batch is None else None
    return found if mask is None else found[:, mask]
