"""Processes, ports and control groups of the private Slurm."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup/cpuset")
STEP = "slurmstepd\n"


def can_cage() -> bool:
    """Say whether Slurm can give tasks a cpuset: cgroup v1, writable."""
    return CGROUP.is_dir() and os.access(CGROUP, os.W_OK)


def adjacent_ports(count: int) -> list[int]:
    """Return adjacent TCP ports of loopback that nothing listens on."""
    for _ in range(100):
        with contextlib.ExitStack() as stack:
            first = 0
            try:
                for i in range(count):
                    s = stack.enter_context(socket.socket())
                    s.bind(("127.0.0.1", first + i if first else 0))
                    first = first or s.getsockname()[1]
            except (OSError, OverflowError):
                continue
            return list(range(first, first + count))
    raise OSError(f"no {count} adjacent free ports on 127.0.0.1")


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none when the process has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] == "Z" else fields


def started(pid: int) -> int:
    """Return when a process started, in ticks since boot; 0 when it has ended."""
    fields = _fields(pid)
    return int(fields[19]) if fields else 0


@dataclasses.dataclass
class Daemon:
    """A process that was started; the start time tells it from a later one of the same pid."""

    name: str
    pid: int
    started: int

    def alive(self) -> bool:
        """Say whether it still runs."""
        return self.started != 0 and started(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def job_processes(conf: Path, node: str | None = None) -> set[int]:
    """Return the processes of jobs of the Slurm with this slurm.conf, on one node or on all.

    Those with the environment of a job, and the slurmstepd above them.
    """
    wanted = {f"SLURM_CONF={conf}".encode()}
    wanted |= {f"SLURMD_NODENAME={node}".encode()} if node else set()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (process / "environ").read_bytes().split(b"\0")
            in_job = any(entry.startswith(b"SLURMD_NODENAME=") for entry in environment)
            if in_job and wanted <= set(environment):
                found.add(int(process.name))
                parent = (_fields(int(process.name)) or ["", "0"])[1]
                if Path(f"/proc/{parent}/comm").read_text() == STEP:
                    found.add(int(parent))
    return found


def kill_jobs(conf: Path, node: str | None = None) -> None:
    """End those processes at once."""
    for pid in job_processes(conf, node):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def remove_cage(node: str) -> None:
    """Remove the empty control groups that the slurmd of a node leaves."""
    folder = CGROUP / f"slurm_{node}"
    groups = [folder, *folder.rglob("*")] if folder.is_dir() else []
    for group in reversed([g for g in groups if g.is_dir()]):
        with contextlib.suppress(OSError):  # in use, by another Slurm
            group.rmdir()
