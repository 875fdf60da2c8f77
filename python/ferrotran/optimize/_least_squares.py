"""`least_squares`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ferrotran._ferrotran import _least_squares
from ferrotran.optimize._checks import (
    doubles,
    evaluations,
    limits,
    nonnegative,
    positive,
    refuse,
    scales,
    tolerances,
)
from ferrotran.optimize._result import OptimizeResult

MESSAGES = {
    0: "The maximum number of function evaluations is exceeded.",
    1: "`gtol` termination condition is satisfied.",
    2: "`ftol` termination condition is satisfied.",
    3: "`xtol` termination condition is satisfied.",
    4: "Both `ftol` and `xtol` termination conditions are satisfied.",
    5: "`ftol` is too small: the sum of squares cannot be reduced further.",
    6: "`xtol` is too small: `x` cannot be improved further.",
    7: "`gtol` is too small: the residuals are orthogonal to the Jacobian within roundoff.",
    -2: "Residuals are not finite in the initial point.",
    -3: "The derivatives are not finite at the best point found.",
}
"""SciPy's numbers and words, and what it has none for."""

FACTOR = 100.0
"""The first radius of the trust region over the scaled length of `x0`; MINPACK's."""


def least_squares(
    fun: Callable[..., ArrayLike],
    x0: ArrayLike,
    jac: str | Callable[..., ArrayLike] = "2-point",
    bounds: Any = (-np.inf, np.inf),
    method: str = "lm",
    ftol: float | None = 1e-8,
    xtol: float | None = 1e-8,
    gtol: float | None = 1e-8,
    x_scale: ArrayLike | str | None = None,
    loss: str = "linear",
    f_scale: float = 1.0,
    diff_step: float | None = None,
    tr_solver: None = None,
    tr_options: None = None,
    jac_sparsity: None = None,
    max_nfev: int | None = None,
    verbose: int = 0,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    callback: None = None,
    workers: None = None,
    *,
    weights: ArrayLike | None = None,
) -> OptimizeResult:
    """Minimise half the sum of squares of residuals, within bounds.

    Levenberg-Marquardt after Moré. Names, defaults, statuses and the fields of the result are
    those of `scipy.optimize.least_squares`; `method`, which is 'trf' there, is 'lm' here, and
    takes bounds.

    Parameters
    ----------
    fun : callable
        The residuals: ``fun(x, *args, **kwargs)`` takes an array of shape (n,) and returns one of
        shape (m,), m at least n. Infinite or NaN residuals make a step fail, which is then
        shorter; at `x0` they are an error.
    x0 : (n,) array_like of float, or float
        Where to start.
    jac : {'2-point', callable}, optional
        The derivatives: by forward differences, or ``jac(x, *args, **kwargs)``, an array of shape
        (m, n).
    bounds : pair of array_like of float, or `scipy.optimize.Bounds`, optional
        Lower and upper bounds, each of shape (n,) or one number for all.
    method : {'lm'}, optional
        The only one.
    ftol, xtol, gtol : float or None, optional
        Tolerances: the search ends when the relative change of the sum of squares, that of `x`,
        or the cosine between residuals and any column of the Jacobian, is that small. None for 0.
    x_scale : {None, 'jac'} or array_like of float, optional
        Characteristic scale of each variable; by default the norms of the Jacobian's columns
        find it.
    loss : {'linear'}, optional
        The only one.
    f_scale
        Not used with a linear loss, as in SciPy.
    diff_step : float, optional
        Relative step of the differences; by default the root of the machine epsilon.
    tr_solver, tr_options, jac_sparsity, callback, workers : None
        Not supported; there for SciPy's order of arguments.
    max_nfev : int, optional
        Most evaluations of `fun` before the search ends, with those for differences; by default
        100 n, and 100 n (n + 1) with differences.
    verbose : {0, 1}, optional
        1 prints a report at the end.
    args, kwargs : tuple, dict, optional
        Further arguments of `fun` and `jac`.
    weights : (m,) array_like of float, optional
        What residuals, and their derivatives, are multiplied by: 1 over the standard deviation
        where they are of unequal certainty, 0 to leave one out. Not SciPy's.

    Returns
    -------
    OptimizeResult
        ``x``, ``cost`` (half the sum of squares), ``fun`` (residuals, weighted), ``jac``, ``grad``,
        ``optimality`` (the largest component of the gradient, of variables at a bound those that
        lead inside), ``active_mask`` (-1 at a lower, 1 at an upper bound, else 0), ``nfev``,
        ``njev``, ``status``, ``message``, ``success``; and ``cov``, the inverse of
        ``jac.T @ jac``, NaN where that is singular.

        The status is 0 where `max_nfev` is reached, 1, 2, 3 for `gtol`, `ftol`, `xtol`, 4 for
        the last two together, 5, 6, 7 where `ftol`, `xtol`, `gtol` is below what roundoff allows,
        -3 where derivatives are not finite.

    Raises
    ------
    ValueError
        If an argument is not acceptable or asks for what is not supported, if residuals or
        Jacobian have a wrong shape, or if the residuals at `x0` are not finite.
    TypeError
        If numbers were expected, or `fun` cannot be called.

    See Also
    --------
    curve_fit : Fit a function to data, one fit or many.

    References
    ----------
    J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", *Lecture Notes in
    Mathematics* 630 (1978) 105-116, doi:10.1007/BFb0067700.

    Examples
    --------
    The banana function of Rosenbrock:

    >>> import numpy as np
    >>> from ferrotran.optimize import least_squares
    >>> def residuals(x):
    ...     return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])
    >>> found = least_squares(residuals, [-1.2, 1.0])
    >>> np.allclose(found.x, [1, 1])
    True
    >>> found.success
    True

    With a bound that keeps it away from there:

    >>> found = least_squares(residuals, [2.0, 2.0], bounds=([-2.0, 1.5], np.inf))
    >>> np.allclose(found.x, [1.22437075, 1.5])
    True
    >>> found.active_mask
    array([ 0, -1])
    """
    start = np.atleast_1d(doubles("x0", x0))
    if start.ndim > 1:
        raise ValueError(f"`x0` has shape {start.shape}, expected at most 1 dimension")
    if start.size == 0 or not np.isfinite(start).all():
        raise ValueError(f"`x0` is {x0!r}, expected at least one number, and only finite ones")
    n = start.size
    if method != "lm":
        raise ValueError(f"`method` is {method!r}, expected 'lm', which takes bounds too")
    if not (callable(jac) or (isinstance(jac, str) and jac == "2-point")):
        raise ValueError(f"`jac` is {jac!r}, expected '2-point' or a callable")
    refuse([("loss", loss, "linear")], "other losses are not supported")
    refuse([("tr_solver", tr_solver, None), ("tr_options", tr_options, None)], "there is none here")
    refuse([("jac_sparsity", jac_sparsity, None)], "the Jacobian is dense")
    refuse([("callback", callback, None), ("workers", workers, None)], "it is not supported")
    if verbose not in (0, 1):
        raise ValueError(f"`verbose` is {verbose!r}, expected 0 or 1")
    lower, upper = limits(bounds, n)
    if not ((lower <= start) & (start <= upper)).all():
        raise ValueError("Initial guess is outside of provided bounds")
    options = dict(kwargs or {})
    more = args if isinstance(args, tuple) else (args,)
    derivatives = jac if callable(jac) else None
    if more or options:
        fun, derivatives = bind(fun, more, options), bind(derivatives, more, options)

    found = _least_squares(
        fun,
        derivatives,
        np.array(start),
        lower,
        upper,
        scales("x_scale", x_scale, n),
        *tolerances(ftol, xtol, gtol),
        None if diff_step is None else positive("diff_step", diff_step),
        FACTOR,
        evaluations("max_nfev", max_nfev),
        None if weights is None else nonnegative("weights", weights),
    )
    if found[-2] == -2:
        raise ValueError(MESSAGES[-2])
    result = report(found, lower, upper, derivatives is not None)
    if verbose:
        sys.stdout.write(
            f"{result.message}\nFunction evaluations {result.nfev}, final cost {result.cost:.4e}, "
            f"first-order optimality {result.optimality:.2e}.\n"
        )
    return result


least_squares.__module__ = "ferrotran.optimize"


def bind(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return `f` of x alone."""
    return None if f is None else lambda x: f(x, *args, **kwargs)


def report(found: Any, lower: Any, upper: Any, analytic: bool) -> OptimizeResult:
    """Return SciPy's result."""
    x, residuals, jac, cov, cost, optimality, nfev, njev, status, _ = found
    active = np.where(x <= lower, -1, np.where(x >= upper, 1, 0))
    return OptimizeResult(
        x=x,
        cost=cost,
        fun=residuals,
        jac=jac,
        grad=jac.T @ residuals,
        optimality=optimality,
        active_mask=active,
        nfev=nfev,
        njev=njev if analytic else None,
        status=status,
        message=MESSAGES[status],
        success=status > 0,
        cov=cov,
    )
