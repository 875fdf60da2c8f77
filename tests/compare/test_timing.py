"""The clock: warm-up, blocks, alternation, spread, ties."""

import subprocess
import sys
import time
from pathlib import Path

import ferrotran_compare.timing
import pytest
from ferrotran_compare.timing import Alternation, Ratio, Time, paired, plan, quartiles, tied


def test_it_runs_where_nothing_is_installed():
    file = Path(ferrotran_compare.timing.__file__)
    code = "import timing, sys; print(timing.Time.of([1.0, 3.0]).median, 'numpy' in sys.modules)"
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path[:0] = [{str(file.parent)!r}]",
    ]
    command[-1] += f"\n{code}"
    # The folder has modules of names that the standard library has too; none may be taken for it.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2.0", "False"]


def test_the_warm_up_returns_the_answers_and_is_not_timed():
    calls = []
    race = Alternation({"a": lambda: calls.append("a") or 1, "b": lambda: calls.append("b") or 2})
    assert race.answers() == {"a": 1, "b": 2}
    assert calls == ["a", "b"]


def test_an_answer_is_kept_before_the_next_call_overwrites_it():
    memory = [0]

    def write(value):
        memory[0] = value
        return memory

    race = Alternation({i: lambda i=i: write(i) for i in (1, 2)}, keep=list)
    assert race.answers() == {1: [1], 2: [2]}


def test_what_is_dropped_is_not_timed():
    race = Alternation({"right": lambda: 1, "wrong": lambda: 2})
    race.answers()
    race.drop("wrong")
    assert set(race.run(budget=0.0, least=2)) == {"right"}


def test_the_order_rotates_and_before_runs_untimed_in_front_of_every_call():
    log = []
    calls = {name: (lambda name=name: log.append(name)) for name in "abc"}
    race = Alternation(calls, before=lambda: log.append("-"))
    samples = race.run(budget=0.0, rounds=9, least=3)
    text = "".join(log)
    assert text == "-a-b-c" + "-a-b-c" + "-b-c-a" + "-c-a-b"  # once to see what they cost
    assert {len(taken) for taken in samples.values()} == {3}


def test_a_time_is_that_of_one_call():
    race = Alternation({"sleeps": lambda: time.sleep(0.002)})
    (taken,) = race.run(budget=0.0, least=3).values()
    assert min(taken) >= 0.002
    assert Time.of(taken).least == min(taken)


def test_progress_goes_from_0_to_1():
    shares = []
    race = Alternation({"a": lambda: None, "b": lambda: None}, progress=shares.append)
    race.answers()
    race.run(budget=0.0, least=4)
    assert all(0 < share <= 1 for share in shares)
    assert shares[-1] == 1


def test_the_budget_sets_the_rounds_between_the_fewest_and_the_most():
    costs = {"fast": 0.01, "slow": 1.0}
    assert plan(costs, budget=10.1, rounds=50, least=3, even=True) == {"fast": 10, "slow": 10}
    assert plan(costs, budget=0.0, rounds=50, least=3, even=True) == {"fast": 3, "slow": 3}
    assert plan(costs, budget=1e9, rounds=50, least=3, even=True) == {"fast": 50, "slow": 50}
    # An equal share each; the slow one gets what the fast one leaves: 10.1 - 50 * 0.01.
    assert plan(costs, budget=10.1, rounds=50, least=3, even=False) == {"fast": 50, "slow": 9}


def test_a_slow_callable_sits_out_rounds_and_pairs_in_those_it_takes():
    calls = {"fast": lambda: None, "slow": lambda: time.sleep(0.02)}
    samples = Alternation(calls).run(budget=0.3, rounds=20, least=3, even=False)
    took = {name: sum(t is not None for t in taken) for name, taken in samples.items()}
    assert len(samples["fast"]) == len(samples["slow"]) == took["fast"]
    assert 3 <= took["slow"] < took["fast"]
    assert len(paired(samples["slow"], samples["fast"])) == took["slow"]


def test_quartiles_and_ratios_of_known_samples():
    assert quartiles([5.0, 1.0, 3.0, 2.0, 4.0]) == (2.0, 3.0, 4.0)
    assert Time.of([None, 5.0, 1.0, None, 3.0, 2.0, 4.0]) == Time(3.0, 2.0, 4.0, 1.0, 5)
    assert Time.of([2.0]) == Time(2.0, 2.0, 2.0, 2.0, 1)
    # Round by round: 2, 2, 2, whatever the rounds themselves took.
    assert Ratio.of([2.0, 20.0, None, 6.0], [1.0, 10.0, 9.0, 3.0]) == Ratio(2.0, 2.0, 2.0)
    with pytest.raises(ValueError, match="`samples` has no time"):
        Time.of([None])


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ([1.01] * 12, False),  # always slower, if by little
        ([0.99, 1.01] * 6, True),
        ([1.2] * 10 + [0.5] * 2, False),  # two outliers in twelve rounds
        ([1.2] * 8 + [0.5] * 4, True),
        ([50.0, 52.0, 55.0], False),  # three rounds are enough for a factor of fifty
        ([1.01, 1.02, 1.05], True),  # and too few for two percent
        ([1.10, 1.11, 1.12], False),
        ([3.0], True),
        ([1.0] * 20, True),
    ],
)
def test_entries_are_tied_where_their_spread_is_too_wide(ratios, expected):
    assert tied(ratios, [1.0] * len(ratios)) is expected


def test_a_clock_that_shows_nothing_ranks_nothing():
    assert tied([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    assert paired([1.0, 2.0, 2.0], [0.0, 1.0, 1.0]) == [2.0, 2.0]
