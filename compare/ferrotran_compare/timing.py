"""Time callables in one process: warmed up, in blocks, in alternation.

Nothing but the standard library is imported, so this file runs in any environment::

    race = Alternation({"c": run_c, "rust": run_rust})
    answers = race.answers()          # the warm-up; the caller compares them
    race.drop("rust")                 # what is wrong is not timed
    samples = race.run(budget=2.0)    # seconds of a call, one for each round
    Time.of(samples["c"])             # median, quartiles, least, rounds

A round calls each callable in turn, in an order that rotates, so that a slow spell of the machine
hits all alike. Ratios are taken within a round.
"""

from __future__ import annotations

import dataclasses
import gc
import statistics
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

#: A timed block lasts at least this many seconds.
BLOCK = 0.005

#: With fewer rounds, quartiles are too uncertain to rank by as they are; with very few, useless.
FEW, VERY_FEW = 10, 5

#: Seconds of a call in each round; None where a callable sat out.
Samples = list[float | None]

Key = TypeVar("Key", bound=Hashable)


def quartiles(values: Iterable[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile; of a single value, that value."""
    values = list(values)
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


@dataclasses.dataclass(frozen=True)
class Time:
    """Seconds of a call: median, quartiles, the least, and the number of rounds."""

    median: float
    low: float
    high: float
    least: float
    rounds: int

    @classmethod
    def of(cls, samples: Iterable[float | None]) -> Time:
        """Summarise the samples of one callable; those that are None do not count."""
        taken = [s for s in samples if s is not None]
        if not taken:
            raise ValueError("`samples` has no time, expected at least one")
        low, middle, high = quartiles(taken)
        return cls(middle, low, high, min(taken), len(taken))


@dataclasses.dataclass(frozen=True)
class Ratio:
    """One time over another within a round: median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, over: Samples, under: Samples) -> Ratio:
        """Divide the samples of one callable by those of another, round by round."""
        low, middle, high = quartiles(paired(over, under))
        return cls(middle, low, high)


def paired(over: Samples, under: Samples) -> list[float]:
    """Ratios of the rounds in which both took part; of their medians if there is none."""
    # A clock that ticks too slowly for an empty call gives 0.
    common = [
        (a, b) for a, b in zip(over, under, strict=True) if a is not None and b is not None and b
    ]
    if common:
        return [a / b for a, b in common]
    return [Time.of(over).median / Time.of(under).median]


def tied(slower: Samples, faster: Samples) -> bool:
    """Whether the spread is too wide to say that one callable is slower than another.

    It is when the quartiles of their ratio reach down to 1. With fewer than `FEW` common rounds
    the quartile range is first widened by its own width, as a factor; with fewer than `VERY_FEW`
    the whole range is. A single round ranks nothing.
    """
    ratios = paired(slower, faster)
    if len(ratios) == 1:
        return True
    low, _, high = quartiles(ratios)
    if len(ratios) < VERY_FEW:
        low, high = min(ratios), max(ratios)
    if low > 1.0 and len(ratios) < FEW:
        low *= low / high
    return low <= 1.0


def block(call: Callable[[], Any], repeats: int) -> float:
    """Seconds of one call, from a block of `repeats`."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def calibrate(call: Callable[[], Any], least: float = BLOCK) -> tuple[int, float]:
    """Return the calls of a block that lasts `least` seconds, and the seconds of the block."""
    repeats = 1
    while True:
        each = block(call, repeats)
        if each * repeats >= least or repeats >= 1 << 20:
            return repeats, each * repeats
        repeats = max(2 * repeats, min(1 << 20, int(1.2 * least / max(each, 1e-9))))


def plan(
    costs: Mapping[Key, float], *, budget: float, rounds: int, least: int, even: bool
) -> dict[Key, int]:
    """Rounds of each callable, between `least` and `rounds`.

    Parameters
    ----------
    costs : mapping
        Seconds of a block of each callable.
    budget : float
        Seconds that all may take together, about: `least` goes first.
    rounds, least : int
        The most and the fewest rounds.
    even : bool
        Whether all take part in every round; else each has an equal share of the budget, and
        what the fast ones leave goes to the slow ones.
    """
    if even:
        each = int(budget / max(sum(costs.values()), 1e-9))
        return dict.fromkeys(costs, max(least, min(rounds, each)))
    found = {}
    left = budget
    for index, key in enumerate(sorted(costs, key=costs.__getitem__)):
        share = left / (len(costs) - index)
        found[key] = max(least, min(rounds, int(share / max(costs[key], 1e-9))))
        left = max(0.0, left - found[key] * costs[key])
    return found


def _spread(rounds: int) -> list[int]:
    """Rank the rounds such that the first n by rank lie about evenly, for every n."""
    # Multiples of the golden ratio, modulo 1, fill the unit interval in that way.
    return sorted(range(rounds), key=lambda rank: rank * 0.6180339887498949 % 1.0)


class Alternation(Generic[Key]):
    """Callables without arguments, timed side by side.

    Parameters
    ----------
    calls : mapping
        The callables, each under a key.
    before : callable, optional
        Runs untimed in front of every block; blocks then have one call each.
    keep : callable, optional
        Applied to an answer as soon as it is there: a copy, where callables reuse memory.
    progress : callable, optional
        Is told the share of the work that is done, from 0 to 1.
    block : float, optional
        Least seconds of a timed block.
    """

    def __init__(
        self,
        calls: Mapping[Key, Callable[[], Any]],
        *,
        before: Callable[[], Any] | None = None,
        keep: Callable[[Any], Any] = lambda answer: answer,
        progress: Callable[[float], None] = lambda share: None,
        block: float = BLOCK,
    ) -> None:
        self.calls = dict(calls)
        self._before = before
        self._keep = keep
        self._progress = progress
        self._block = block
        self._done = 0
        self._steps = 7 * len(self.calls)  # a guess, until the rounds are known

    def _advance(self) -> None:
        self._done += 1
        self._progress(min(1.0, self._done / max(self._steps, 1)))

    def _prepare(self) -> None:
        if self._before is not None:
            self._before()

    def answer(self, key: Key) -> Any:
        """Run one callable once, untimed, and return its answer."""
        self._prepare()
        answer = self._keep(self.calls[key]())
        self._advance()
        return answer

    def answers(self) -> dict[Key, Any]:
        """Run each callable once, untimed: the warm-up, whose answers can be compared."""
        return {key: self.answer(key) for key in self.calls}

    def drop(self, key: Key) -> None:
        """Leave a callable out of the rounds."""
        del self.calls[key]

    def run(
        self, *, budget: float, rounds: int = 25, least: int = 5, even: bool = True
    ) -> dict[Key, Samples]:
        """Time all callables; see `plan` for the arguments.

        Returns
        -------
        dict
            For each key a list with an item for each round: seconds of one call, or None where
            the callable sat out. A callable with fewer rounds takes part only in rounds in which
            every callable with more does, so that they pair.
        """
        repeats, costs = {}, {}
        for key, call in self.calls.items():
            self._prepare()
            repeats[key], costs[key] = (
                calibrate(call, self._block) if self._before is None else (1, block(call, 1))
            )
            self._advance()
        turns = plan(costs, budget=budget, rounds=rounds, least=least, even=even)
        ranks = _spread(max(turns.values(), default=0))
        self._steps = self._done + sum(turns.values())

        samples: dict[Key, Samples] = {key: [] for key in self.calls}
        order = list(self.calls)
        collecting = gc.isenabled()
        gc.collect()
        gc.disable()
        try:
            for index, rank in enumerate(ranks):
                turn = index % len(order)
                for key in order[turn:] + order[:turn]:
                    if rank >= turns[key]:
                        samples[key].append(None)
                        continue
                    self._prepare()
                    samples[key].append(block(self.calls[key], repeats[key]))
                    self._advance()
        finally:
            if collecting:
                gc.enable()
        return samples
