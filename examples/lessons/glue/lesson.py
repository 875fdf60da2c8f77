"""The lesson docs/glue.md: a loop of Python in C and Fortran, called by three routes.

.venv/bin/python examples/lessons/glue/lesson.py            # print the figures
.venv/bin/python examples/lessons/glue/lesson.py --write    # and fill the page
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# No lesson installs the comparison, whose clock this is.
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[2] / "compare")]

import bindings  # noqa: E402  (its folder is known now)
import compiled  # noqa: E402
import numpy as np  # noqa: E402
import toolchain  # noqa: E402
import traps  # noqa: E402
from ferrotran_compare.machine import cores  # noqa: E402
from ferrotran_compare.timing import Ratio  # noqa: E402
from measure import Disagreement, fenced, main, race, spread, table, where  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from peers import rainflow_numba, rainflow_numpy  # noqa: E402
from rainflow import rainflow  # noqa: E402

WIDTH, BINS = 2.0, 1024  # MPa, ranges


def stress(n: int) -> NDArray[np.float64]:
    """Return the stress in an arm of a suspension, in MPa, 1000 values a second."""
    t = np.arange(n) / 1000
    road = 200 * np.sin(8.2 * t) * (1 + 0.5 * np.sin(0.31 * t)) + 60 * np.sin(51 * t)
    return road + 10 * np.random.default_rng(5).standard_normal(n)


def as_dict(counts: Any) -> dict[int, float]:
    """Counts by range, of any version."""
    if isinstance(counts, dict):
        return {int(k): float(v) for k, v in counts.items()}
    return {int(k): float(counts[k]) for k in np.flatnonzero(counts)}


def check(answers: dict[str, Any]) -> None:
    """Compare all answers with those of plain Python; they must be equal.

    A level is one division, which IEEE 754 rounds alike in every language, and a floor. Counts are
    multiples of 1/2, which are exact.
    """
    expected = as_dict(answers["plain Python"])
    for name, counts in answers.items():
        found = as_dict(counts)
        if found != expected:
            at = min(k for k in found | expected if found.get(k) != expected.get(k))
            raise Disagreement(
                f"range {at}: `{name}` counts {found.get(at, 0.0)}, "
                f"`plain Python` {expected.get(at, 0.0)}"
            )


class Lesson:
    """Every route, built."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.n, self.budget = options.size, options.budget
        self.library = toolchain.library("newer", "-O3", *toolchain.NEWER)
        f2py, pyo3 = toolchain.f2py("rainflow_f2py"), toolchain.pyo3()
        self.holding = toolchain.f2py("rainflow_f2py_gil", threadsafe=False)
        self.routes: dict[str, Callable[[Any, float, int], Any]] = {
            "ctypes, C": bindings.ctypes_c(self.library),
            "ctypes, Fortran": bindings.ctypes_f(self.library),
            "f2py, C": bindings.f2py_c(f2py),
            "f2py, Fortran": bindings.f2py_f(f2py),
            "ferrotran-build, C": pyo3.rainflow_c,
            "ferrotran-build, Fortran": pyo3.rainflow_f,
        }
        rainflow_numba(stress(100), WIDTH, BINS)  # compiled before the clock starts

    def calls(self, n: int) -> dict[str, Callable[[], Any]]:
        """Every version on n values; Python has them in a list, as it likes them best."""
        signal = stress(n)
        values = signal.tolist()
        found: dict[str, Callable[[], Any]] = {
            "plain Python": lambda: rainflow(values, WIDTH),
            "NumPy, then Python": lambda: rainflow_numpy(signal, WIDTH),
            "numba": lambda: rainflow_numba(signal, WIDTH, BINS),
        }
        for name, route in self.routes.items():
            found[name] = lambda route=route: route(signal, WIDTH, BINS)
        ferrotran = self.routes["ferrotran-build, C"]
        found["the same, from a list"] = lambda: ferrotran(np.array(values), WIDTH, BINS)
        return found

    def speed(self) -> str:
        """Measure all versions on short and on long signals."""
        sizes = sorted({10, max(20, self.n // 100), self.n})
        columns = []
        for n in sizes:
            samples = race(self.calls(n), check, self.budget)
            plain = samples["plain Python"]
            columns.append({name: spread(Ratio.of(plain, s)) for name, s in samples.items()})
        rows = [[name, *(c[name] for c in columns)] for name in columns[0]]
        rows[0] = ["plain Python", *["1"] * len(sizes)]
        return table(["times as fast as plain Python", *(f"{n:,} values" for n in sizes)], rows)

    def flags(self) -> str:
        """Measure both kernels, compiled with other flags."""
        signal = stress(self.n)
        values = signal.tolist()
        calls: dict[str, Callable[[], Any]] = {"plain Python": lambda: rainflow(values, WIDTH)}
        for index, (name, flags) in enumerate(compiled.FLAGS.items()):
            library = toolchain.library(f"flags-{index}", *flags)
            for language, load in (("C", bindings.ctypes_c), ("Fortran", bindings.ctypes_f)):
                route = load(library)
                calls[f"{name} {language}"] = lambda route=route: route(signal, WIDTH, BINS)
        samples = race(calls, check, self.budget)
        rows = []
        for name, flags in compiled.FLAGS.items():
            cells = []
            for language in ("C", "Fortran"):
                ratio = Ratio.of(samples[f"-O3 {language}"], samples[f"{name} {language}"])
                done = compiled.vectorised(language, flags)
                cells += ["1" if name == "-O3" else spread(ratio), "yes" if done else "no"]
            rows.append([f"`{name}`", *cells])
        return table(["flags", "C", "vectorised", "Fortran", "vectorised"], rows)

    def copies(self) -> str:
        """Measure what other inputs cost."""
        chosen = {"ctypes, no types": traps.unchecked(self.library)}
        chosen |= {k: r for k, r in self.routes.items() if k.endswith("C")}
        return traps.copies(chosen, stress(self.n), WIDTH, BINS, self.budget)

    def gil(self) -> str:
        """Measure what threads of Python gain."""
        signal = stress(self.n)
        values = signal.tolist()
        holding = bindings.ctypes_c(self.library, hold_gil=True)
        held = bindings.f2py_c(self.holding)
        return traps.gil(
            {
                "plain Python": lambda: rainflow(values, WIDTH),
                "`ctypes.PyDLL`": lambda: holding(signal, WIDTH, BINS),
                "`ctypes.CDLL`": lambda: self.routes["ctypes, C"](signal, WIDTH, BINS),
                "f2py": lambda: held(signal, WIDTH, BINS),
                "f2py, `threadsafe`": lambda: self.routes["f2py, C"](signal, WIDTH, BINS),
                "PyO3, `detach`": lambda: self.routes["ferrotran-build, C"](signal, WIDTH, BINS),
                "numba, `nogil=True`": lambda: rainflow_numba(signal, WIDTH, BINS),
            },
            cores(),
            self.budget,
        )


def figures(options: argparse.Namespace) -> dict[str, str]:
    """Every figure of the page."""
    lesson = Lesson(options)
    chosen = {k.removesuffix(", Fortran"): lesson.routes[k] for k in lesson.routes if "Fort" in k}
    gcc = toolchain.run(toolchain.CC, "-dumpfullversion").strip()
    return {
        "speed": lesson.speed(),
        "flags": lesson.flags(),
        "report": fenced(compiled.report()),
        "loop": fenced(compiled.loop(), "asm"),
        "copies": lesson.copies(),
        "gil": lesson.gil(),
        "errors": traps.errors(chosen, lesson.library, toolchain.stopping_library(), WIDTH, BINS),
        "where": where(
            f"{lesson.n:,} values of a made-up stress signal, seed 5, levels of {WIDTH:g} MPa, "
            f"{BINS} ranges; gcc {gcc}, `-O3 {' '.join(toolchain.NEWER)}`",
            numba=version("numba"),
        ),
    }


if __name__ == "__main__":
    sys.exit(main("glue", figures, size=100_000, size_help="values of the signal"))
