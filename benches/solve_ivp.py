"""`integrate.solve_ivp`: ensembles of Lorenz systems and Robertson's stiff one against their peers.

Both sides call the same formulas, compiled by numba: the peers one member at a time, ours one or
several. The Lorenz system is chaotic, so that errors grow: answers are compared with a solution at
tolerance 1e-13, and no side may be further off than what the tolerance explains. For the stiff
system our tolerance is chosen so that the error at the end is no larger than the peer's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import solve_ivp_peers as peers
from ferrotran.integrate import solve_ivp, systems
from harness import Case, main
from numpy.typing import NDArray

COUNT = 1000
TIMES = np.linspace(0, 10, 101)
RTOL = 1e-8
STARTS = 1 + np.random.default_rng(0).uniform(-0.5, 0.5, (COUNT, 3))
SWEEP = "Lorenz, t to 10, 101 outputs, DOP853, rtol = atol = 1e-8"

STIFF_TIMES = np.array([0.0, 1e11])
STIFF_END = np.array([0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050])
THEIRS = {"rtol": 1e-8, "atol": 1e-14}
OURS = {"rtol": 1e-4, "atol": 1e-12}


def lorenz(fun: object, count: int = COUNT, rtol: float = RTOL, **options: object) -> Callable:
    """Return our integration of the first members."""
    y0, ends = STARTS[:count], (TIMES[0], TIMES[-1])
    common = {"t_eval": TIMES, "rtol": rtol, "atol": rtol}
    return lambda: solve_ivp(fun, ends, y0, "DOP853", **common, **options).y


def close_to(exact: NDArray) -> Callable[[NDArray, NDArray], float]:
    """Compare both answers with the exact one; errors are in units of the attractor's size."""
    scale = np.abs(exact).max()

    def check(a: NDArray, b: NDArray) -> float:
        errors = [np.abs(x - exact[: len(x)]).max() for x in (a, b)]
        return float(max(errors) / scale)

    return check


def ensembles() -> Iterator[Case]:
    """Yield workload ii."""
    exact = lorenz(systems.lorenz, rtol=1e-13)()
    # Neighbouring solutions drift apart like exp(0.9 t), by 1e4 until the end.
    common = {"check": close_to(exact), "tolerance": 1e5 * RTOL, "unit": "trajectory"}
    prange = "numbalsoda dop853, numba prange"
    loop = "numbalsoda dop853, numba loop"
    ends = (TIMES[0], TIMES[-1])
    once = solve_ivp(systems.lorenz, ends, STARTS, "DOP853", t_eval=TIMES, rtol=RTOL, atol=RTOL)
    nfev = round(once.nfev.mean())
    kinds = {
        "vectorised cfunc": peers.lorenz_lanes,
        "built-in system": systems.lorenz,
        "scalar cfunc": peers.lorenz,
    }
    for threads in (None, 1):
        for kind, fun in kinds.items():
            rivals = {}
            if peers.numbalsoda:
                name = loop if threads else prange
                rivals[name] = peers.numbalsoda_lorenz(STARTS, TIMES, RTOL, threads is None)
            if peers.CyRK and threads:
                rivals["CyRK DOP853, numba loop"] = peers.cyrk_lorenz(STARTS, TIMES, RTOL)
            first = kind == "vectorised cfunc" and threads is None and peers.numbalsoda
            yield Case(
                f"integrate.solve_ivp, ensemble, {kind}",
                workload=f"{SWEEP}, {COUNT} trajectories",
                ours=lorenz(fun),
                peers=rivals,
                target={prange: 1.5} if first else {},
                baselines={
                    f"floor: {nfev} Euler steps": peers.lorenz_floor(STARTS, nfev, not threads)
                },
                items=COUNT,
                threads=threads,
                **common,
            )
    few = 16
    name = f"scipy solve_ivp DOP853, loop, the first {few}"
    theirs = peers.scipy_loop(
        peers.lorenz_python, STARTS[:few], TIMES, method="DOP853", rtol=RTOL, atol=RTOL
    )
    yield Case(
        "integrate.solve_ivp, ensemble, vectorised cfunc",
        workload=f"{SWEEP}, {COUNT} trajectories",
        ours=lorenz(peers.lorenz_lanes),
        peers={name: theirs},
        part={name: few / COUNT},
        target={name: 300.0},
        items=COUNT,
        **common,
    )
    for kind, options in (("Python", {}), ("vectorised Python", {"vectorized": True})):
        yield Case(
            f"integrate.solve_ivp, ensemble, {kind} callable",
            workload=f"{SWEEP}, {few} trajectories",
            ours=lorenz(peers.lorenz_python, few, **options),
            peers={"scipy solve_ivp DOP853, loop": theirs},
            items=few,
            **common,
        )


def stiff(fun: object, rates: NDArray, **options: object) -> Callable:
    """Return our integration of Robertson's system to the end, of one or many members."""
    common = {"t_eval": STIFF_TIMES[1:], **options}
    y0, args = np.array([1.0, 0.0, 0.0]), tuple(rates.T)
    if len(rates) == 1:
        args = tuple(rates[0])
        return lambda: solve_ivp(fun, STIFF_TIMES, y0, "Radau", args=args, **common).y.T
    return lambda: solve_ivp(fun, STIFF_TIMES, y0[None], "Radau", args=args, **common).y[..., 0]


def worst(found: NDArray, exact: NDArray) -> float:
    """Return the largest relative error of a component."""
    return float(np.abs(found / exact - 1).max())


def stiff_systems() -> Iterator[Case]:
    """Yield workload ii-b: one member as published, and an ensemble of rates."""
    usual = np.array([list(systems.robertson.parameters.values())])
    many = usual * np.random.default_rng(1).uniform(0.5, 2.0, (COUNT, 3))
    sweeps = [
        ("one", usual, STIFF_END[np.newaxis], 1),
        ("ensemble", many, stiff(systems.robertson, many, rtol=1e-11, atol=1e-19)(), None),
    ]
    kinds = {
        "built-in system": systems.robertson,
        "vectorised cfunc": peers.robertson_lanes,
        "scalar cfunc": peers.robertson,
    }
    for title, rates, exact, threads in sweeps:
        rivals, words = {}, ""
        parallel = title == "ensemble"
        name = f"numbalsoda lsoda{', numba prange' if parallel else ''}, rtol 1e-8, atol 1e-14"
        if peers.numbalsoda:
            rivals[name] = peers.numbalsoda_robertson(
                rates, STIFF_TIMES, **THEIRS, parallel=parallel
            )
            words = f", theirs {worst(rivals[name](), exact):.1e}"
        for kind, fun in kinds.items():
            ours = stiff(fun, rates, **OURS)
            error = worst(ours(), exact)
            yield Case(
                f"integrate.solve_ivp, stiff, {title}, {kind}",
                workload=f"Robertson to 1e11, {len(rates)} members, Radau, rtol 1e-4, atol 1e-12; "
                f"largest relative error at the end: ours {error:.1e}{words}",
                ours=ours,
                peers=rivals,
                # The error of ours over theirs.
                check=lambda a, b, exact=exact: worst(a, exact) / worst(b, exact),
                tolerance=1.0,
                target={name: 2.0} if kind == "built-in system" and rivals else {},
                items=len(rates),
                unit="member",
                threads=threads,
            )


def cases() -> Iterator[Case]:
    """Yield all cases."""
    missing = [name for name in ("numbalsoda", "CyRK") if getattr(peers, name) is None]
    if missing:
        print(f"not installed, left out: {', '.join(missing)} (requirements-bench.txt)")
    yield from ensembles()
    yield from stiff_systems()


if __name__ == "__main__":
    main(cases)
