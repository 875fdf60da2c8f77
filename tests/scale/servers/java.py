"""Servers that are Java programs: one process each, with a log, ended by its pid."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# A daemon of a test is small and short-lived: quick to start matters, throughput does not.
QUICK = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true"]


class ServerError(RuntimeError):
    """A server did not start, or ended by itself; the message has the end of its log."""


def find_tool(name: str, package: str) -> str:
    """Return the path of a program, or raise FileNotFoundError that names its Debian package."""
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"no `{name}` on PATH: apt-get install {package}")
    return found


def bound_to_us() -> list[str]:
    """Return the beginning of a command that has Linux end a program when this process ends.

    No context manager is left by a process that is killed. It counts the thread that starts the
    program, so that has to be the main thread.
    """
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM"] if found else []


def ask(url: str, timeout: float = 5) -> dict[str, Any]:
    """Return the JSON that a server answers to GET; {} where it does not, or not yet."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            found = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return found if isinstance(found, dict) else {}


class Server:
    """One process and the file its output goes to.

    Parameters
    ----------
    name : str
        Its name in messages.
    command : sequence of str
        Program and arguments.
    log : Path
        Where its output goes; a second process of the same log appends.
    env : mapping
        Its whole environment.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]
    ) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            # A session of its own: Ctrl-C in the terminal reaches the test, which stops the server.
            self.process = subprocess.Popen(
                [*bound_to_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
            )
        self.pid = self.process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def tail(self, lines: int = 30) -> str:
        """Return the last lines of its log, cut to 300 characters each."""
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(line[:300] for line in text)

    def wait_until(self, ready: Callable[[], object], what: str, timeout: float = 60) -> None:
        """Wait until `ready()` is true; ServerError after `timeout` seconds or if it ends first."""
        end = time.monotonic() + timeout
        while not ready():
            if not self.running:
                status = self.process.returncode
                raise ServerError(f"{self.name} ended with status {status}:\n{self.tail()}")
            if time.monotonic() > end:
                raise ServerError(f"{self.name}: no {what} after {timeout} s:\n{self.tail()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait(10)

    def stop(self, timeout: float = 20) -> None:
        """Ask it to end, and kill it if it has not after `timeout` seconds."""
        if not self.running:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()


def java(*, heap_mb: int, classpath: str, main: str, options: Sequence[str] = ()) -> list[str]:
    """Return the command that runs the class `main` in a small JVM."""
    program = find_tool("java", "openjdk-17-jre-headless")
    opens = [
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in ("java.lang", "java.util", "java.nio", "java.net", "sun.nio.ch")
    ]
    return [program, f"-Xmx{heap_mb}m", *QUICK, *opens, *options, "-cp", classpath, main]


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment with `more`, without another Hadoop's or Spark's."""
    foreign = ("HADOOP_", "YARN_", "HDFS_", "SPARK_", "JAVA_TOOL_OPTIONS")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return kept | more
