"""The package of the comparison, from the checkout: its routes need nothing that is compiled."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "compare"))

from ferrotran_compare import routes
from ferrotran_compare.routes import build, checkout
from support import Silent, absent


@pytest.fixture(scope="session")
def place():
    """The checkout of these tests."""
    return checkout.find(Path(__file__).resolve().parents[2])


@pytest.fixture(scope="session")
def results(place):
    """Every route, built, tried and timed, by its name."""
    results = {found["route"]: routes.result(found) for found in build.build_all(place)}
    routes.measure(place, results, True, routes.Rest(Silent(), 0.0))
    return results


@pytest.fixture(params=routes.NAMES)
def route(request, results):
    """One route that is there."""
    result = results[request.param]
    if result.missing:
        absent(result)
    assert result.failed is None, result.failed
    return result
