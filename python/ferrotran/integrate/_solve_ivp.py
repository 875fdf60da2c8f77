"""`solve_ivp`: the signature of SciPy, for one problem or an ensemble."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferrotran._ferrotran import IntegrationWarning, _ivp_many, _ivp_one
from ferrotran._progress import interrupted
from ferrotran.integrate import _ivp_arguments as check
from ferrotran.integrate._ivp_result import (
    MESSAGES,
    OdeResult,
    OdeSolution,
    StiffnessWarning,
    pairs,
    stiffness,
)
from ferrotran.integrate.systems import System


def solve_ivp(
    fun: Callable[..., Any] | Any,
    t_span: Iterable[Any],
    y0: ArrayLike,
    method: str = "RK45",
    t_eval: ArrayLike | None = None,
    dense_output: bool = False,
    events: Any = None,
    vectorized: bool = False,
    args: Iterable[Any] | None = None,
    *,
    workers: int | None = None,
    progress: bool | Callable[[int, int], Any] = False,
    **options: Any,
) -> OdeResult:
    """Solve an initial value problem of ordinary differential equations, or an ensemble of them.

    ``dy/dt = fun(t, y, *args)`` from ``y(t0) = y0`` to ``tf``. Names, defaults and results are
    those of `scipy.integrate.solve_ivp`; an initial state of two or more dimensions, compiled
    right-hand sides, `workers` and `progress` go beyond.

    Parameters
    ----------
    fun : callable, LowLevelCallable, cfunc, ctypes function, PyCapsule or System
        The right-hand side. A Python callable is called as ``fun(t, y, *args)`` with a new array
        ``y`` of shape (n,) and returns n numbers. A compiled one has one of the signatures
        below; one of `ferrotran.integrate.systems` is built in. The GIL is free while those two
        run, unless there are events or a Jacobian in Python.
    t_span : (float, float)
        ``t0`` and ``tf``; the integration runs backward if ``tf < t0``. ``tf`` may be infinite
        where an event ends it.
    y0 : (n,) or (..., n) array_like
        The initial state; complex for a problem in the complex domain. More dimensions make an
        ensemble: one member for each of the leading axes.
    method : {'RK45', 'DOP853', 'Radau'}, optional
        Dormand-Prince of order 5(4) [1]_, of order 8(5,3) [2]_, or the implicit Radau IIA of
        order 5 for stiff problems [3]_.
    t_eval : (m,) array_like, optional
        Times of the output, sorted and within `t_span`. By default the ends of the steps; of an
        ensemble ``t0`` and ``tf``.
    dense_output : bool, optional
        Whether to return the solution as a function. Not for ensembles.
    events : callable or list of callables, optional
        Functions ``event(t, y, *args)`` whose zeros are looked for. An event with the attribute
        ``terminal`` ends the integration, an integral one at that occurrence; ``direction``
        above or below 0 counts only zeros with rising or falling values. Not for ensembles.
    vectorized : bool, optional
        Whether a Python `fun` takes several states as the columns of ``y``, shape (n, k), and
        returns as many. Of an ensemble ``t`` and each of `args` have shape (k,) then.
    args : tuple, optional
        Further arguments of `fun`, `jac` and `events`. A compiled `fun` takes them as an array
        of double. Those of an ensemble are numbers or arrays that broadcast against the leading
        axes of `y0`.
    workers : int, optional
        Number of threads of an ensemble whose `fun` is compiled or built in; -1 for one on each
        core. By default that of `get_num_threads`. A Python callable runs in the calling thread.
    progress : bool or callable, optional
        Show how many members of an ensemble are finished, with tqdm where it is installed; a
        callable gets (done, total).
    first_step : float, optional
        Size of the first step. By default the method chooses.
    max_step : float, optional
        Largest step, by default infinite.
    max_steps : int, optional
        Most tries at a step; there is no limit by default.
    rtol, atol : float or (n,) array_like, optional
        Relative and absolute tolerance, 1e-3 and 1e-6 by default: the root mean square of
        error / (atol + rtol * abs(y)) is kept below 1. Of several `rtol` the smallest counts.
    jac : (n, n) array_like, sparse matrix, callable or compiled function, optional
        The Jacobian ``d fun_i / d y_j``, constant or ``jac(t, y, *args)``, for 'Radau'. Beside a
        compiled `fun` it may be compiled too, with the same signatures; it gets room for the
        matrix in place of ``dydt``. By default differences are taken.
    lband, uband : int, optional
        The Jacobian is zero below and above so many diagonals, and `jac` gives
        ``jac_packed[i - j + uband, j] = jac[i, j]``. For 'Radau'.
    jac_sparsity : (n, n) array_like or sparse matrix, optional
        Where the Jacobian may be nonzero; its bandwidths are used. For 'Radau', without `jac`.

    Returns
    -------
    OdeResult
        A dictionary with attributes:

        t : (m,) ndarray
            Times.
        y : (n, m) or (..., n, m) ndarray
            States; NaN from where a member of an ensemble has failed.
        sol : OdeSolution or None
            The solution as a function.
        t_events : list of ndarray or None
            Times of each event.
        y_events : list of ndarray or None
            States at these times, one in each row.
        nfev, njev, nlu : int or ndarray
            Evaluations of the right-hand side and of the Jacobian, LU decompositions.
        status : int or ndarray
            0: ``tf`` is reached; 1: an event ended it; -1: the step became too small. One problem
            that fails otherwise has -1 too, a member of an ensemble -2: not finite at the start,
            -3: singular Newton matrices, -4: `max_steps`, -5: a compiled `fun` returned an error
            code, -6: stopped before its end.
        message : str
            The status in words.
        success : bool or ndarray
            Whether the status is at least 0.

    Raises
    ------
    ValueError, TypeError
        If an argument is not acceptable; the text names it, what is expected and what was found.
    RuntimeError
        If a compiled `fun` of one problem returns an error code.
    BatchInterrupted
        At Ctrl-C in an ensemble; its ``result`` has what is finished.

    Warns
    -----
    StiffnessWarning
        If an explicit method was held back by its stability.
    IntegrationWarning
        Once, if members of an ensemble failed.
    UserWarning
        If an option has no effect, or `rtol` is below 100 machine epsilons.

    Notes
    -----
    Signatures of a compiled `fun`, and what numbalsoda takes::

        void f(double t, const double *y, double *dydt, const double *p);
        int f(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
              double *dydt, const double *p);  /* 0 for success */

    ``p`` is `args`. The second form computes up to 8 members at once; its arrays have shapes
    (lanes,), (n, lanes) and (npar, lanes), and ``ctx`` is the user data of a LowLevelCallable.

    A member of an ensemble has the bits that it has alone, whatever the number of threads.

    A complex problem is solved as one of 2 n real components, so that the error of real and
    imaginary parts is controlled for each. `fun` must be complex-differentiable if `jac` is given.

    References
    ----------
    .. [1] J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6 (1980) 19,
       doi:10.1016/0771-050X(80)90013-3.
    .. [2] E. Hairer, S. P. Norsett, G. Wanner, *Solving Ordinary Differential Equations I*,
       Springer 1993, doi:10.1007/978-3-540-78862-1, section II.5.
    .. [3] E. Hairer, G. Wanner, *Solving Ordinary Differential Equations II*, Springer 1996,
       doi:10.1007/978-3-642-05221-7, section IV.8.

    Examples
    --------
    >>> import numpy as np
    >>> from ferrotran.integrate import solve_ivp, systems
    >>> decay = solve_ivp(lambda t, y: -0.5 * y, (0, 10), [2.0, 4.0], t_eval=[0, 5, 10])
    >>> np.allclose(decay.y, [[2], [4]] * np.exp(-0.5 * decay.t), rtol=1e-2)
    True

    Where a stone thrown up comes down:

    >>> def ground(t, y):
    ...     return y[0]
    >>> ground.terminal, ground.direction = True, -1
    >>> fall = solve_ivp(lambda t, y: [y[1], -9.81], (0, np.inf), [0, 5.0], events=ground)
    >>> fall.status, round(float(fall.t_events[0][0]), 6)
    (1, 1.019368)

    A thousand Lorenz systems at once, each with a parameter of its own:

    >>> rho = np.linspace(20, 30, 1000)
    >>> many = solve_ivp(systems.lorenz, (0, 1), [[1.0, 1.0, 1.0]], "DOP853", args=(10, rho, 8 / 3))
    >>> many.y.shape, many.status.max()
    ((1000, 3, 2), np.int64(0))
    """
    name = check.method_name(method)
    ends = check.span(t_span)
    extra = check.arguments(args)
    start, is_complex = check.states(y0)
    if isinstance(fun, System):
        check.fits(fun, start.shape[-1], is_complex, extra)
    settings = check.settings(
        method=name,
        ends=ends,
        n=start.shape[-1],
        is_complex=is_complex,
        t_eval=t_eval,
        dense_output=dense_output,
        vectorized=vectorized,
        given_events=events,
        options=options,
    )
    if start.ndim == 1:
        return one(fun, settings, start, extra)
    return many(fun, settings, start, extra, workers, progress)


solve_ivp.__module__ = "ferrotran.integrate"


def real(y: NDArray[Any]) -> NDArray[np.float64]:
    """Return the same memory as real numbers, contiguous."""
    return np.ascontiguousarray(y).view(np.float64)


def one(fun: Any, settings: check.Settings, y0: NDArray[Any], extra: tuple[Any, ...]) -> OdeResult:
    """Solve one problem."""
    if not np.isfinite(y0).all():
        raise ValueError("All components of the initial state `y0` must be finite.")
    found = _ivp_one(fun, settings, real(y0), extra)
    message = MESSAGES[found["status"]]
    if found["stiff"]:
        notice = stiffness(found["stiff"], settings.method)
        message += " " + notice
        warnings.warn(notice, StiffnessWarning, stacklevel=3)
    status = max(found["status"], -1)
    y, sol, y_events = found["y"], found["sol"], found["y_events"]
    if settings.is_complex:
        y = pairs(y, 0)
        if y_events is not None:
            y_events = [pairs(y, 1) if y.size else y for y in y_events]
    return OdeResult(
        t=found["t"],
        y=y,
        sol=None if sol is None else OdeSolution(sol, settings.is_complex),
        t_events=found["t_events"],
        y_events=y_events,
        nfev=found["nfev"],
        njev=0 if settings.jac is not None and settings.jac.constant is not None else found["njev"],
        nlu=found["nlu"],
        status=status,
        message=message,
        success=status >= 0,
    )


def many(
    fun: Any,
    settings: check.Settings,
    y0: NDArray[Any],
    extra: tuple[Any, ...],
    workers: int | None,
    progress: bool | Callable[[int, int], Any],
) -> OdeResult:
    """Solve an ensemble."""
    if settings.dense_output or settings.events:
        name = "events" if settings.events else "dense_output"
        raise ValueError(f"`{name}` is for one problem, but `y0` has {y0.ndim} dimensions")
    n = y0.shape[-1]
    if isinstance(fun, System):
        extra = fun.arguments(extra)
    shape, parameters = check.members(y0.shape[:-1], extra)
    start = np.broadcast_to(y0, (*shape, n)).reshape(math.prod(shape), n)
    found = _ivp_many(fun, settings, real(start), parameters, workers, progress)
    stopped, stiff = found["stopped"], found["stiff"]
    status = found["status"]
    counts = Counter(status.tolist())
    failures = [
        f"{counts[code]} of {status.size} members: {text}"
        for code, text in MESSAGES.items()
        if code < 0 and counts[code]
    ]
    if stopped is None and failures:
        warnings.warn(" ".join(failures), IntegrationWarning, stacklevel=3)
    message = " ".join(failures) or MESSAGES[0]
    if stiff:
        notice = f"{stiff} of {status.size} members are stiff to {settings.method}; see 'Radau'."
        message += " " + notice
        if stopped is None:
            warnings.warn(notice, StiffnessWarning, stacklevel=3)
    y = pairs(found["y"], 1) if settings.is_complex else found["y"]
    result = OdeResult(
        t=found["t"],
        y=y.reshape(*shape, n, found["t"].size),
        sol=None,
        t_events=None,
        y_events=None,
        nfev=found["nfev"].reshape(shape),
        njev=found["njev"].reshape(shape),
        nlu=found["nlu"].reshape(shape),
        status=status.reshape(shape),
        message=message,
        success=status.reshape(shape) >= 0,
    )
    if stopped is not None:
        raise interrupted(stopped, result)
    return result
