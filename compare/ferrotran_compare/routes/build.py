"""Build the routes into wheels, install them in one environment, and try them.

What is known of a route lies in build/glue/<route>.json of the checkout; what has not changed is
not built again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ferrotran_compare.results import CompareError
from ferrotran_compare.routes import catalogue, environment, sources
from ferrotran_compare.routes.checkout import Checkout

PROBE = Path(__file__).with_name("probe.py")
TAIL = 30  # lines of a failed build that are shown

_installing = threading.Lock()


def silent(what: str) -> None:
    """Say nothing."""


@contextlib.contextmanager
def alone(checkout: Checkout, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other runs out of the build folder."""
    try:
        checkout.build.mkdir(parents=True, exist_ok=True)
        lock = open(checkout.build / ".lock", "w")  # noqa: SIM115 - closed below
    except OSError as error:
        raise CompareError(f"{error.filename}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run in {checkout.build}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def known(checkout: Checkout, route: str) -> dict[str, Any]:
    """Return what is recorded of a route, if it still holds; else an empty dict."""
    file = checkout.record(route)
    found = json.loads(file.read_text()) if file.is_file() else {}
    same = found.get("inputs") == sources.digest(checkout, route)
    return found if same and Path(found["wheel"]).is_file() else {}


def record(checkout: Checkout, found: dict[str, Any]) -> dict[str, Any]:
    """Write what is known of a route; return it."""
    file = checkout.record(found["route"])
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1) + "\n")
    part.replace(file)
    return found


def failed(checkout: Checkout, route: str, what: str, text: str) -> dict[str, Any]:
    """Keep the whole text in a file, and the end of it in what is returned."""
    checkout.record(route).unlink(missing_ok=True)
    log = checkout.build / f"{route}.log"
    log.write_text(text)
    end = text.strip().splitlines()[-TAIL:]
    return {"route": route, "failed": "\n".join([f"{what} (all of it: {log})", *end])}


def build(
    checkout: Checkout, route: str, there: set[str], *, force: bool = False, measure: bool = False
) -> dict[str, Any]:
    """Build one route and install it, unless it is there.

    With `measure`, it is built from nothing and alone, and its time is recorded; a route that was
    built without being measured is built again. Without it, crates that another route has compiled
    are used, and the time is unknown.
    """
    if lacking := environment.missing(checkout, route, there):
        return {"route": route, "missing": lacking}
    old = known(checkout, route)
    if old and not force and (old["build_seconds"] is not None or not measure):
        return old
    folder, project = checkout.build / "wheels" / route, checkout.examples / route
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(project / "build", ignore_errors=True)
    if measure and (project / "Cargo.toml").is_file():  # the network is not measured
        environment.run(checkout, "cargo", "fetch", "--manifest-path", project / "Cargo.toml")
    python = [checkout.python, *environment.PIP]
    flags = ["--no-build-isolation", "--no-deps", "--no-index"]
    with tempfile.TemporaryDirectory(dir=checkout.build, prefix=f"{route}-") as fresh:
        target = fresh if measure else str(checkout.build / "target")
        start = time.perf_counter()
        made = environment.run(
            checkout, *python, "wheel", *flags, "-w", folder, project, CARGO_TARGET_DIR=target
        )
        seconds = time.perf_counter() - start
    if made.returncode != 0:
        return failed(checkout, route, "the build failed", made.stdout + made.stderr)
    wheel = next(folder.glob("*.whl"))
    with _installing:
        install = ["install", "--quiet", "--no-deps", "--no-index", "--force-reinstall", wheel]
        placed = environment.run(checkout, *python, *install)
    if placed.returncode != 0:
        return failed(checkout, route, "the wheel is not installed", placed.stdout + placed.stderr)
    pins = environment.pinned(checkout)
    found = {
        "route": route,
        "tools": [pins[r] for r in catalogue.ROUTES[route].requirements],
        "inputs": sources.digest(checkout, route),
        "wheel": str(wheel),
        "build_seconds": seconds if measure else None,
    }
    return record(checkout, found)


def probe(checkout: Checkout, found: dict[str, Any], *, again: bool = True) -> dict[str, Any]:
    """Run the probe on an installed route, unless it is known what it finds."""
    route = found["route"]
    found = found | {"lines": sources.lines(checkout, route)}
    digest = hashlib.sha256(PROBE.read_bytes()).hexdigest()
    if not again and found.get("probe") == digest:
        return found
    try:
        done = environment.run(checkout, checkout.python, "-I", PROBE, route, timeout=300)
    except subprocess.TimeoutExpired:
        return {"route": route, "failed": "the probe did not end within 300 s"}
    if done.returncode != 0:
        text = f"the probe ended with {done.returncode}\n{done.stderr}"
        return {"route": route, "failed": text.strip()}
    return record(checkout, found | json.loads(done.stdout) | {"probe": digest})


def build_all(
    checkout: Checkout,
    names: list[str] | None = None,
    *,
    force: bool = False,
    jobs: int | None = None,
    say: Callable[[str], None] = silent,
) -> list[dict[str, Any]]:
    """Build and probe routes side by side; nothing is measured.

    Returns
    -------
    list of dict
        For each route what its record has, or `missing`, or `failed`.
    """
    names = list(catalogue.ROUTES) if names is None else names
    with alone(checkout, say):
        environment.make(checkout, say)
        there = environment.installed(checkout)

        def one(route: str) -> dict[str, Any]:
            found = build(checkout, route, there, force=force)
            return probe(checkout, found) if "wheel" in found else found

        with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
            return list(pool.map(one, names))
