"""Chunks on MPI ranks: each takes the next one from a counter on rank 0 when it is free.

The counter is read and raised in one step by one-sided communication, so no rank serves the
others. A chunk is done on a thread beside the main one, which meanwhile calls MPI every few
milliseconds: implementations that carry out one-sided operations in software need that of rank 0,
and it is how a rank learns that another has failed, even while its own chunk hangs.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ferrotran.scale import _stores
from ferrotran.scale._cores import affinity, shared
from ferrotran.scale._engines import Options, Team, stuck
from ferrotran.scale._errors import Index, portable
from ferrotran.scale._job import Job
from ferrotran.scale._journal import differ, durable

T = TypeVar("T")

NEXT, DONE, STOP = range(3)
"""Numbers on the board: the next task, finished chunks, whether to stop."""

PROGRESS = 0.002
"""Seconds between two calls of MPI while a chunk is done."""

LOOK = 0.05
"""Seconds between two looks at the board while a chunk is done."""

PIECE = 1 << 30
"""Bytes of one message at most."""


def team(comm: Any) -> MpiTeam:
    """Return the ranks of a communicator as a team."""
    mpi = _stores.need("mpi4py.MPI", 'engine="mpi"')
    comm = mpi.COMM_WORLD if comm is None else comm
    if not isinstance(comm, mpi.Intracomm) or comm == mpi.COMM_NULL:
        raise TypeError(f"`comm` is {comm!r}, expected an intracommunicator of mpi4py")
    return MpiTeam(comm, mpi)


class MpiTeam(Team):
    """The ranks that make the same call of `map_chunks`."""

    def __init__(self, comm: Any, mpi: Any) -> None:
        self.mpi = mpi
        self.comm = comm.Dup()  # the user's messages are not ours
        self.rank, self.size = self.comm.rank, self.comm.size
        self.leader = self.rank == 0
        node = self.comm.Split_type(mpi.COMM_TYPE_SHARED)
        mine = sorted(affinity())
        self.cores = shared(mine, node.allgather(mine))
        self.one_node = bool(self.comm.allreduce(node.size == self.size, op=mpi.LAND))
        node.Free()
        _stores.limit_codecs(self.cores)

    def all(self, step: Callable[[], T]) -> T:
        """Run a step in every rank; if it raises in any, raise in all."""
        try:
            value = step()
        except Exception as error:
            self.comm.allgather(_sendable(error, self.rank))
            raise
        for other in self.comm.allgather(None):
            if other is not None:
                raise other
        return value

    def first(self, step: Callable[[], T]) -> T:
        """Run a step in rank 0, and return what it returns, or raise, in all."""
        if self.leader:
            try:
                value = step()
            except Exception as error:
                self.comm.bcast((None, _sendable(error, self.rank)))
                raise
            self.comm.bcast((value, None))
            return value
        value, sent = self.comm.bcast(None)
        if sent is not None:
            raise sent
        return value

    def same(self, what: dict[str, Any]) -> None:
        """Raise in all ranks if they do not make the same call."""

        def compare() -> None:
            differ(theirs, what, f"ranks 0 and {self.rank} make different calls")

        theirs = self.comm.bcast(json.loads(json.dumps(what)))
        self.all(compare)

    def check(self, job: Job) -> None:
        """Raise where an output cannot be written from several nodes."""
        for x in job.outputs:
            if x.dtype.hasobject:
                raise TypeError(f"`{x.name}` is of Python objects, expected numbers")
            if isinstance(x.data, np.memmap) and durable(x) and not self.one_node:
                raise ValueError(
                    f"`{x.name}` is a memmap, but the ranks are on several nodes, whose page "
                    "caches need not agree. Take a zarr array"
                )

    def end(self) -> None:
        """Free the communicator; where ranks have come apart there is no way to."""
        if sys.exc_info()[0] is None or isinstance(sys.exc_info()[1], Exception):
            self.comm.Free()


def _sendable(error: Exception | None, rank: int) -> Exception | None:
    if error is None or portable(error) is not None:
        return error
    return RuntimeError(f"rank {rank}: {type(error).__name__}: {error}")


class Board:
    """Three numbers on rank 0 that every rank reads and raises without its help."""

    def __init__(self, team: MpiTeam) -> None:
        self.mpi = team.mpi
        size = 3 * 8 if team.leader else 0
        self.window = self.mpi.Win.Allocate(size, 8, comm=team.comm)
        if team.leader:
            self.window.Lock(0)
            np.frombuffer(self.window.tomemory(), np.int64)[:] = 0
            self.window.Unlock(0)
        team.comm.Barrier()
        self.window.Lock_all()

    def add(self, slot: int, amount: int) -> int:
        """Raise a number; return what it was before."""
        before = np.empty(1, np.int64)
        operation = self.mpi.SUM if amount else self.mpi.NO_OP
        self.window.Fetch_and_op(np.array([amount], np.int64), before, 0, slot, operation)
        self.window.Flush(0)
        return int(before[0])

    def read(self, slot: int) -> int:
        """Return a number."""
        return self.add(slot, 0)

    def free(self) -> None:
        """Free the window, in all ranks together."""
        self.window.Unlock_all()
        self.window.Free()


class Hand:
    """The thread that does the chunks of this rank, one after another."""

    def __init__(self, job: Job, threads: int) -> None:
        self.job = job
        self.threads = threads
        self.orders: queue.SimpleQueue[Index | None] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        threading.Thread(target=self.work, name="ferrotran-scale-0", daemon=True).start()

    def work(self) -> None:
        """Do chunks until there is an order to end."""
        while (index := self.orders.get()) is not None:
            try:
                self.job.do(index, threads=self.threads)
            except BaseException as error:
                self.answers.put(error)
            else:
                self.answers.put(None)


class Rank:
    """What one rank does in one job."""

    def __init__(self, job: Job, options: Options, team: MpiTeam) -> None:
        self.job = job
        self.team = team
        self.timeout = options.timeout
        self.board = Board(team)
        self.hand = Hand(job, options.threads or team.cores)
        self.done: list[Index] = []
        self.working: Index | None = None
        self.error: BaseException | None = None
        self.seen = 0  # finished chunks of all ranks when last looked at
        self.news = self.looked = time.monotonic()

    def work(self) -> None:
        """Do chunks until there are none or any rank stops."""
        tasks = self.job.tasks
        try:
            while not self.look(always=True):
                number = self.board.add(NEXT, 1)
                if number >= len(tasks):
                    break
                self.working = tasks[number]
                self.hand.orders.put(self.working)
                if not self.finish():
                    return
                self.done.append(self.working)
                self.working = None
                self.board.add(DONE, 1)
        except BaseException as error:
            self.error = error
            self.board.add(STOP, 1)
        finally:
            self.hand.orders.put(None)

    def finish(self) -> bool:
        """Wait for the chunk in work; False if the ranks stop before it is finished."""
        while True:
            try:
                error = self.hand.answers.get(timeout=PROGRESS)
            except queue.Empty:
                self.team.comm.Iprobe()
                if self.look() and not self.settle():
                    return False
                continue
            if error is not None:
                raise error
            return True

    def settle(self) -> bool:
        """Whether to let the chunk in work end although the ranks stop: not after a timeout."""
        return self.timeout is None or time.monotonic() - self.news <= self.timeout

    def look(self, always: bool = False) -> bool:
        """Read the board; return whether the ranks stop."""
        now = time.monotonic()
        if not always and now - self.looked < LOOK:
            return False
        self.looked = now
        done = self.board.read(DONE)
        if done != self.seen:
            self.seen, self.news = done, now
            if self.team.leader:
                self.job.progress(done)
        if self.timeout is not None and now - self.news > self.timeout:
            self.board.add(STOP, 1)
        return self.board.read(STOP) > 0

    def meet(self) -> None:
        """Wait for all ranks, without a spinning one: the cores are for those that still work."""
        request = self.team.comm.Ibarrier()
        while not request.Test():
            time.sleep(PROGRESS)
            self.look()
            if self.timeout is not None and time.monotonic() - self.news > 3 * self.timeout:
                sys.stderr.write("ferrotran: a rank does not answer, the MPI job is aborted\n")
                sys.stderr.flush()
                self.team.comm.Abort(1)
        if self.team.leader:
            self.job.progress(self.board.read(DONE))

    def agree(self) -> list[list[Index]]:
        """Raise the same error in all ranks if there is one; return who did what."""
        interrupted = isinstance(self.error, KeyboardInterrupt)
        sent = None
        if isinstance(self.error, Exception):
            sent = _sendable(self.error, self.team.rank)
        everyone = self.team.comm.allgather((interrupted, sent, self.working, self.done))
        if any(row[0] for row in everyone):
            raise KeyboardInterrupt("a rank was interrupted")
        for rank, row in enumerate(everyone):
            if row[1] is not None:
                raise row[1] if rank != self.team.rank or self.error is None else self.error
        working = [row[2] for row in everyone if row[2] is not None]
        finished = sum(len(row[3]) for row in everyone)
        if finished < len(self.job.tasks):
            raise stuck(self.job, working, self.timeout or 0.0)
        return [row[3] for row in everyone]


def run(job: Job, options: Options) -> None:
    """Do all chunks of the job, together with the other ranks."""
    team = options.team
    assert isinstance(team, MpiTeam)
    rank = Rank(job, options, team)
    rank.work()
    rank.meet()
    try:
        owners = rank.agree()
    finally:
        rank.board.free()
    share(job, team, owners)


def share(job: Job, team: MpiTeam, owners: list[list[Index]]) -> None:
    """Send the results in memory from the rank that has a chunk to all others."""
    for number, x in enumerate(job.outputs):
        if not x.local or durable(x) or team.size == 1:
            continue
        for root, indices in enumerate(owners):
            for index in indices:
                region = job.plan.output_region(index, number)
                shape = tuple(s.stop - s.start for s in region)
                if team.rank == root:
                    block = np.ascontiguousarray(x.array()[region])
                else:
                    block = np.empty(shape, x.dtype)
                flat = block.reshape(-1).view(np.uint8)
                for start in range(0, flat.size, PIECE):
                    team.comm.Bcast(flat[start : start + PIECE], root=root)
                if team.rank != root:
                    x.write(region, block)
