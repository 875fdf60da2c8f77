"""The JSON: what is written can be read, and what is wrong is named."""

import dataclasses
import json
from pathlib import Path

import pytest
from ferrotran_compare.machine import machine
from ferrotran_compare.outputs import check_writable
from ferrotran_compare.results import (
    CallEntry,
    CompareError,
    Disagreement,
    KernelResult,
    LanguageEntry,
    Options,
    Ratio,
    Results,
    RouteResult,
    SizeEntry,
    ThreadEntry,
    ThreadsResult,
    Time,
    load,
    save,
)

TIME, RATIO = Time(1.0, 0.5, 2.0, 0.25, 5), Ratio(1.5, 1.0, 2.0)


@pytest.fixture
def whole():
    """Results with everything that there can be."""
    entry = LanguageEntry("c", 2, "a note", TIME, RATIO, RATIO, True)
    return Results(
        complete=True,
        started="2026-11-28T10:00:00+00:00",
        seconds=1.5,
        options=Options(only=["nbody"], size=3, threads=[1, 2]),
        machine=machine(),
        tools={"c": {"compiler": "cc", "flags": "-O3"}},
        languages=[
            KernelResult(
                *("nbody", "planets", "3 steps", 3, 0.0, "equality"),
                missing={"numba": "pip install numba"},
                disagreements=[Disagreement("rust", 1, 3, "1.0, expected 2.0")],
                entries=[entry, dataclasses.replace(entry, threads=1, speedup=None)],
                sizes=[SizeEntry(3, "c", 1, TIME)],
            )
        ],
        routes=[
            RouteResult("cffi", missing=["pip install cffi"]),
            RouteResult("f2py", failed="no compiler"),
            RouteResult(
                "cython",
                build=TIME,
                module_bytes=5,
                import_=TIME,
                calls=[CallEntry("erf", None, TIME, RATIO, False)],
                lines={"binding": 3},
                properties={"gil": "released"},
                checks={"erf": "ok"},
            ),
        ],
        threads=ThreadsResult(
            *("sums", "ten", "3.11", False, True, 2),
            entries=[ThreadEntry("NumPy", 1, TIME, None, RATIO)],
        ),
    )


def test_what_is_saved_is_loaded_again(whole, tmp_path):
    path = tmp_path / "results.json"
    save(whole, path)
    assert load(path) == whole


def test_the_three_forms_of_a_route_have_their_own_keys(whole, tmp_path):
    path = tmp_path / "results.json"
    save(whole, path)
    missing, failed, there = json.loads(path.read_text())["routes"]
    assert set(missing) == {"route", "missing"}
    assert set(failed) == {"route", "failed"}
    keys = {"route", "build", "module_bytes", "import", "calls", "lines", "properties", "checks"}
    assert set(there) == keys
    assert there["calls"][0]["n"] is None


def test_a_part_that_was_not_asked_for_is_null(whole, tmp_path):
    path = tmp_path / "results.json"
    save(dataclasses.replace(whole, languages=None, routes=None, threads=None), path)
    found = json.loads(path.read_text())
    assert [found[part] for part in ("languages", "routes", "threads")] == [None] * 3
    assert found["schema"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("\xff\xfe", "no `schema`|not JSON"),
        ("[1]", "no `schema`, expected the JSON of `ferrotran compare`"),
        ('{"a": 1}', "no `schema`"),
        ('{"schema": 2}', "`schema` is 2, expected 1"),
        ('{"schema": 1}', "`complete` is missing, expected true or false"),
        ('{"schema": 1, "complete": 1}', "`complete` is 1, expected true or false"),
        ('{"schema": 1, "complete": NaN}', "NaN is no number of JSON"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(text, said, tmp_path):
    path = tmp_path / "old.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CompareError, match=said) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_a_wrong_value_deep_inside_is_named(whole, tmp_path):
    path = tmp_path / "old.json"
    save(whole, path)
    text = path.read_text()
    entry = "languages[0].entries[0]"
    for old, new, said in [
        ('"least": 0.25', '"least": "x"', f"`{entry}.time.least` is 'x', expected a number"),
        ('"least": 0.25', '"least": -1', f"`{entry}.time.least` is -1.0, expected a finite"),
        ('"rounds": 5', '"rounds": 1.5', f"`{entry}.time.rounds` is 1.5, expected a whole"),
        ('"tied": true', '"tied": null', f"`{entry}.tied` is None, expected true or false"),
    ]:
        assert old in text
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(CompareError) as raised:
            load(path)
        assert said in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CompareError, match=r"old\.json: No such file"):
        load(tmp_path / "old.json")


def test_a_failed_save_leaves_the_old_file_and_nothing_beside_it(whole, tmp_path):
    path = tmp_path / "results.json"
    save(whole, path)
    before = path.read_text()
    with pytest.raises(ValueError, match="JSON compliant"):
        save(dataclasses.replace(whole, seconds=float("nan")), path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_and_a_device_are_written_through(whole, tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    save(whole, link)
    assert link.is_symlink()
    assert load(target) == whole
    save(whole, Path("/dev/null"))
    assert not Path("/dev/null").is_file()


def test_a_path_that_cannot_be_written_is_refused_and_one_that_can_leaves_no_trace(tmp_path):
    check_writable("--json", tmp_path / "new.json")
    assert list(tmp_path.iterdir()) == []
    for path, said in [
        (tmp_path, "is a folder, expected a file"),
        (tmp_path / "no" / "x.json", "there is no folder"),
    ]:
        with pytest.raises(CompareError, match=f"^--json .*{said}"):
            check_writable("--json", path)
