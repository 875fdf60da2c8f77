"""The environment that all routes are built and installed in, and what is missing in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ferrotran_compare.results import CompareError
from ferrotran_compare.routes import catalogue
from ferrotran_compare.routes.checkout import Checkout

PIP = ("-m", "pip", "--disable-pip-version-check")


@contextlib.contextmanager
def _started(
    checkout: Checkout, command: tuple[str | Path, ...], settings: dict[str, str], errors: Any
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a session of its own, which is killed when the block ends early.

    Ctrl-C or a timeout must not leave a compiler below a pip that has gone.
    """
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    env["PATH"] = f"{checkout.python.parent}{os.pathsep}{env['PATH']}"  # its tools come first
    with subprocess.Popen(
        [str(c) for c in command],
        env=env | settings,
        cwd=checkout.root,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    ) as process:
        try:
            yield process
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


def run(
    checkout: Checkout, *command: str | Path, timeout: float | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    with _started(checkout, command, settings, subprocess.PIPE) as process:
        out, err = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def follow(
    checkout: Checkout, *command: str | Path, line: Callable[[str], None]
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and hand over each line of its output as it comes."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        with _started(checkout, command, {}, errors) as process:
            assert process.stdout is not None
            for text in process.stdout:
                line(text)
            process.wait()
        errors.seek(0)
        return subprocess.CompletedProcess(process.args, process.returncode, "", errors.read())


def pinned(checkout: Checkout) -> dict[str, str]:
    """Return the lines of the requirements by name."""
    lines = [x.strip() for x in checkout.requirements.read_text().splitlines()]
    return {x.partition("==")[0]: x for x in lines if x and not x.startswith("#")}


def make(checkout: Checkout, say: Callable[[str], None] = lambda what: None) -> None:
    """Make the environment; a tool that cannot be had is noticed later, by `missing`."""
    venv = checkout.build / "venv"
    stamp = venv / ".installed"
    state = f"{sys.version} {checkout.requirements.read_text()}"
    if stamp.is_file() and stamp.read_text() == state:
        return
    say(f"tools of {checkout.requirements.name} into {checkout.shown(venv)}")
    shutil.rmtree(venv, ignore_errors=True)
    for known in checkout.build.glob("*.json"):  # what these speak of is no longer installed
        known.unlink()
    made = run(checkout, sys.executable, "-m", "venv", venv)
    if made.returncode != 0:
        raise CompareError(f"{sys.executable} -m venv failed:\n{made.stdout}{made.stderr}".strip())
    install = [checkout.python, *PIP, "install", "--quiet", "--no-deps"]
    if run(checkout, *install, "-r", checkout.requirements).returncode == 0:
        stamp.write_text(state)
        return
    for line in pinned(checkout).values():  # what can be had is enough for some routes
        run(checkout, *install, "--retries", "0", "--timeout", "5", line)


def installed(checkout: Checkout) -> set[str]:
    """Names of the packages in the environment, in lower case, with dashes."""
    code = "import importlib.metadata as m, json; "
    code += "print(json.dumps([d.name for d in m.distributions()]))"
    names = json.loads(run(checkout, checkout.python, "-I", "-c", code).stdout)
    return {n.lower().replace("_", "-") for n in names}


def missing(checkout: Checkout, route: str, there: set[str]) -> list[str]:
    """Return the commands that install what a route lacks; `there` are the installed packages."""
    entry = catalogue.ROUTES[route]
    pins = pinned(checkout)
    absent = [pins[n] for n in ("numpy", *entry.requirements) if n.lower() not in there]
    python = checkout.shown(checkout.python)
    lacking = [f"{python} -m pip install {' '.join(absent)}"] if absent else []
    return lacking + [catalogue.COMMANDS[c] for c in entry.commands if not shutil.which(c)]
