"""A server as a child process: start, stop, freeze, and come back on the same port."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self


def free_port() -> int:
    """Return a TCP port of loopback that nothing listens on at the moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port: int) -> bool:
    """Say whether something accepts connections on a port of loopback."""
    with socket.socket() as s:
        s.settimeout(1.0)
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Poll until `ready` returns true.

    Raises
    ------
    TimeoutError
        When it has not after so many seconds; the message has `what`.
    """
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not so after {seconds:g} s")
        time.sleep(0.02)


class ServerProcess:
    """One server process that listens on a port of loopback.

    A subclass sets `argv` and `log`, and may override `ready`. The port is chosen once, so that
    `stop` followed by `start` is a server that went away and came back.
    """

    name = "server"

    def __init__(self, log: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.log = log
        self.argv: Sequence[str] = ()
        self.user: str | None = None
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int | None:
        """Process id, None while the server is stopped."""
        return self._process.pid if self._process else None

    def ready(self) -> bool:
        """Say whether the server answers."""
        return listens(self.port)

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises
        ------
        RuntimeError
            When the process ends before it answers; the message has the end of its log.
        """
        assert self._process is None, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
            )
        try:
            wait_until(self._ready_or_dead, f"{self.name} on port {self.port} answers")
        except BaseException:
            self.stop()
            raise
        return self

    def _ready_or_dead(self) -> bool:
        assert self._process
        if (status := self._process.poll()) is not None:
            end = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended with status {status}:\n{end}")
        return self.ready()

    def stop(self) -> None:
        """End the server and wait for the end; its data stay."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)  # does nothing to a process that has ended
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10.0)

    def kill(self) -> None:
        """End the server at once, by SIGKILL; requests that it was serving are cut."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10.0)

    def freeze(self) -> None:
        """Stop the process by SIGSTOP: the kernel accepts connections, nobody answers them."""
        assert self._process, f"{self.name} does not run"
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        assert self._process, f"{self.name} does not run"
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
