"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
MINE = Path("/proc/self/cgroup")

LIMITS = ("SLURM_CPUS_PER_TASK", "FERROTRAN_NUM_THREADS", "RAYON_NUM_THREADS")
"""Variables that say how many cores or threads a process is meant to use."""

LOCAL_SIZES = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMIX_LOCAL_SIZE")
"""Variables with the number of MPI ranks on this node."""


def cores() -> int:
    """Return the number of cores that this process may use without taking another's.

    The least of the cores it is bound to, the CPU quota of its control group, and
    ``SLURM_CPUS_PER_TASK``, ``FERROTRAN_NUM_THREADS`` and ``RAYON_NUM_THREADS``. The MPI ranks of
    a node that are bound to the same cores have equal shares of them.

    Returns
    -------
    int
        1 or more.

    Examples
    --------
    >>> from ferrotran.scale import cores
    >>> cores() >= 1
    True
    """
    mine = len(affinity())
    return limited(mine / sharing(mine, os.environ))


cores.__module__ = "ferrotran.scale"


def shared(mine: Sequence[int], all_masks: Sequence[Sequence[int]]) -> int:
    """Return the cores of one rank, given those that each rank of its node is bound to.

    A core that several ranks may use counts as a share for each.
    """
    holders: dict[int, int] = {}
    for mask in all_masks:
        for core in mask:
            holders[core] = holders.get(core, 0) + 1
    return limited(math.fsum(1 / holders[core] for core in mine))


def limited(count: float) -> int:
    """Return `count` as a number of cores, no more than the limits of this process."""
    bounds = [count, *_variables(os.environ)]
    quota = group_quota()
    if quota is not None:
        bounds.append(quota)
    return max(1, int(min(bounds) + 1e-9))


def affinity(pid: int = 0) -> set[int]:
    """Return the cores that a process is bound to, by default this one."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(pid))
    return set(range(os.cpu_count() or 1))


def sharing(mine: int, environ: Mapping[str, str]) -> int:
    """How many MPI ranks share the `mine` cores of this one, as far as its environment tells.

    The cores of the node's ranks together are those of their launcher, this process's parent.
    """
    local = next((n for name in LOCAL_SIZES if (n := _integer(environ.get(name)))), None)
    local = local or _step_tasks(environ)
    if local == 1:
        return 1
    try:
        node = len(affinity(os.getppid()))
    except OSError:
        node = os.cpu_count() or 1
    on_node = _integer(environ.get("SLURM_CPUS_ON_NODE"))
    if on_node:
        node = min(node, on_node)
    return max(1, min(local, math.ceil(local * mine / max(node, 1))))


def _step_tasks(environ: Mapping[str, str]) -> int:
    """Return the tasks of Slurm's step on this node; ``2(x3),1`` is 2 on three nodes, then 1."""
    at = int(environ.get("SLURM_NODEID") or 0)
    for part in environ.get("SLURM_STEP_TASKS_PER_NODE", "").split(","):
        tasks, _, nodes = part.rstrip(")").partition("(x")
        at -= _integer(nodes) or 1
        if at < 0:
            return _integer(tasks) or 1
    return 1


def group_quota(mine: Path = MINE, root: Path = GROUPS) -> float | None:
    """Return the CPU quota of the control group or of one above it, in cores; None without one."""
    try:
        lines = mine.read_text().splitlines()
    except OSError:
        return None
    found: list[float] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found += _walk(root, path, _quota_v2)
        elif "cpu" in controllers.split(","):
            for mount in ("cpu", "cpu,cpuacct", controllers):
                if (root / mount).is_dir():
                    found += _walk(root / mount, path, _quota_v1)
                    break
    return min(found, default=None)


def _walk(root: Path, path: str, quota: Callable[[Path], float | None]) -> list[float]:
    folder = root / path.strip("/")
    # In a container the path may be that of the host, which is not mounted: its root is.
    folders = [folder, *(p for p in folder.parents if p.is_relative_to(root))]
    return [q for f in folders if (q := quota(f)) is not None]


def _quota_v2(folder: Path) -> float | None:
    try:
        limit, period = (folder / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return None
    return None if limit == "max" else int(limit) / int(period)


def _quota_v1(folder: Path) -> float | None:
    try:
        limit = int((folder / "cpu.cfs_quota_us").read_text())
        period = int((folder / "cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return None
    return limit / period if limit > 0 and period > 0 else None


def _variables(environ: Mapping[str, str]) -> list[int]:
    return [n for name in LIMITS if (n := _integer(environ.get(name)))]


def _integer(text: str | None) -> int | None:
    """Return the number that a variable holds, if it is 1 or more."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if number >= 1 else None
