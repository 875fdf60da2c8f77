"""The machine that a comparison runs on. Standard library only."""

from __future__ import annotations

import dataclasses
import os
import platform
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Machine:
    """What a reader of the figures must know; None where the system does not tell."""

    processor: str | None
    cores: int
    memory_bytes: int | None
    system: str
    load_average: float | None

    @property
    def busy(self) -> bool:
        """Whether other work took more than half of the processors."""
        return self.load_average is not None and self.load_average > 0.5 * self.cores


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str | None:
    """Name of the processor, as the kernel tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine() or None


def memory_bytes() -> int | None:
    """Bytes of main memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def load_average() -> float | None:
    """Processes that ran or waited to run during the last minute, on average."""
    try:
        return round(os.getloadavg()[0], 2)
    except (OSError, AttributeError):
        return None


def machine() -> Machine:
    """Look at this machine."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Machine(processor(), cores(), memory_bytes(), system, load_average())
