"""Chunks as tasks of a Dask cluster, whoever started it."""

from __future__ import annotations

import queue
import time
from typing import Any

from ferrotran.scale import _stores
from ferrotran.scale._engines import Options, stuck
from ferrotran.scale._errors import ChunkError, Index
from ferrotran.scale._job import Blocks, Job, work

POLL = 0.2
"""Seconds after which the caller looks up, for Ctrl-C, the timeout and a lost scheduler."""

ANSWER = 2.0
"""Seconds to wait for an answer of the scheduler."""

AHEAD = 2
"""Tasks given out for each thread of the cluster, where slices of arrays travel with them."""

BYTES = 64 << 20
"""Or more, if they carry no more than this together."""

MANY = 1000
"""Tasks given out at a time at most; an adaptive cluster grows with them."""


def _client(given: Any) -> Any:
    distributed = _stores.need("distributed", 'engine="dask"')
    if given is None:
        try:
            given = distributed.get_client()
        except ValueError as error:
            raise ValueError(
                "`client` is None and there is no current one, expected a distributed.Client"
            ) from error
    if not isinstance(given, distributed.Client):
        raise TypeError(
            f"`client` is of type {type(given).__name__}, expected a distributed.Client"
        )
    if given.asynchronous:
        raise ValueError("`client` is asynchronous, expected one with asynchronous=False")
    return given


def do(packed: bytes, index: Index, blocks: Blocks | None, threads: int) -> Blocks | None:
    """Do one chunk on a worker."""
    import distributed

    _stores.limit_codecs(threads * distributed.get_worker().state.nthreads)
    return work(packed, index, blocks, threads)


class Run:
    """One job on a cluster."""

    def __init__(self, job: Job, options: Options) -> None:
        self.job = job
        self.client = _client(options.client)
        self.packed = job.packed('engine="dask"')
        self.threads = options.threads or 1
        self.timeout = options.timeout
        self.left = iter(job.tasks)
        self.futures: dict[Index, Any] = {}
        self.answers: queue.SimpleQueue[Index] = queue.SimpleQueue()
        self.load = job.travels(job.tasks[0])

    def ahead(self) -> int:
        """Return how many tasks may be given out at a time; the cluster may grow and shrink."""
        light = min(MANY, BYTES // max(self.load, 1))
        if light == MANY:
            return MANY
        return max(4, light, AHEAD * sum(self.workers().values()))

    def workers(self) -> dict[str, int]:
        """Return the threads of each worker; none of a scheduler that does not answer."""
        try:
            found: dict[str, int] = self.client.sync(
                self.client.scheduler.ncores, workers=None, callback_timeout=ANSWER
            )
        except (TimeoutError, OSError):
            return {}
        return found

    def fill(self, count: int) -> None:
        """Give out tasks until there are `count`."""
        while len(self.futures) < count and (index := next(self.left, None)) is not None:
            blocks = self.job.blocks(index)
            try:  # not pure: the same call a second time has to write again
                future = self.client.submit(
                    do, self.packed, index, blocks, self.threads, pure=False
                )
            except Exception as error:
                raise self.job.failed(index, "giving it to Dask", error) from error
            self.futures[index] = future
            future.add_done_callback(lambda _, index=index: self.answers.put(index))

    def take(self, index: Index) -> None:
        """Take in one result, or raise."""
        future = self.futures.pop(index)
        if future.status == "finished":
            self.job.accept(index, future.result(timeout=self.timeout))
            return
        error = future.exception(timeout=POLL) if future.status == "error" else None
        if isinstance(error, ChunkError):
            raise error
        why = error or f"the future is {future.status}, the scheduler {self.client.status}"
        raise self.job.failed(index, "running on a Dask worker", why)

    def run(self) -> None:
        """Do all chunks."""
        last = time.monotonic()
        count = self.ahead()
        try:
            self.fill(count)
            while self.futures:
                try:
                    index = self.answers.get(timeout=POLL)
                except queue.Empty:
                    self.idle(last)
                    count = self.ahead()
                    continue
                self.take(index)
                last = time.monotonic()
                self.fill(count)
        finally:
            for future in self.futures.values():
                future.release()  # unlike `cancel`, does not wait for the scheduler

    def idle(self, last: float) -> None:
        """Raise if nothing will come any more, or nothing came for too long."""
        if self.client.status not in ("running", "connecting"):
            index = min(self.futures)
            raise self.job.failed(
                index, "running on a Dask worker", f"the client is {self.client.status}"
            )
        if self.timeout is not None and time.monotonic() - last > self.timeout:
            workers = len(self.workers())
            raise stuck(self.job, self.futures, self.timeout, f"the cluster has {workers} workers")


def run(job: Job, options: Options) -> None:
    """Do all chunks of the job."""
    Run(job, options).run()
