"""The binding routes of examples/glue: each is built, tried and compared with its row of the table.

`scripts/glue_probe.py` makes the experiments; here their outcomes are judged.
"""

import glue
import pytest


@pytest.fixture(scope="session")
def results():
    return {r["route"]: r for r in glue.routes()}


@pytest.fixture(params=glue.ROUTES)
def route(request, results):
    result = results[request.param]
    if "missing" in result:
        pytest.skip(f"install with: {'; '.join(result['missing'])}")
    assert "failed" not in result, result["failed"]
    return result


def test_every_route_has_a_folder_with_a_readme_and_every_folder_is_a_route():
    folders = {p.parent.name for p in glue.EXAMPLES.glob("*/README.md")}
    assert folders == set(glue.ROUTES)


def test_a_route_does_what_all_do(route):
    wrong = {name: outcome for name, outcome in route["checks"].items() if outcome != "ok"}
    assert not wrong
    assert len(route["checks"]) >= 7


def test_no_route_reads_wrong_numbers_or_loses_an_exception(route):
    properties = route["properties"]
    assert properties["strided"] in ("no copy", "copied", "refused", "not measured")
    assert properties["dtype"] in ("refused", "converted if safe", "converted")
    assert properties["exceptions"] == "kept"


def test_the_row_of_the_readme_is_what_was_found(route):
    assert glue.row(route) in glue.README.read_text().splitlines()


def test_what_a_route_costs_is_measured(route):
    assert route["build_seconds"] > 0
    assert route["module_bytes"] > 1000
    assert route["lines"]["binding"] > 0


def test_a_missing_tool_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(glue.COMMANDS, "no-such-compiler", "get no-such-compiler")
    monkeypatch.setitem(glue.ROUTES, "absent", glue.Route((), ("no-such-compiler",)))
    [result] = glue.routes(["absent"])
    assert result == {"route": "absent", "missing": ["get no-such-compiler"]}
    glue.result_file("absent").unlink()
