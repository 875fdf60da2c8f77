"""The lesson docs/parallelise.md: measure each step of moving a program to all cores.

.venv/bin/python examples/lessons/parallelise/lesson.py            # print the figures
.venv/bin/python examples/lessons/parallelise/lesson.py --write    # and fill the page
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# No lesson installs the comparison, whose clock this is.
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[2] / "compare")]

import all_at_once  # noqa: E402  (its folder is known now)
import decays  # noqa: E402
import faster  # noqa: E402
import ferrotran as ft  # noqa: E402
import image  # noqa: E402
import limits  # noqa: E402
import numpy as np  # noqa: E402
import page  # noqa: E402
import picture  # noqa: E402
from agreement import agree  # noqa: E402
from ferrotran_compare.machine import cores  # noqa: E402
from ferrotran_compare.timing import Ratio, Time  # noqa: E402
from measure import fenced, main, number, profile, race, spread, table, where  # noqa: E402

STEPS = {
    "plain": "1. plain Python",
    "numpy": "2. NumPy",
    "kernel": "3. one call, one thread",
    "threads": "4. one call, all threads",
    "array": "5. the same from an array file",
}
PARTS = ("reading", "fitting", "report")


class Lesson:
    """The image, and every way to fit it."""

    def __init__(self, side: int, budget: float) -> None:
        self.text, self.array = image.files(page.BUILD / "parallelise", side)
        self.counts = faster.read(self.text)
        self.pixels, self.budget, self.workers = side * side, budget, cores()
        self.apart: dict[str, float] = {}

    def check(self, answers: dict[str, Any], first: str) -> None:
        """Compare all answers with the first one; keep how far they are apart."""
        found, bound = agree(answers, first, self.counts)
        self.apart |= found
        self.bounds = bound.min(), bound.max()

    def steps(self) -> dict[str, Any]:
        """The whole program, as it is at each step."""

        def run(read: Any, fit: Any) -> Any:
            fits = fit(read())
            report = decays.report(fits) if isinstance(fits, list) else faster.report(*fits)
            return fits if report else None

        text, array = (lambda: faster.read(self.text)), (lambda: np.load(self.array))
        return {
            "plain": lambda: run(lambda: decays.read(self.text), lambda c: [*map(decays.fit, c)]),
            "numpy": lambda: run(text, faster.fit_numpy),
            "kernel": lambda: run(text, lambda c: faster.fit(c, workers=1)),
            "threads": lambda: run(text, faster.fit),
            "array": lambda: run(array, faster.fit),
            "array, one thread": lambda: run(array, lambda c: faster.fit(c, workers=1)),
        }

    def pieces(self) -> dict[str, dict[str, Any]]:
        """Each step in pieces that are timed alone."""
        rows, counts = decays.read(self.text), self.counts
        plain, fits = [*map(decays.fit, rows)], faster.fit(counts)

        def step(read: Any, fit: Any) -> dict[str, Any]:
            return {"reading": read, "fitting": fit, "report": lambda: faster.report(*fits)}

        text = lambda: faster.read(self.text)  # noqa: E731
        return {
            "plain": {
                "reading": lambda: decays.read(self.text),
                "fitting": lambda: [*map(decays.fit, rows)],
                "report": lambda: decays.report(plain),
            },
            "numpy": step(text, lambda: faster.fit_numpy(counts)),
            "kernel": step(text, lambda: faster.fit(counts, workers=1)),
            "threads": step(text, lambda: faster.fit(counts)),
            "array": step(lambda: np.load(self.array), lambda: faster.fit(counts)),
        }

    def step_table(self) -> str:
        """Measure the steps; the samples stay for what follows from them."""
        samples = race(self.steps(), lambda a: self.check(a, "plain"), self.budget)
        self.samples = samples
        rows, before = [], None
        for key, name in STEPS.items():
            gained = [
                spread(Ratio.of(samples["plain"], samples[key])),
                spread(Ratio.of(samples[before], samples[key])) if before else "",
            ]
            apart = f"{self.apart[key]:.1e}" if before else ""
            rows.append([name, *(gained if before else ["1", ""]), apart])
            before = key
        heads = ["step", "times as fast as step 1", "as the step before", "answers differ by"]
        low, high = self.bounds
        note = (
            "Answers differ by at most that many standard errors of a fitted parameter; "
            f"{low:.1e} to {high:.1e} are allowed, as chi² of the pixel is."
        )
        return f"{table(heads, rows)}\n\n{note}"

    def part_table(self) -> str:
        """Measure what each step spends on what, in microseconds a pixel."""
        calls = {
            f"{step} {part}": call
            for step, parts in self.pieces().items()
            for part, call in parts.items()
        }
        samples = race(calls, lambda _: None, self.budget)
        self.parts = {
            step: {p: Time.of(samples[f"{step} {p}"]).median / self.pixels * 1e6 for p in PARTS}
            for step in STEPS
        }
        rows = []
        for step, parts in self.parts.items():
            whole = sum(parts.values())
            cells = [f"{number(v)} µs, {v / whole:.0%}" for v in parts.values()]
            rows.append([STEPS[step], *cells])
        return table(["step", *PARTS], rows)

    def amdahl(self, step: str, one: str, threads: str) -> str:
        """Compare what threads can gain in the program of a step with what they do."""
        parts, n = dict(self.parts[step]), self.workers
        parts["fitting"] = self.parts["kernel"]["fitting"]  # in one thread
        share = parts["fitting"] / sum(parts.values())
        bound = f"at most 1 / ({1 - share:.3f} + {share:.3f} / {n})"
        return (
            f"Fitting is {share:.1%} of the run in one thread. On {n} threads it can be {bound} = "
            f"{1 / (1 - share + share / n):.2f} times as fast, on any number of threads 1 / "
            f"{1 - share:.3f} = {number(1 / (1 - share))} times. Measured on {n} threads: "
            f"{spread(Ratio.of(self.samples[one], self.samples[threads]))} times."
        )

    def thread_table(self) -> str:
        """Measure the fits alone, in one and in several threads."""
        n, counts = self.workers, self.counts
        one = lambda c: faster.fit(c, workers=1)  # noqa: E731
        names = {
            "scipy": "SciPy, a loop",
            "scipy threads": f"SciPy, {n} Python threads",
            "scipy processes": f"SciPy, {n} processes, started before",
            "numpy": "NumPy, all pixels at once",
            "ferrotran": "ferrotran, `workers=1`",
            "ferrotran threads": f"ferrotran, `workers=1`, {n} Python threads",
            "ferrotran workers": f"ferrotran, `workers={n}`",
        }
        context = multiprocessing.get_context("spawn")  # no copy of a process with threads in it
        with ProcessPoolExecutor(n, context) as pool:

            def processes() -> Any:
                parts = pool.map(faster.fit_numpy, np.array_split(counts, n))
                return tuple(np.concatenate(a) for a in zip(*parts))

            calls = {
                "scipy": lambda: faster.fit_numpy(counts),
                "scipy threads": lambda: faster.fit_in_threads(faster.fit_numpy, counts, n),
                "scipy processes": processes,
                "numpy": lambda: all_at_once.fit(counts),
                "ferrotran": lambda: one(counts),
                "ferrotran threads": lambda: faster.fit_in_threads(one, counts, n),
                "ferrotran workers": lambda: faster.fit(counts, n),
            }
            samples = race(calls, lambda a: self.check(a, "scipy"), self.budget)
        rows = [
            [
                name,
                spread(Ratio.of(samples[key.split()[0]], samples[key])) if " " in key else "1",
                "1" if key == "scipy" else spread(Ratio.of(samples["scipy"], samples[key])),
            ]
            for key, name in names.items()
        ]
        return table(["fits alone", "times as fast as its one thread", "as SciPy's loop"], rows)


def figures(options: argparse.Namespace) -> dict[str, str]:
    """Every figure of the page."""
    lesson = Lesson(options.size, options.budget)
    isa = ft.show_config("dicts")["Instruction sets"]["in use"]
    silent = contextlib.redirect_stdout(io.StringIO())
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        decays.main(lesson.text)
    with silent:
        before = profile(lambda: decays.main(lesson.text), rows=7)
        after = profile(lesson.steps()["threads"], rows=4)
    found = {
        "what it says": fenced(said.getvalue()),
        "profile before": before,
        "steps": lesson.step_table(),
        "parts": lesson.part_table(),
        "amdahl": lesson.amdahl("kernel", "kernel", "threads"),
        "profile after": after,
        "amdahl again": lesson.amdahl("array", "array, one thread", "array"),
        "threads": lesson.thread_table(),
        "limits": limits.measure(lesson.text, lesson.counts, options.budget),
        "where": where(
            f"{lesson.pixels} pixels of {image.CHANNELS} channels, seeds 11 and 12",
            ferrotran=f"{ft.__version__} with instruction set {isa}",
        ),
    }
    if options.write:
        best, _ = faster.fit(lesson.counts)
        target = options.page.with_name("parallelise.png")
        picture.draw(target, lesson.counts, best, lesson.parts, STEPS)
    return found


if __name__ == "__main__":
    sys.exit(main("parallelise", figures, size=96, size_help="pixels along an edge of the image"))
