"""Building: what is missing, what fails, what is known already, and what an interrupt leaves."""

import contextlib
import subprocess
import time
from pathlib import Path

import pytest
from ferrotran_compare import routes
from ferrotran_compare.results import CompareError, Options, RouteResult
from ferrotran_compare.routes import build, catalogue, checkout, environment
from support import Silent, absent


@pytest.fixture
def tiny(place, results, tmp_path, monkeypatch):
    """A checkout with one small route; it shares the environment of the real one."""
    project = tmp_path / "examples" / "glue" / "tiny"
    project.mkdir(parents=True)
    (project.parent / "native.py").touch()
    (project / "glue_tiny.py").write_text("answer = 42\n")
    (project / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='glue_tiny', version='0', "
        "py_modules=['glue_tiny'])\n"
    )
    (tmp_path / "requirements-glue.txt").write_text(place.requirements.read_text())
    (tmp_path / "build" / "glue").mkdir(parents=True)
    (tmp_path / "build" / "glue" / "venv").symlink_to(place.build / "venv")
    monkeypatch.setitem(catalogue.ROUTES, "tiny", catalogue.Route(("setuptools",), ()))
    found = checkout.find(tmp_path)
    yield found
    pip = [found.python, *environment.PIP, "uninstall", "--quiet", "--yes", "glue_tiny"]
    environment.run(found, *pip)


def test_a_missing_tool_is_named_with_the_command_that_installs_it_and_the_rest_runs(
    place, results, monkeypatch
):
    monkeypatch.setitem(catalogue.COMMANDS, "no-such-compiler", "get no-such-compiler")
    absent = catalogue.Route(("no-such-package",), ("no-such-compiler", "sh"))
    monkeypatch.setitem(catalogue.ROUTES, "absent", absent)
    pins = environment.pinned(place) | {"no-such-package": "no-such-package==1"}
    monkeypatch.setattr(environment, "pinned", lambda place: pins)
    first, second = build.build_all(place, ["absent", "ctypes"])
    assert first == {
        "route": "absent",
        "missing": [
            "build/glue/venv/bin/python -m pip install no-such-package==1",
            "get no-such-compiler",
        ],
    }
    assert routes.result(first) == RouteResult("absent", missing=first["missing"])
    assert "wheel" in second


def test_a_missing_tool_fails_the_tests_in_ci_and_skips_them_elsewhere(monkeypatch):
    missing = RouteResult("absent", missing=["get it"])
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="absent: install with: get it"):
        absent(missing)
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="absent: install with: get it"):
        absent(missing)


def test_a_build_that_fails_is_shown_with_its_error(tiny):
    (tiny.examples / "tiny" / "setup.py").write_text("raise SystemExit('no such header: tiny.h')\n")
    found = build.build(tiny, "tiny", environment.installed(tiny))
    assert set(found) == {"route", "failed"}
    assert "no such header: tiny.h" in found["failed"]
    assert "no such header: tiny.h" in (tiny.build / "tiny.log").read_text()
    assert routes.result(found).failed == found["failed"]


def test_a_build_that_is_known_keeps_the_time_of_the_real_one(tiny):
    there = environment.installed(tiny)
    unmeasured = build.build(tiny, "tiny", there)
    assert unmeasured["build_seconds"] is None
    assert build.build(tiny, "tiny", there) == unmeasured
    measured = build.build(tiny, "tiny", there, measure=True)
    assert measured["build_seconds"] > 0
    assert build.build(tiny, "tiny", there, measure=True) == measured
    assert build.build(tiny, "tiny", there) == measured
    (tiny.examples / "tiny" / "glue_tiny.py").write_text("answer = 43\n")
    assert build.known(tiny, "tiny") == {}
    changed = build.build(tiny, "tiny", there)
    assert changed["build_seconds"] is None
    assert changed["inputs"] != measured["inputs"]


def test_a_probe_that_dies_is_a_failed_route(tiny):
    (tiny.examples / "tiny" / "glue_tiny.py").write_text("import os\nos.abort()\n")
    found = build.build(tiny, "tiny", environment.installed(tiny))
    assert "ended with -6" in build.probe(tiny, found)["failed"]


def test_an_interrupt_leaves_what_is_known(place, results):
    kept = []

    class Interrupted(Silent):
        def step(self, what, share):
            if what.startswith("import of"):
                raise KeyboardInterrupt

        def keep(self, result):
            kept.append(result)

    with pytest.raises(KeyboardInterrupt):
        routes.run(Options(quick=True, only=["ctypes"], source=place.root), Interrupted())
    [found] = kept
    assert found.route == "ctypes"
    assert found.build.median > 0
    assert {c.call for c in found.calls} == {"erf", "solve_tridiagonal", "integrate"}
    assert found.import_ is None


def test_a_command_that_is_given_up_leaves_no_child(place, tmp_path):
    note = tmp_path / "pid"
    with pytest.raises(subprocess.TimeoutExpired):
        environment.run(place, "sh", "-c", f"sleep 60 & echo $! > {note}; wait", timeout=0.5)
    status = Path("/proc") / note.read_text().strip() / "stat"
    end = time.monotonic() + 10
    state = "R"
    while state not in ("", "Z") and time.monotonic() < end:
        state = ""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state = status.read_text().rpartition(")")[2].split()[0]
    assert state in ("", "Z")


def test_the_checkout_is_found_from_a_folder_in_it_and_from_the_package(monkeypatch, place):
    monkeypatch.chdir(place.examples / "cffi")
    assert checkout.find() == place
    monkeypatch.chdir("/")
    assert checkout.find() == place


def test_a_folder_that_is_no_checkout_is_named(tmp_path, monkeypatch):
    with pytest.raises(CompareError, match=f"`--source` is {tmp_path}, expected the checkout"):
        routes.ready(Options(source=tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkout, "__file__", str(tmp_path / "checkout.py"))
    with pytest.raises(CompareError, match="give it with `--source DIR`"):
        routes.ready(Options())


def test_a_checkout_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "build").touch()
    with (
        pytest.raises(CompareError, match=f"{tmp_path}/build/glue: Not a directory"),
        build.alone(checkout.Checkout(tmp_path), print),
    ):
        pass
