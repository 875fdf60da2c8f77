"""The binding routes of examples/glue: each is built, tried, timed, and held to its row.

`ferrotran_compare.routes` makes the experiments; here their outcomes are judged.
"""

import math

from ferrotran_compare.results import RouteResult, to_json
from ferrotran_compare.routes import NAMES, checkout, table
from ferrotran_compare.routes.calls import SIZES

SCALARS = [("erf", None), ("integrate", None)]
SYSTEMS = [("solve_tridiagonal", n) for n in SIZES]
ARRAYS = [("erf", n) for n in SIZES]


def test_every_route_has_a_folder_with_a_readme_and_every_folder_is_a_route(place):
    folders = {p.parent.name for p in place.examples.glob("*/README.md")}
    assert folders == set(NAMES)


def test_a_route_does_what_all_do(route):
    wrong = {name: outcome for name, outcome in route.checks.items() if outcome != "ok"}
    assert not wrong
    assert len(route.checks) >= 8


def test_no_route_reads_wrong_numbers_or_loses_an_exception(route):
    properties = route.properties
    assert properties["strided"] in ("no copy", "copied", "refused", "not measured")
    assert properties["dtype"] in ("refused", "converted if safe", "converted")
    assert properties["exceptions"] == "kept"


def test_the_row_of_the_readme_is_what_was_found(route, place):
    assert table.gives(route) in place.readme.read_text().splitlines()


def test_the_readme_tells_what_every_route_costs(place):
    rows = table.section(place.readme.read_text(), "costs").splitlines()
    named = [row[3:].partition("]")[0] for row in rows if row.startswith("| [")]
    assert named == list(NAMES)
    assert all(row.count("|") == len(table.COSTS) + 1 for row in rows if row.startswith("|"))


def test_the_tables_are_written_between_their_marks(results, place, tmp_path):
    copy = checkout.Checkout(tmp_path)
    copy.examples.mkdir(parents=True)
    before = place.readme.read_text()
    copy.readme.write_text(before)
    some = [r for r in results.values() if r.calls and r.route != "cffi"]
    table.write(copy, some)
    after = copy.readme.read_text()
    for name in ("gives", "costs"):
        assert table.section(after, name).count("\n| [") >= len(some)
        before = table.replace(before, name, [])
    assert "[cffi](cffi)" in table.section(after, "gives")
    assert "[cffi](cffi)" not in table.section(after, "costs")
    rest = table.replace(table.replace(after, "gives", []), "costs", [])
    assert rest == before


def test_what_a_route_costs_is_measured(route):
    assert route.module_bytes > 1000
    assert route.lines["binding"] > 0
    assert route.import_.rounds == 3
    assert 0 < route.import_.least <= route.import_.low <= route.import_.median


def test_every_call_of_a_route_is_timed(route):
    takes_arrays = route.properties["broadcasting"] in ("erf", "both")
    expected = SCALARS + SYSTEMS + (ARRAYS if takes_arrays else [])
    assert sorted((c.call, c.n or 0) for c in route.calls) == sorted(
        (call, n or 0) for call, n in expected
    )
    for call in route.calls:
        assert call.time.rounds >= 3
        assert 0 < call.time.least <= call.time.low <= call.time.median <= call.time.high
        assert call.ratio.low <= call.ratio.median <= call.ratio.high


def test_the_fastest_route_of_a_call_has_the_ratio_1_and_is_tied_with_none_before_it(results):
    there = [r for r in results.values() if r.calls]
    for key in SCALARS + SYSTEMS + ARRAYS:
        calls = [c for r in there for c in r.calls if (c.call, c.n) == key]
        fastest = min(calls, key=lambda c: c.time.median)
        assert fastest.ratio.median == 1
        assert not fastest.tied


def test_a_call_takes_longer_on_a_million_elements_than_on_four(route):
    times = {c.n: c.time.least for c in route.calls if c.call == "solve_tridiagonal"}
    assert times[SIZES[-1]] > 100 * times[SIZES[0]]


def test_the_json_of_a_route_has_the_keys_of_the_schema(route):
    found = to_json(route)
    assert list(found) == [
        *["route", "build", "module_bytes", "import", "calls", "lines", "properties", "checks"]
    ]
    assert set(found["calls"][0]) == {"call", "n", "time", "ratio", "tied"}
    assert set(found["import"]) == {"median", "low", "high", "least", "rounds"}
    assert math.isfinite(found["import"]["median"])
    assert to_json(RouteResult("x", missing=["get x"])) == {"route": "x", "missing": ["get x"]}
