"""Chunks on threads of this process: kernels, zarr's codecs and reads leave the GIL."""

from __future__ import annotations

import queue
import threading
import time

from ferrotran._ferrotran import get_num_threads
from ferrotran.scale._cores import cores
from ferrotran.scale._engines import Options, stuck
from ferrotran.scale._errors import Index
from ferrotran.scale._job import Job

POLL = 0.1
"""Seconds after which the main thread looks up, for Ctrl-C and the timeout."""


def divide(options: Options) -> tuple[int, int]:
    """Return the number of workers and of threads of the kernel in each."""
    most = min(cores(), get_num_threads())
    workers, threads = options.workers, options.threads
    if workers is None:
        workers = max(1, most // (threads or 1))
    if threads is None:
        threads = max(1, most // workers)
    if threads > 1 and workers * threads > most:
        raise ValueError(
            f"`workers` times `threads` is {workers} x {threads}, expected at most the {most} "
            "cores of this process"
        )
    return workers, threads


class Pool:
    """Daemon threads that take chunks from a list, so that a hung one keeps nobody waiting."""

    def __init__(self, job: Job, workers: int, threads: int) -> None:
        self.job = job
        self.threads = threads
        self.lock = threading.Lock()
        self.left = iter(job.tasks)
        self.stopped = False
        self.busy: set[Index] = set()
        self.answers: queue.SimpleQueue[tuple[Index, BaseException | None]] = queue.SimpleQueue()
        for number in range(min(workers, len(job.tasks))):
            name = f"ferrotran-scale-{number}"
            threading.Thread(target=self.work, name=name, daemon=True).start()

    def take(self) -> Index | None:
        """Return the next chunk, None when there is none."""
        with self.lock:
            index = None if self.stopped else next(self.left, None)
            if index is not None:
                self.busy.add(index)
            return index

    def work(self) -> None:
        """Do chunks until there are none."""
        while (index := self.take()) is not None:
            error: BaseException | None = None
            try:
                self.job.do(index, threads=self.threads)
            except BaseException as raised:
                error = raised
            with self.lock:
                self.busy.discard(index)
                self.stopped |= error is not None
            self.answers.put((index, error))

    def wait(self) -> tuple[Index, BaseException | None] | None:
        """Return a chunk that has ended and what it raised; None if none does soon."""
        try:
            return self.answers.get(timeout=POLL)
        except queue.Empty:
            return None

    def stop(self) -> set[Index]:
        """Give out no more chunks; return those in work."""
        with self.lock:
            self.stopped = True
            return set(self.busy)


def run(job: Job, options: Options) -> None:
    """Do all chunks of the job."""
    pool = Pool(job, *divide(options))
    last = time.monotonic()
    left = len(job.tasks)
    try:
        while left:
            answer = pool.wait()
            if answer is None:
                if options.timeout is not None and time.monotonic() - last > options.timeout:
                    raise stuck(job, pool.stop(), options.timeout)
                continue
            index, error = answer
            if error is not None:
                raise error
            left -= 1
            last = time.monotonic()
            job.accept(index)
    except BaseException as error:
        if not isinstance(error, TimeoutError):
            drain(pool, options.timeout)
        raise


def drain(pool: Pool, timeout: float | None) -> None:
    """Let the chunks in work end, so that none writes after `map_chunks` has raised."""
    start = time.monotonic()
    while pool.stop() and (timeout is None or time.monotonic() - start < timeout):
        pool.wait()
