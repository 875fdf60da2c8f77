"""Results of a comparison that nobody measured, with the shape and the size of real ones."""

import dataclasses

from ferrotran_compare.machine import Machine
from ferrotran_compare.results import (
    CallEntry,
    KernelResult,
    LanguageEntry,
    Options,
    Results,
    RouteResult,
    SizeEntry,
    ThreadEntry,
    ThreadsResult,
)
from ferrotran_compare.timing import Ratio, Time

# Seconds in Fortran, C, Rust, numba, NumPy and Python; how the first four gain from 4 threads;
# size; how the time grows with it.
KERNELS = {
    "nbody": ((1.54e-3, 1.43e-3, 1.56e-3, 1.61e-3, 0.387, 0.122), None, 20_000, 1),
    "spectral_norm": ((7.6e-4, 7.6e-4, 1.1e-3, 5.0e-4, 8.4e-4, 0.186), 1.9, 200, 2),
    "mandelbrot": ((4.0e-4, 4.6e-4, 4.2e-4, 2.4e-3, 2.74e-2, 9.2e-2), 1.8, 200, 2),
    "fannkuch": ((1.47e-3, 1.66e-3, 1.76e-3, 1.77e-3, 5.8e-2, 7.4e-2), 1.9, 8, 18),
    "heat2d": ((1.33e-4, 1.43e-4, 8.2e-5, 2.1e-4, 7.0e-4, 5.0e-2), 1.5, 100, 2),
    "solve_tridiagonal": ((3.7e-4, 1.71e-3, 1.69e-3, 1.65e-3, 6.9e-3, 3.3e-2), 1.9, 300, 2),
    "neumaier": ((5.3e-4, 5.6e-4, 6.7e-4, 6.3e-4, 1.26e-2, 5.7e-2), 1.8, 500_000, 1),
    "triad": ((1.23e-3, 1.12e-3, 1.15e-3, 1.26e-3, 1.36e-3, 0.212), 1.1, 2_000_000, 1),
    "collatz": ((2.38e-3, 2.42e-3, 1.62e-3, 1.62e-3, 1.71e-2, 0.194), 1.9, 20_000, 1.1),
}
LANGUAGES = ("fortran", "c", "rust", "numba", "numpy", "python")

# Seconds of erf, solve_tridiagonal of 4, and integrate; build, import, KiB, lines.
ROUTES = {
    "ctypes": (9.2e-7, 1.9e-5, 4.1e-5, 1.7, 4.1e-3, 70, (64, 30)),
    "cffi": (2.6e-7, 8.4e-6, 2.2e-5, 3.4, 2.9e-3, 96, (83, 16)),
    "setuptools": (4.6e-8, 1.2e-6, 9.4e-6, 2.3, 8.0e-4, 84, (117, 31)),
    "meson_python": (4.4e-7, 1.9e-6, 9.8e-6, 4.6, 9.0e-4, 92, (119, 25)),
    "f2py": (5.2e-7, 2.9e-6, 1.9e-5, 7.9, 1.6e-3, 133, (136, 26)),
    "pybind11": (1.9e-7, 3.1e-6, 1.3e-5, 9.2, 2.1e-3, 310, (91, 26)),
    "nanobind": (6.9e-8, 2.2e-6, 1.1e-5, 6.4, 1.8e-3, 148, (88, 38)),
    "cython": (5.4e-8, 4.9e-6, 1.0e-5, 5.1, 1.9e-3, 240, (78, 23)),
    "pyo3_function": (6.1e-8, 1.8e-6, 1.0e-5, 31.0, 1.2e-3, 690, (184, 53)),
    "pyo3_gufunc": (3.3e-7, 1.6e-6, 1.1e-5, 33.0, 1.3e-3, 720, (315, 55)),
}
WAYS = {
    "Python, threads": (0.84, 0.0),
    "Python, processes": (0.86, 0.9),
    "NumPy, threads": (0.11, 0.35),
    "ferrotran, Python threads": (0.021, 0.93),
    "ferrotran, its own threads": (0.020, 0.97),
}


def time(seconds, spread=0.03, rounds=25):
    low, high = seconds * (1 - spread), seconds * (1 + 2 * spread)
    return Time(seconds, low, high, seconds * (1 - 2 * spread), rounds)


def ratio(value, spread=0.03):
    return Ratio(value, value * (1 - spread), value * (1 + spread))


def kernel(name):
    seconds, gain, size, power = KERNELS[name]
    cells = {(n, 1): s for n, s in zip(LANGUAGES, seconds)}
    if gain:
        for threads in (2, 4):
            cells |= {(n, threads): cells[n, 1] / gain ** (threads / 3) for n in LANGUAGES[:4]}
    order = sorted(cells, key=cells.get)
    best = cells[order[0]]
    entries = [
        LanguageEntry(
            language=language,
            threads=threads,
            note="two passes, 40 bytes" if (name, language) == ("triad", "numpy") else "",
            time=time(cells[language, threads]),
            ratio=ratio(cells[language, threads] / best),
            speedup=ratio(cells[language, 1] / cells[language, threads]) if threads > 1 else None,
            tied=bool(i) and cells[language, threads] / cells[order[i - 1]] < 1.02,
        )
        for i, (language, threads) in enumerate(order)
    ]
    sizes = [size // 4, size // 2, size] if power < 9 else [size - 2, size - 1, size]
    points = [
        SizeEntry(n, language, 1, time(s * max(n / size, 0.1) ** power))
        for n in sizes
        for language, s in zip(LANGUAGES, seconds)
    ]
    return KernelResult(
        kernel=name,
        what=f"what {name} computes, in a line",
        workload=f"the work of {name} at size {size}",
        size=size,
        tolerance=0.0 if name in ("mandelbrot", "fannkuch", "collatz") else 4.4e-16,
        why="two roundings each",
        missing={},
        disagreements=[],
        entries=entries,
        sizes=points,
    )


def route(name):
    scalar, small, callback, build, load, kib, (binding, packaging) = ROUTES[name]
    cells = {("erf", None): scalar, ("integrate", None): callback}
    for n in (4, 1000, 1_000_000):
        cells["solve_tridiagonal", n] = small + 9e-9 * n
    fastest = {
        ("erf", None): 4.6e-8,
        ("integrate", None): 9.4e-6,
        ("solve_tridiagonal", 4): 1.236e-6,
        ("solve_tridiagonal", 1000): 1.02e-5,
        ("solve_tridiagonal", 1_000_000): 9e-3,
    }
    calls = [
        CallEntry(call, n, time(s), ratio(s / fastest[call, n]), n == 1_000_000)
        for (call, n), s in cells.items()
    ]
    return RouteResult(
        route=name,
        build=time(build, rounds=1),
        module_bytes=kib * 1024,
        import_=time(load, rounds=10),
        calls=calls,
        lines={"binding": binding, "packaging": packaging},
        properties={
            "gil": "released",
            "broadcasting": "both" if "gufunc" in name else "no",
            "strided": "refused" if name == "ctypes" else "no copy",
            "dtype": "converted if safe",
            "exceptions": "kept",
            "stubs": "none",
            "pythons": "3.11 and later" if "pyo3" in name else "one",
        },
        checks={"erf": "ok", "solve": "ok"},
    )


def threads():
    cells = {
        (way, workers): seconds * (1 - share + share / workers)
        for way, (seconds, share) in WAYS.items()
        for workers in (1, 2, 4)
    }
    best = min(cells.values())
    entries = [
        ThreadEntry(way, workers, time(s), ratio(cells[way, 1] / s), ratio(s / best))
        for (way, workers), s in cells.items()
    ]
    return ThreadsResult(
        what="a batch of quadratures",
        workload="2000 integrals of cos(p sin x)",
        python="3.11.7",
        free_threaded=False,
        gil_enabled=True,
        cores=4,
        entries=entries,
    )


def sample(**changes):
    """Whole results, with some fields replaced."""
    flags = {"fortran": "-O3 -std=f2018", "c": "-O3 -std=c11", "rust": "-C opt-level=3"}
    tools = {n: {"compiler": f"compiler of {n} 1.2.3", "flags": f} for n, f in flags.items()}
    whole = Results(
        complete=True,
        started="2026-11-28T10:00:00+00:00",
        seconds=53.2,
        options=Options(quick=True, threads=[1, 2, 4]),
        machine=Machine("AMD EPYC", 4, 16 << 30, "Linux 6.1 x86_64", 0.6),
        tools=tools | {"target": {"cpu": "x86-64-v3", "features": "sse2 avx avx2 fma"}},
        languages=[kernel(name) for name in KERNELS],
        routes=[route(name) for name in ROUTES],
        threads=threads(),
    )
    return dataclasses.replace(whole, **changes)
