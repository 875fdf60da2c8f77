"""What changed since earlier results: planted changes are found, noise is not taken for one."""

import copy
import dataclasses
import json

import pytest
from ferrotran_compare import changes
from ferrotran_compare.machine import Machine
from ferrotran_compare.results import (
    CallEntry,
    KernelResult,
    LanguageEntry,
    Options,
    Ratio,
    Results,
    RouteResult,
    ThreadEntry,
    ThreadsResult,
    Time,
)

ONE = Ratio(1.0, 1.0, 1.0)


def around(median, spread=0.01, rounds=15):
    """A time whose quartiles are apart by twice the spread, relative."""
    return Time(median, median * (1 - spread), median * (1 + spread), median * 0.9, rounds)


def entry(language, time, threads=1):
    return LanguageEntry(language, threads, "", time, ONE, None, False)


@pytest.fixture
def old():
    entries = [entry("c", around(1.0)), entry("rust", around(2.0)), entry("rust", around(1.1), 2)]
    kernel = KernelResult("nbody", "planets", "9 steps", 9, 0.0, "", {}, [], entries, [])
    route = RouteResult("cffi", build=around(3.0, rounds=1), import_=around(0.1), calls=[])
    route.calls.append(CallEntry("erf", None, around(1e-7), ONE, False))
    job = ThreadsResult("sums", "ten", "3.11", False, True, 2, [])
    job.entries.append(ThreadEntry("NumPy", 1, around(1.0), None, ONE))
    return Results(
        complete=True,
        started="2026-11-28T10:00:00+00:00",
        seconds=1.0,
        options=Options(),
        machine=Machine("a processor", 8, 2**30, "Linux", 0.5),
        tools={"c": {"compiler": "cc 12", "flags": "-O3"}},
        languages=[kernel],
        routes=[route],
        threads=job,
    )


def verdicts(found):
    return {(c.name, c.entry): c.verdict for c in found.changes}


def test_the_same_results_are_unchanged_and_need_no_note(old):
    found = changes.compare(old, copy.deepcopy(old))
    assert set(verdicts(found).values()) == {"unchanged"}
    assert len(found.changes) == 7
    assert found.notes == []


def test_planted_changes_are_found_in_every_part(old):
    new = copy.deepcopy(old)
    new.languages[0].entries[0].time = around(0.8)
    new.languages[0].entries[2].time = around(1.4)
    new.routes[0].calls[0].time = around(2e-7)
    new.threads.entries[0].time = around(0.5)
    found = verdicts(changes.compare(old, new))
    assert {key: said for key, said in found.items() if said != "unchanged"} == {
        ("nbody", "c, 1 thread"): "faster",
        ("nbody", "rust, 2 threads"): "slower",
        ("cffi", "erf, scalar"): "slower",
        ("threads", "NumPy, 1"): "faster",
    }


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (around(1.0), around(1.1), "slower"),
        (around(1.0), around(1.04), "unchanged"),  # ranges apart, within the margin
        (around(1.0), around(1.0 / 1.04), "unchanged"),
        (around(1.0, 0.2), around(1.3, 0.2), "unchanged"),  # the ranges touch
        (around(1.0, 0.2), around(1.6, 0.2), "slower"),
        (around(1.0, rounds=3), around(1.05, rounds=3), "unchanged"),
        (around(1.0, 0.05), around(1.2, 0.05), "slower"),
        (around(1.0, 0.05, rounds=3), around(1.2, 0.05, rounds=3), "unchanged"),  # too few rounds
        (around(1.0, 0.05, rounds=3), around(0.5, 0.05, rounds=3), "faster"),
        (around(1.0), around(1.0), "unchanged"),
        # A busy machine: all quartiles are higher, the least is what it was.
        (around(1.0), dataclasses.replace(around(1.5), least=0.91), "unchanged"),
    ],
)
def test_a_change_is_one_beyond_the_noise_of_both(before, now, expected):
    assert changes.verdict(before, now) == expected
    opposite = {"slower": "faster", "faster": "slower", "unchanged": "unchanged"}[expected]
    assert changes.verdict(now, before) == opposite


def test_another_workload_is_said_and_not_compared(old):
    new = copy.deepcopy(old)
    new.languages[0].workload = "10 steps"
    found = changes.compare(old, new)
    assert not any(c.part == "languages" for c in found.changes)
    assert [n for n in found.notes if "9 steps before, 10 steps now" in n] == found.notes


def test_another_machine_and_another_tool_are_said(old):
    new = copy.deepcopy(old)
    new.machine = dataclasses.replace(new.machine, processor="another", load_average=7.0)
    new.tools = {"c": {"compiler": "cc 13", "flags": "-O3"}, "rust": {"compiler": "rustc"}}
    text = "\n".join(changes.compare(old, new).notes)
    assert "the processor was a processor, is another" in text
    assert "c was cc 12 -O3, is cc 13 -O3" in text
    assert "rust was absent, is rustc" in text
    assert "busy now: load average 7" in text


def test_what_only_one_side_has_is_said(old):
    new = copy.deepcopy(old)
    new.languages[0].entries.append(entry("zig", around(1.0)))
    new.routes = [RouteResult("cffi", missing=["pip install cffi"])]
    new.complete = False
    text = "\n".join(changes.compare(old, new).notes)
    assert "new: nbody: zig, 1 thread" in text
    assert "only in the earlier results: cffi" in text
    assert "these results are not complete" in text


def test_what_was_not_asked_for_now_is_not_missed(old):
    new = copy.deepcopy(old)
    new.options = Options(parts=["languages"], only=["nbody"])
    new.routes = new.threads = None
    assert changes.compare(old, new).notes == []


def test_planted_changes_are_found_by_the_command(ferrotran, tmp_path):
    first, planted = tmp_path / "first.json", tmp_path / "planted.json"
    small = ["compare", "languages", "--only", "collatz", "--quick", "--size", "300"]
    assert ferrotran(*small, "--json", first).returncode == 0
    found = json.loads(first.read_text())
    found["machine"]["processor"] = "an abacus"
    for one in found["languages"][0]["entries"]:
        factor = {"c": 1000, "rust": 1 / 1000}.get(one["language"], 1)
        for key in ("median", "low", "high", "least"):
            one["time"][key] *= factor
    planted.write_text(json.dumps(found))
    done = ferrotran(*small, "--compare-to", planted)
    assert done.returncode == 0
    shown = done.stdout.partition("Changes since")[2]
    assert "the processor was an abacus" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["faster", "collatz", "c,", "1", "thread"] in [words[:5] for words in lines]
    assert ["slower", "collatz", "rust,", "1", "thread"] in [words[:5] for words in lines]
