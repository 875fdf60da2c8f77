"""The engines: each is a module with a function ``run(job, options) -> None``.

What an engine must do
----------------------
``run`` works off ``job.tasks``, indices of chunks in any order and with any concurrency, and
returns when every one of them is finished. For each index::

    blocks = job.blocks(index)                 # the caller's process: slices of arrays in memory
    results = job.do(index, blocks, threads)   # anywhere: read, compute, write, mark
    job.accept(index, results)                 # the caller's process: memory, progress

An engine of this process leaves `blocks` away and passes None to `accept`: `do` reads and fills
arrays in memory itself. For other processes there are ``job.packed(engine)``, a few kilobytes (it
has neither tasks nor arrays in memory; it raises where a kernel cannot be sent), and in the
worker ``_job.work(packed, index, blocks, threads)``, which keeps the job and its arrays open for
the next chunk. `blocks` and `results` are None, or tuples of NumPy arrays and None, and travel
with the task. `_stores.limit_codecs` bounds zarr's threads in the worker; `threads` is the number
of threads of the kernel. A chunk may be done twice, where a worker died after its first time: the
bits are the same. `accept` is called once for each index, from one thread at a time.

- An error: `do` raises `ChunkError`, which pickles. ``run`` gives out no more chunks, may let
  those in work end, and raises it. Where a worker is lost for good, ``run`` raises
  ``job.failed(index, "what was done", cause)``.
- A timeout: when no chunk has been finished for ``options.timeout`` seconds, ``run`` raises
  ``stuck(job, indices, options.timeout)`` with the chunks in work, and waits for nothing.
- Ctrl-C: ``run`` gives out no more chunks and lets `KeyboardInterrupt` pass.

A module may define ``team(comm)`` too, which returns a `Team`: how the processes that all call
`map_chunks` agree. Without it there is one process.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, TypeVar

from ferrotran.scale._errors import Index, chunk_error
from ferrotran.scale._job import Job

T = TypeVar("T")

NAMES = ("threads", "mpi", "dask", "spark")


class Team:
    """The one process that calls `map_chunks`; an engine with several derives its own."""

    leader = True
    size = 1

    def all(self, step: Callable[[], T]) -> T:
        """Run a step in every process; if it raises in any, it raises in all."""
        return step()

    def first(self, step: Callable[[], T]) -> T:
        """Run a step in the leader, and return what it returns, or raise, in all."""
        return step()

    def same(self, what: dict[str, Any]) -> None:
        """Raise in all processes if they do not make the same call."""

    def check(self, job: Job) -> None:
        """Raise if the processes cannot do the job together."""

    def end(self) -> None:
        """Free what the team holds."""


@dataclasses.dataclass(frozen=True)
class Options:
    """The arguments of `map_chunks` that are the engine's."""

    workers: int | None = None
    threads: int | None = None
    client: Any = None
    spark: Any = None
    timeout: float | None = None
    team: Team = dataclasses.field(default_factory=Team)


def load(name: str) -> Any:
    """Return the module of an engine."""
    if name not in NAMES:
        raise ValueError(f"`engine` is {name!r}, expected any of {', '.join(map(repr, NAMES))}")
    return import_module(f"ferrotran.scale._engines.{name}")


def stuck(job: Job, indices: Iterable[Index], seconds: float, why: str = "") -> TimeoutError:
    """Return the error of a job in which no chunk was finished for some time."""
    chunks = sorted(indices)
    shown = ", ".join(map(str, chunks[:10])) + (", ..." if len(chunks) > 10 else "")
    text = f"no chunk was finished within {seconds:g} s; in work: {shown or 'none'}"
    error = TimeoutError(text + (f" ({why})" if why else ""))
    if chunks:
        error.__cause__ = chunk_error(chunks[0], job.plan.output_region(chunks[0]), "in work", text)
    return error
