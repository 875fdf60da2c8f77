"""One CPU-bound job in several ways, against the number of workers: what the GIL costs.

The job is a batch of integrals: the same rule at the same nodes in every way. Pure Python does it
in threads and in processes, NumPy in threads, ferrotran in threads of Python and in its own.
"""

from __future__ import annotations

import math
from typing import Any

from ferrotran_compare import machine
from ferrotran_compare.results import CompareError, Options, Progress, ThreadEntry, ThreadsResult
from ferrotran_compare.threads import job, other
from ferrotran_compare.timing import Alternation, Ratio, Samples, Time

__all__ = ["NAMES", "ready", "run"]

#: There is nothing to choose.
NAMES: tuple[str, ...] = ()

WORKERS = [1, 2, 4]
#: Integrals; seconds of a pass; passes, each of which ends in a result that Ctrl-C leaves.
FULL = (100_000, 15.0, 3)
QUICK = (20_000, 6.0, 1)

# The interval is at most 3 long and lies within 13 of 0, and u = eps / 2. A node is wrong by 29 u
# (its ends, its constant, two sums), the cosine by 8 u (4 ulp: NumPy's; the C library's has 1), and
# a sum of 21 terms adds 23 u: 60 u for an integrand of 1, 180 u for the interval. The reference
# sin b - sin a has 6 u. What the rule leaves out is below 1e-30.
TOLERANCE = 100 * job.EPS

Key = tuple[str, int]


def ready(options: Options) -> None:
    """Look at the numbers of workers before any work.

    Raises
    ------
    CompareError
        If one is below 1.
    """
    for workers in options.threads:
        if workers < 1:
            raise CompareError(f"`--threads` has {workers}, expected at least 1")


def run(options: Options, progress: Progress) -> ThreadsResult:
    """Compare the answers of all ways, then time them.

    One worker is always among the numbers, since speed-up refers to it. `size` is the number of
    integrals where nothing but threads is asked for: for a kernel it means something else.

    Raises
    ------
    CompareError
        If a way gives other answers.
    """
    size, budget, passes = QUICK if options.quick else FULL
    if options.size is not None and options.parts == ["threads"]:
        size, budget, passes = options.size, 6.0, 1
    workers = sorted({1, *(options.threads or WORKERS)})
    facts = job.facts()
    python = None if facts["free_threaded"] else other.free_threaded()
    return measure(size, workers, python, budget, passes, progress)


def measure(
    size: int,
    workers: list[int],
    python: str | None,
    budget: float,
    passes: int,
    progress: Progress,
) -> ThreadsResult:
    """Do what `run` does, with the settings that it chooses.

    Parameters
    ----------
    size : int
        Number of integrals.
    workers : list of int
        Numbers of workers, rising from 1.
    python : str or None
        Another Python, whose threads are one more way.
    budget : float
        Seconds of a pass.
    passes : int
        How often the clock starts again; a result is kept after each.
    progress : Progress
        What hears of it.
    """
    from ferrotran_compare.threads.ways import ways  # NumPy and ferrotran

    progress.step("pools of threads and processes", 0.0)
    a, b = job.problems(size)
    expected = [math.sin(y) - math.sin(x) for x, y in zip(a, b)]
    with ways(size, workers[-1], python) as found:
        calls = {
            (name, n): lambda way=way, n=n: way(n) for name, way in found.items() for n in workers
        }
        race = Alternation(calls)
        for index, key in enumerate(calls):
            progress.step("answers of every way", 0.1 * index / len(calls))
            answer = race.answer(key)
            agree(key, answer() if callable(answer) else answer, expected)
        samples: dict[Key, Samples] = {key: [] for key in calls}
        for index in range(passes):
            what = f"integrals in every way, pass {index + 1} of {passes}"
            tell = lambda share, what=what, index=index: progress.step(  # noqa: E731
                what, 0.1 + 0.9 * (index + share) / passes
            )
            race = Alternation(calls, progress=tell)
            for key, times in race.run(budget=budget, rounds=25).items():
                samples[key] += times
            result = summary(size, workers, samples)
            progress.keep(result)
    return result


def agree(key: Key, answers: Any, expected: list[float]) -> None:
    """Raise `CompareError` where a way is wrong, with both values."""
    way, workers = key
    if len(answers) != len(expected):
        text = f"{len(answers)} answers, expected {len(expected)}"
        raise CompareError(f"{way}, {workers} workers: {text}")
    for index, (x, right) in enumerate(zip(answers, expected)):
        if not abs(x - right) <= TOLERANCE:
            text = f"integral {index} is {float(x)!r}, expected {right!r} within {TOLERANCE:.1e}"
            raise CompareError(f"{way}, {workers} workers: {text}")


def summary(size: int, workers: list[int], samples: dict[Key, Samples]) -> ThreadsResult:
    """Compare each way with itself in one worker, and with the fastest of all."""
    fastest = min(samples, key=lambda key: Time.of(samples[key]).median)
    entries = []
    for (way, n), times in samples.items():
        alone = samples[way, 1]
        entries.append(
            ThreadEntry(
                way=way,
                workers=n,
                time=Time.of(times),
                speedup=Ratio.of(alone, times) if n > 1 else None,
                ratio=Ratio.of(times, samples[fastest]),
            )
        )
    facts, cores = job.facts(), machine.cores()
    return ThreadsResult(
        what="a batch of quadratures by one rule",
        workload=workload(size, workers, cores),
        python=facts["python"],
        free_threaded=facts["free_threaded"],
        gil_enabled=facts["gil_enabled"],
        cores=cores,
        entries=entries,
    )


def workload(size: int, workers: list[int], cores: int) -> str:
    """Say what is done, and what a reader of the figures must know."""
    said = [
        f"{size:,} integrals of the cosine by QUADPACK's 21-point rule with its error estimate",
        "each worker has an equal part",
        "pools run before the clock does, processes are spawned and their data pickled",
        "NumPy has a cosine of its own, the others call the C library's",
    ]
    if workers[-1] > cores:
        more = ", ".join(str(n) for n in workers if n > cores)
        said.append(f"{more} workers share {cores} cores")
    return "; ".join(said)
