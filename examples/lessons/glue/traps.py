"""Where glue goes wrong: copies, wrong bytes, the GIL, errors. Each is an experiment."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from ferrotran_compare.timing import Ratio
from measure import Disagreement, race, spread, table
from numpy.typing import NDArray
from rainflow import rainflow

Route = Callable[[Any, float, int], NDArray[np.float64]]


def unchecked(path: Path) -> Route:
    """Load the C function with pointers instead of `ndpointer`: whatever comes is believed."""
    native = ctypes.CDLL(str(path)).rainflow_c
    pointer, size = ctypes.c_void_p, ctypes.c_ssize_t
    native.argtypes = [size, pointer, ctypes.c_double, size, pointer, pointer]

    def route(signal: Any, width: float, bins: int) -> NDArray[np.float64]:
        signal = np.asarray(signal)
        counts, work = np.zeros(bins), np.empty(len(signal), np.int32)
        at = [a.ctypes.data for a in (signal, counts, work)]
        native(len(signal), at[0], width, bins, *at[1:])
        return counts

    return route


def inputs(signal: NDArray[np.float64]) -> dict[str, Any]:
    """Signals of one length that are not a contiguous array of doubles."""
    half = signal[: len(signal) // 2].copy()
    twice = np.repeat(half, 2)
    twice[1::2] = 0.0
    # As many bytes as doubles would have, so that a route that reads wrong reads what is there.
    single = np.zeros(2 * len(half), np.float32)
    single[: len(half)] = half
    return {
        "every second value": twice[::2],
        "float32": single[: len(half)],
        "a list": half.tolist(),
    }


def copies(routes: Mapping[str, Route], signal: Any, width: float, bins: int, budget: float) -> str:
    """Say what each route makes of each input, and what that costs."""
    given = inputs(signal)
    plain = signal[: len(signal) // 2].copy()
    rows = []
    for name, route in routes.items():
        cells = []
        for other in given.values():
            expected = rainflow(list(other), width)
            try:
                found = route(other, width, bins)
            except (TypeError, ValueError, ctypes.ArgumentError) as error:
                cells.append(f"refused, {type(error).__name__}")
                continue
            right = {int(k): found[k] for k in np.flatnonzero(found)} == expected
            if not right:
                cells.append("**wrong numbers**")
                continue
            calls = {
                "plain": lambda route=route: route(plain, width, bins),
                "other": lambda route=route, other=other: route(other, width, bins),
            }
            samples = race(calls, lambda _: None, budget / 10)
            cells.append(spread(Ratio.of(samples["other"], samples["plain"])))
        rows.append([name, *cells])
    return table(["route", *given], rows)


def gil(routes: Mapping[str, Callable[[], Any]], workers: int, budget: float) -> str:
    """Run each call once per worker, one after another and in threads."""
    rows = []
    with ThreadPoolExecutor(workers) as pool:
        for name, call in routes.items():

            def threads(call: Callable[[], Any] = call) -> None:
                for done in [pool.submit(call) for _ in range(workers)]:
                    done.result()

            def serial(call: Callable[[], Any] = call) -> None:
                for _ in range(workers):
                    call()

            samples = race({"serial": serial, "threads": threads}, lambda _: None, budget / 5)
            rows.append([name, spread(Ratio.of(samples["serial"], samples["threads"]))])
    return table(["route", f"{workers} calls in {workers} threads: times as fast"], rows)


def _outcome(call: Callable[[], Any]) -> str:
    try:
        found = call()
    except Exception as error:
        return f"`` {type(error).__name__}: {error} ``"
    return f"no error, {np.count_nonzero(found)} ranges counted"


def errors(
    routes: Mapping[str, Route], library: Path, stopping: Path, width: float, bins: int
) -> str:
    """Pass a signal with a NaN to each route, and call Fortran that ends in `error stop`."""
    signal = np.sin(np.arange(100.0)) * 20
    signal[50] = np.nan
    rows = [["plain Python", _outcome(lambda: rainflow(signal, width))]]
    ignored = unchecked(library)
    rows.append(["ctypes, status ignored", _outcome(lambda: ignored(signal, width, bins))])
    same: dict[str, list[str]] = {}
    for name, route in routes.items():
        said = _outcome(lambda route=route: route(signal, width, bins))
        same.setdefault(said, []).append(name)
    rows += [["; ".join(names), said] for said, names in same.items()]
    code = f"import ctypes; ctypes.CDLL({str(stopping)!r}).refuse(); print('still here')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = " ".join(done.stderr.split("\n")[0].split())
    if done.returncode == 0 or "still here" in done.stdout:
        raise Disagreement(f"`error stop` ended with {done.returncode}: {done.stdout}")
    rows.append(
        ["Fortran with `error stop`", f"Python ends, status {done.returncode}; stderr: `{said}`"]
    )
    return table(["a NaN in the signal", "what Python sees"], rows).replace("---:", "---")
