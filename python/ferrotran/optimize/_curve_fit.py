"""`curve_fit`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ferrotran._progress import interrupted
from ferrotran.optimize._checks import doubles, limits
from ferrotran.optimize._fit_data import collect, feasible, finite, parameters
from ferrotran.optimize._fit_engine import Run
from ferrotran.optimize._fit_model import FitModel
from ferrotran.optimize._fit_options import settings
from ferrotran.optimize._fit_report import finish
from ferrotran.optimize._result import OptimizeWarning


def curve_fit(
    f: str | Callable[..., Any] | object,
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    workers: int | None = None,
    progress: bool | Callable[[int, int], object] = False,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Fit a function to data by nonlinear least squares: one fit, or a batch of them.

    Names, order, defaults and meaning are those of `scipy.optimize.curve_fit`. Beyond it, leading
    axes of the arrays make a batch of independent fits, `f` may be a compiled model, which runs
    on all threads with the GIL free, and `method` 'lm' takes bounds.

    Parameters
    ----------
    f : callable, str, compiled function
        The model. A Python callable is called as ``f(x, *p)``. The name of a built-in model, such
        as "gaussian", or the model itself: see `ferrotran.optimize.models`. A compiled function
        (`scipy.LowLevelCallable`, numba ``cfunc``, ctypes function, ``PyCapsule``) has the
        signature in the notes.
    xdata : (..., m) or (..., k, m) array_like of float
        The points, of k predictors. A Python callable in a single fit gets whatever it is.
    ydata : (..., m) array_like of float
        The data. What leads its last axis, and that of `p0`, is the batch; `xdata` and `sigma`
        broadcast against it.
    p0 : (..., n) array_like of float, optional
        Where to start. By default a built-in model guesses it from the data; else it is 1 for
        each parameter that the signature of `f` names, or the middle of its bounds.
    sigma : float, (..., m) or (..., m, m) array_like of float, optional
        Standard errors of `ydata`, or their covariance matrix. In a batch the matrices have as
        many leading axes as the batch, each of which may be 1.
    absolute_sigma : bool, optional
        If true, `sigma` is in the units of `ydata`; else only its ratios count and `pcov` is
        scaled by the sum of squares per degree of freedom.
    check_finite : bool, optional
        If true, data that are not finite are an error. By default they are in a single fit
        without `nan_policy`; in a batch they fail their own fit.
    bounds : pair of array_like of float, or `scipy.optimize.Bounds`, optional
        Lower and upper bounds of the parameters, each of shape (n,) or one number for all; the
        same for the whole batch.
    method : {None, 'lm'}, optional
        Levenberg-Marquardt, with bounds or without.
    jac : callable or '2-point', optional
        Derivatives of a Python callable: ``jac(x, *p)`` is an array of shape (m, n). By default
        forward differences. A built-in or compiled model has its own; '2-point' ignores them.
    full_output : bool, optional
        If true, return `infodict`, `mesg` and `ier` too.
    nan_policy : {None, 'raise', 'omit'}, optional
        What to do about NaN in `xdata` or `ydata`; 'omit' leaves out the points, of each fit its
        own.
    workers : int, optional
        Number of threads for a compiled model; -1 for one on each core. By default that of
        `ferrotran.get_num_threads`.
    progress : bool or callable, optional
        For a batch: True shows a bar (of tqdm, if it is installed), a callable gets (done,
        total).
    **kwargs
        ``ftol``, ``xtol``, ``gtol``, ``maxfev`` or ``max_nfev``, ``factor``, ``diag`` or
        ``x_scale``, ``epsfcn`` or ``diff_step``, ``col_deriv``, with the meaning and the defaults
        of `scipy.optimize.leastsq`, and of `scipy.optimize.least_squares` with bounds. Others are
        refused.

    Returns
    -------
    popt : (..., n) ndarray
        The parameters; NaN in a batch where a fit failed.
    pcov : (..., n, n) ndarray
        Their covariance; infinite where it cannot be estimated, NaN where a fit failed.
    infodict : dict
        Only with `full_output`: ``nfev``, evaluations of the model; ``fvec``, the weighted
        residuals, in a batch (..., m) with NaN at points left out; ``cost``, half the sum of
        their squares.
    mesg : str or ndarray of str
        Only with `full_output`: how each fit ended.
    ier : int or ndarray of int
        Only with `full_output`: 1 to 4 where a solution is found, as in SciPy. In a batch a
        failed fit has 5 where ``maxfev`` is reached; -1 if the model returned an error code; -2
        for data, or values of the model at the start, that are not finite; -3 for derivatives
        that are not finite; -4 if it was not run; -5 with fewer points than parameters; -6 for
        errors that are not positive.

    Raises
    ------
    ValueError
        If an argument is not acceptable, or asks for what is not supported.
    TypeError
        If numbers or a callable were expected, or if there are fewer points than parameters.
    RuntimeError
        If a single fit fails. A batch never raises for that.
    ferrotran.BatchInterrupted
        At Ctrl-C in a batch: a `KeyboardInterrupt` whose ``result`` is what would have been
        returned, NaN where a fit was not finished.

    Warns
    -----
    OptimizeWarning
        Once, if fits of a batch failed, or if a covariance cannot be estimated.

    See Also
    --------
    least_squares : Any residuals.
    ferrotran.optimize.models : The built-in models.

    Notes
    -----
    A compiled model has the signature::

        int model(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                  double *y, double *jac);

    It puts its values at m points with n parameters into y and, unless jac is null, the
    derivatives by parameter j into ``jac[j * m]`` and the following. One that leaves jac alone
    gets forward differences. x holds k m numbers, one predictor after the other; ctx is the user
    data of a LowLevelCallable. Returning other than 0 fails the fit. It is called from several
    threads at once.

    The bits of a fit do not depend on its batch nor on the number of threads.

    References
    ----------
    J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", *Lecture Notes in
    Mathematics* 630 (1978) 105-116, doi:10.1007/BFb0067700.

    Examples
    --------
    One fit, as in SciPy:

    >>> import numpy as np
    >>> from ferrotran.optimize import curve_fit
    >>> def decay(x, a, b):
    ...     return a * np.exp(-b * x)
    >>> x = np.linspace(0, 4, 50)
    >>> popt, pcov = curve_fit(decay, x, decay(x, 2.5, 1.3))
    >>> np.allclose(popt, [2.5, 1.3])
    True

    A thousand at once, by a built-in model that finds its own starts:

    >>> from ferrotran.optimize import models
    >>> rng = np.random.default_rng(0)
    >>> centers = rng.uniform(-1, 1, 1000)
    >>> x = np.linspace(-5, 5, 64)
    >>> y = models.gaussian(x, 2.0, centers[:, None], 1.0, 0.5)
    >>> popt, pcov = curve_fit("gaussian", x, y + 0.01 * rng.standard_normal(y.shape))
    >>> popt.shape, pcov.shape
    ((1000, 4), (1000, 4, 4))
    >>> bool(np.abs(popt[:, 1] - centers).max() < 0.05)
    True
    """
    model = FitModel.find(f, jac)
    if method not in (None, "lm"):
        raise ValueError(f"`method` is {method!r}, expected None or 'lm', which takes bounds too")
    start = None if p0 is None else np.atleast_1d(doubles("p0", p0))
    n = model.parameters if start is None else start.shape[-1]
    if n is None:
        n = parameters(f)
    if n == 0:
        raise ValueError("`p0` is empty, expected at least one parameter")
    model.check(n)
    lower, upper = limits(bounds, n)
    if start is None and not model.guesses:
        start = feasible(lower, upper)
    if start is not None and not ((lower <= start) & (start <= upper) | np.isnan(start)).all():
        raise ValueError("Initial guess is outside of provided bounds")
    wanted = settings(kwargs, lower, upper)
    data = collect(xdata, ydata, start, sigma, compiled=model.compiled, predictors=model.predictors)
    usable = finite(data, check_finite, nan_policy)
    points = data.y.shape[-1] if usable is None or data.batch is not None else usable.sum()
    if points != 1 and n > points:
        raise TypeError(
            f"The number of func parameters={n} must not exceed the number of data points={points}"
        )
    fits = model.fit(
        Run(data, wanted, usable, bool(absolute_sigma), bool(full_output), progress, workers)
    )
    if fits.stopped is not None and data.batch is None:
        raise fits.stopped
    result, warning = finish(fits, data, full_output)
    if fits.stopped is not None:
        raise interrupted(fits.stopped, result)
    if warning:
        warnings.warn(warning, OptimizeWarning, stacklevel=2)
    return result


curve_fit.__module__ = "ferrotran.optimize"
