"""Another Python that runs `job.py` beside this one: a free-threaded one, where it is present."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

JOB = Path(__file__).with_name("job.py")
NAMES = ("python3.15t", "python3.14t", "python3.13t")


def free_threaded() -> str | None:
    """Return the newest free-threaded Python on the path that starts."""
    for path in filter(None, map(shutil.which, NAMES)):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            command = [path, "-I", "-c", "import concurrent.futures"]
            subprocess.run(command, check=True, capture_output=True, timeout=30)
            return path
    return None


class Other:
    """A Python in a process of its own, which keeps its problems and its threads.

    Attributes
    ----------
    facts : dict
        What `job.facts` finds there.
    """

    def __init__(self, process: subprocess.Popen[str], size: int, most: int) -> None:
        self._process = process
        self.facts: dict[str, Any] = json.loads(self._ask(f"{size} {most}"))

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def run(self, workers: int) -> None:
        """Do all integrals; return when they are done."""
        if self._ask(str(workers)) != "done\n":
            raise RuntimeError(f"{self._process.args} has ended")

    def answers(self) -> list[float]:
        """Return the integrals of the last run."""
        return json.loads(self._ask("0"))


@contextlib.contextmanager
def started(python: str, size: int, most: int) -> Iterator[Other]:
    """Start a Python for `size` integrals in at most `most` threads; end it with the block.

    It has a session of its own, so that Ctrl-C reaches it by the end of the block only.
    """
    with subprocess.Popen(
        [python, "-I", JOB],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            yield Other(process, size, most)
        finally:
            process.kill()
