"""The languages: every kernel in each of them, checked against each other, then timed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ferrotran_compare._kernels import kernels
from ferrotran_compare._registry import LANGUAGES, Kernel
from ferrotran_compare.machine import cores
from ferrotran_compare.results import (
    CompareError,
    Disagreement,
    KernelResult,
    LanguageEntry,
    Options,
    Progress,
    SizeEntry,
)
from ferrotran_compare.timing import Alternation, Ratio, Time, tied

Key = tuple[str, int]  # language, threads
Step = Callable[[str, float], None]  # what is done, and the share of the kernel

NAMES = tuple(kernels)
INSTALL = {"numba": "python -m pip install numba"}


@dataclasses.dataclass(frozen=True)
class Effort:
    """How long to measure: seconds for the entries of a kernel, and for each of its sizes."""

    budget: float
    rounds: int
    budget_size: float
    rounds_size: int
    slowest: float  # seconds of a call from which on a language skips larger sizes
    block: float


QUICK = Effort(0.6, 15, 0.05, 3, slowest=0.03, block=0.003)
FULL = Effort(12.0, 41, 0.5, 9, slowest=0.5, block=0.005)
LEAST = 3  # rounds of the slowest


def ready(options: Options) -> None:
    """Refuse a size that a kernel cannot take."""
    for name in options.chosen(NAMES):
        largest = kernels[name].largest
        if options.size is not None and largest is not None and options.size > largest:
            raise CompareError(f"--size is {options.size}, {name} takes at most {largest}")


def run(options: Options, progress: Progress) -> list[KernelResult]:
    """Check and time the kernels that are asked for, one after another."""
    names = options.chosen(NAMES)
    results = []
    for index, name in enumerate(names):

        def step(what: str, share: float, index: int = index, name: str = name) -> None:
            progress.step(f"{name}: {what}", (index + share) / len(names))

        result = blank(kernels[name], options)
        try:
            measure(kernels[name], result, options, step)
        finally:
            # Ctrl-C among the sizes leaves the entries, and among the entries nothing to show.
            if result.entries or result.disagreements:
                results.append(result)
                progress.keep(result)
    return results


def blank(kernel: Kernel, options: Options) -> KernelResult:
    """Describe a kernel before anything is measured."""
    size = options.size or (kernel.quick if options.quick else kernel.full)
    absent = [name for name in LANGUAGES if name not in kernel.languages and name in INSTALL]
    return KernelResult(
        kernel=kernel.name,
        what=kernel.what,
        workload=kernel.workload.format(size=f"{size:,}"),
        size=size,
        tolerance=kernel.tolerance(size),
        why=kernel.why,
        missing={name: INSTALL[name] for name in absent},
        disagreements=[],
        entries=[],
        sizes=[],
    )


def measure(kernel: Kernel, result: KernelResult, options: Options, step: Step) -> None:
    """Fill in the entries, then the sizes."""
    effort = QUICK if options.quick else FULL
    several = sorted({1, *(options.threads or [cores()])})
    keys = [
        (language, threads)
        for language, entry in kernel.languages.items()
        for threads in (several if entry.parallel else [1])
    ]
    race = _race(kernel, result.size, keys, result.disagreements, step, effort)
    if race is not None:
        samples = race.run(budget=effort.budget, rounds=effort.rounds, least=LEAST, even=False)
        result.entries += _entries(kernel, samples)
    if options.size is None:
        _sizes(kernel, result, effort, step)


def _race(
    kernel: Kernel,
    size: int,
    keys: list[Key],
    wrong: list[Disagreement],
    step: Step,
    effort: Effort,
    shares: tuple[float, float] = (0.0, 0.7),
) -> Alternation[Key] | None:
    """Run each once on the same inputs; return those that agree, ready to be timed."""
    start, end = shares
    step("inputs", start)
    try:
        inputs = kernel.inputs(size)
    except MemoryError as error:
        wrong.append(Disagreement("all", 1, size, f"no inputs: {error or 'out of memory'}"))
        return None
    calls = {}
    for language, threads in keys:
        try:
            calls[language, threads] = kernel.bind(language, size, threads, inputs=inputs)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            wrong.append(Disagreement(language, threads, size, text))
    race = Alternation(
        calls,
        progress=lambda share: step("timing", start + (end - start) * share),
        block=effort.block,
    )
    for (language, threads), text in disagreeing(kernel, size, race, step, start).items():
        wrong.append(Disagreement(language, threads, size, text))
        race.drop((language, threads))
    return race if race.calls else None


def disagreeing(
    kernel: Kernel, size: int, race: Alternation[Key], step: Step, share: float
) -> dict[Key, str]:
    """Compare all answers with one of them; return what is wrong with those that differ.

    The answer that others are compared with is the first with which most of them agree, so a
    wrong one is named also when it comes first.
    """
    found: dict[Key, str] = {}
    for reference in race.calls:
        texts = _against(kernel, size, race, reference, step, share)
        found = found or texts
        if 2 * len(texts) < len(race.calls):
            return texts
    return found


def _against(
    kernel: Kernel, size: int, race: Alternation[Key], reference: Key, step: Step, share: float
) -> dict[Key, str]:
    """Compare each answer as soon as it is there: the next call may reuse its memory."""
    texts = {}
    expected: Any = None
    for key in [reference, *(k for k in race.calls if k != reference)]:
        language, threads = key
        step(f"checking {language}, {threads} thread{'s' * (threads > 1)}", share)
        try:
            answer = race.answer(key)
            if key == reference:
                expected = np.array(answer, copy=True)
                continue
            text = kernel.check(expected, answer, size)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            if key == reference:
                return dict.fromkeys(race.calls, text) if len(race.calls) > 1 else {key: text}
        if text is not None:
            texts[key] = text
    return texts


def _entries(kernel: Kernel, samples: dict[Key, list[float | None]]) -> list[LanguageEntry]:
    """Sort by time, and compare each with the fastest, the one before, and its own one thread."""
    times = {key: Time.of(taken) for key, taken in samples.items()}
    order = sorted(times, key=lambda key: times[key].median)
    entries = []
    for index, key in enumerate(order):
        language, threads = key
        one = samples.get((language, 1))
        entries.append(
            LanguageEntry(
                language,
                threads,
                kernel.languages[language].note,
                times[key],
                Ratio.of(samples[key], samples[order[0]]),
                Ratio.of(one, samples[key]) if threads > 1 and one is not None else None,
                index > 0 and tied(samples[key], samples[order[index - 1]]),
            )
        )
    return entries


def _sizes(kernel: Kernel, result: KernelResult, effort: Effort, step: Step) -> None:
    """Time each language in one thread at several sizes, as long as it is fast enough."""
    wrong = {d.language for d in result.disagreements}
    last: dict[str, list[float]] = {name: [] for name in kernel.languages if name not in wrong}
    for index, size in enumerate(kernel.sizes):
        share = 0.7 + 0.3 * index / len(kernel.sizes)
        keys = [(name, 1) for name, times in last.items() if _foreseen(times) <= effort.slowest]
        if not keys:
            return
        race = _race(kernel, size, keys, result.disagreements, step, effort, (share, share))
        if race is None:
            return
        samples = race.run(budget=effort.budget_size, rounds=effort.rounds_size, least=LEAST)
        for (language, threads), taken in samples.items():
            time = Time.of(taken)
            last[language].append(time.median)
            result.sizes.append(SizeEntry(size, language, threads, time))


def _foreseen(times: list[float]) -> float:
    """Seconds at the next size, if time goes on to grow as it last did."""
    if len(times) < 2:
        return sum(times)
    return times[-1] * max(1.0, times[-1] / times[-2])
