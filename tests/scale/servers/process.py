"""A server as a child process: start, stop, freeze, and come back on the same port."""

from __future__ import annotations

import abc
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")


def free_ports(n: int) -> list[int]:
    """Return `n` different ports of the loopback that nothing listens on now."""
    sockets = [socket.socket() for _ in range(n)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def free_port() -> int:
    """Return one such port."""
    return free_ports(1)[0]


def listens(port: int) -> bool:
    """Say whether something accepts connections on a port of loopback."""
    with socket.socket() as s:
        s.settimeout(1.0)
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], T], what: str, seconds: float = 30.0, every: float = 0.02) -> T:
    """Poll until `ready` returns something true, and return it.

    Raises
    ------
    TimeoutError
        When it has not after so many seconds; the message has `what`.
    """
    end = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not so after {seconds:g} s")
        time.sleep(every)
    return found


class Running(abc.ABC):
    """What a `with` block starts, and ends however the start or the block ends."""

    @abc.abstractmethod
    def start(self) -> Self:
        """Start everything and wait until it answers."""

    @abc.abstractmethod
    def stop(self) -> None:
        """End what runs."""

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *error: object) -> None:
        self.stop()


class ServerProcess(Running):
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
