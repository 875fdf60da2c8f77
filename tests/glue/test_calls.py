"""The process that times calls: what is wrong is named and not timed, the rest goes on."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from ferrotran_compare import routes
from ferrotran_compare.results import RouteResult
from ferrotran_compare.routes import calls
from support import Silent

WORKS = {(w.call, w.n): w for w in calls.workloads()}


def refuse(*_):
    raise TypeError("not that")


def test_a_module_that_cannot_be_imported_does_not_spoil_the_others(place, results):
    found = {name: RouteResult(name, checks={}) for name in ("ctypes", "no_such", "cffi")}
    timed = routes.timed_calls(place, list(found), True, routes.Rest(Silent(), 0.0), found)
    assert "ModuleNotFoundError" in found["no_such"].checks["import"]
    assert found["ctypes"].checks == found["cffi"].checks == {}
    for call in timed:
        assert set(call["samples"]) <= {"ctypes", "cffi"}
    assert set(timed[0]["samples"]) == {"ctypes", "cffi"}


def test_a_process_that_dies_is_said_of_every_route(place, results, monkeypatch, tmp_path):
    script = tmp_path / "calls.py"
    script.write_text("import sys\nprint('some text')\nsys.exit('out of order')\n")
    monkeypatch.setattr(routes, "CALLS", script)
    found = {"ctypes": RouteResult("ctypes", checks={})}
    assert routes.timed_calls(place, ["ctypes"], True, routes.Rest(Silent(), 0.0), found) == []
    assert "ended with 1" in found["ctypes"].checks["calls"]
    assert "out of order" in found["ctypes"].checks["calls"]


def judge(work, **functions):
    """What is said of a module with these functions, and whether it is timed."""
    wrong = {}
    timed = calls.agreeing(work, {"planted": SimpleNamespace(**functions)}, wrong)
    return wrong.get("planted", {}).get(work.name), "planted" in timed


@pytest.mark.parametrize("n", [None, 4, 1000])
def test_a_wrong_erf_is_named_with_both_values_and_not_timed(n):
    work = WORKS["erf", n]
    assert judge(work, erf=np.vectorize(math.erf)) == (None, True)
    said, timed = judge(work, erf=lambda x: np.vectorize(math.erf)(x) * (1 + 1e-15))
    assert not timed
    assert "expected 0." in said or "expected -0." in said


@pytest.mark.parametrize("n", [4, 1000])
def test_a_wrong_solution_is_named_and_not_timed(n):
    work = WORKS["solve_tridiagonal", n]

    def solve(dl, d, du, b):
        return np.linalg.solve(calls.probe.dense(dl, d, du), b)

    assert judge(work, solve_tridiagonal=solve) == (None, True)
    said, timed = judge(work, solve_tridiagonal=lambda *a: solve(*a) + 1e-14)
    assert not timed
    assert "expected" in said
    assert judge(work, solve_tridiagonal=lambda *a: solve(*a)[1:])[1] is False
    assert judge(work, solve_tridiagonal=lambda *a: solve(*a) * np.nan)[1] is False


def test_a_wrong_integral_is_named_and_not_timed():
    work = WORKS["integrate", None]
    assert judge(work, integrate=lambda f, a, b: (1 / 3, 0.0)) == (None, True)
    said, timed = judge(work, integrate=lambda f, a, b: (0.3334, 0.0))
    assert not timed
    assert "0.3334" in said
    assert "0.3333333333333333" in said


def test_a_route_may_refuse_arrays_where_it_takes_numbers_but_not_numbers():
    assert judge(WORKS["erf", 4], erf=refuse) == (None, False)
    assert judge(WORKS["erf", 4], erf=lambda x: math.erf(x[0])) == (None, False)
    assert judge(WORKS["erf", None], erf=refuse) == ("TypeError: not that", False)
    said = judge(WORKS["solve_tridiagonal", 4], solve_tridiagonal=refuse)
    assert said == ("TypeError: not that", False)


def test_entries_are_ranked_by_time_and_ties_are_marked():
    steady = {"slow": [3.0] * 12, "fast": [1.0] * 12, "middle": [2.0] * 12}
    found = routes.entries("erf", 4, steady)
    assert [name for name, _ in found] == ["fast", "middle", "slow"]
    assert [entry.ratio.median for _, entry in found] == [1, 2, 3]
    assert not any(entry.tied for _, entry in found)
    noisy = {"a": [1.0, 1.2] * 6, "b": [1.21, 1.01] * 6}
    assert [entry.tied for _, entry in routes.entries("erf", 4, noisy)] == [False, True]
