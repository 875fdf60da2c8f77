"""Chunks on MPI ranks: rank 0 gives the next one to whichever is free, itself included.

A chunk is done on a thread beside the main one, which meanwhile calls MPI every two milliseconds:
so rank 0 serves the others while it works, and a rank hears that another has failed even while
its own chunk hangs. MPI is called from the main thread alone. A counter in a window of one-sided
communication would need no rank to serve, but Debian's Open MPI 4.1 refuses windows between nodes
where threads are allowed, and others need the calls of rank 0 for them all the same.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from typing import Any

import numpy as np

from ferrotran.scale import _stores
from ferrotran.scale._engines import Options, stuck
from ferrotran.scale._engines._mpi_team import MpiTeam, sendable
from ferrotran.scale._errors import Index
from ferrotran.scale._job import Job
from ferrotran.scale._journal import durable

ASK, ANSWER, ABANDON = 1, 2, 3
"""Tags: to rank 0, whether a chunk is finished and whether one failed; the number of the next
chunk; that the chunk in work is given up."""

NONE = -1
"""The number of the next chunk where there is none."""

PROGRESS = 0.002
"""Seconds between two calls of MPI while a chunk is done."""

PATIENCE = 3
"""So many times the timeout a rank waits for one that does not answer at all, then it aborts."""

PIECE = 1 << 30
"""Bytes of one message at most."""


def team(comm: Any) -> MpiTeam:
    """Return the ranks of a communicator as a team."""
    mpi = _stores.need("mpi4py.MPI", 'engine="mpi"')
    comm = mpi.COMM_WORLD if comm is None else comm
    if not isinstance(comm, mpi.Intracomm) or comm == mpi.COMM_NULL:
        raise TypeError(f"`comm` is {comm!r}, expected an intracommunicator of mpi4py")
    return MpiTeam(comm, mpi)


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
        self.comm = team.comm
        self.timeout = options.timeout
        self.hand = Hand(job, options.threads or team.cores)
        self.done: list[Index] = []
        self.working: Index | None = None
        self.error: BaseException | None = None
        self.abandoned = False
        self.heard = time.monotonic()

    def work(self) -> None:
        """Do chunks until there are none or any rank fails."""
        finished = 0
        try:
            while (number := self.ask(finished, 0)) != NONE:
                self.working = self.job.tasks[number]
                self.hand.orders.put(self.working)
                if not self.finish():
                    break
                self.done.append(self.working)
                self.working = None
                finished = 1
            else:
                return
        except BaseException as error:
            self.error = error
        finally:
            self.hand.orders.put(None)
        while self.ask(0, 1) != NONE:
            pass

    def finish(self) -> bool:
        """Wait for the chunk in work; False if it is given up."""
        while True:
            try:
                error = self.hand.answers.get(timeout=PROGRESS)
            except queue.Empty:
                self.tick()
                if self.abandoned:
                    return False
                continue
            if error is not None:
                raise error
            return True

    def ask(self, finished: int, failed: int) -> int:
        """Tell rank 0 how the last chunk ended; return the number of the next."""
        self.comm.Send(np.array([finished, failed], np.int64), 0, ASK)
        start = time.monotonic()
        while not self.comm.Iprobe(0, ANSWER):
            self.tick()
            time.sleep(PROGRESS / 4)
            self.patient(start)
        number = np.empty(1, np.int64)
        self.comm.Recv(number, 0, ANSWER)
        return int(number[0])

    def tick(self) -> None:
        """Hear what rank 0 has to say."""
        if self.comm.Iprobe(0, ABANDON):
            self.comm.Recv(np.empty(0, np.int64), 0, ABANDON)
            self.abandoned = True

    def patient(self, start: float) -> None:
        """End the MPI job if a rank has not answered for long: nothing else ends a hang."""
        if self.timeout is not None and time.monotonic() - start > PATIENCE * self.timeout:
            sys.stderr.write("ferrotran: a rank does not answer, the MPI job is aborted\n")
            sys.stderr.flush()
            self.comm.Abort(1)

    def meet(self) -> None:
        """Wait for all ranks, without spinning: the cores are for those that still work."""
        request = self.comm.Ibarrier()
        while not request.Test():
            self.tick()
            time.sleep(PROGRESS)

    def agree(self) -> list[list[Index]]:
        """Raise the same error in all ranks if there is one; return who did what."""
        interrupted = isinstance(self.error, KeyboardInterrupt)
        sent = None
        if isinstance(self.error, Exception):
            sent = sendable(self.error, self.team.rank)
        everyone = self.comm.allgather((interrupted, sent, self.working, self.done))
        if any(row[0] for row in everyone):
            raise KeyboardInterrupt("a rank was interrupted")
        for rank, row in enumerate(everyone):
            if row[1] is not None:
                raise row[1] if rank != self.team.rank or self.error is None else self.error
        if sum(len(row[3]) for row in everyone) < len(self.job.tasks):
            working = [row[2] for row in everyone if row[2] is not None]
            raise stuck(self.job, working, self.timeout or 0.0)
        return [row[3] for row in everyone]


class Leader(Rank):
    """Rank 0, which also gives out the chunks and keeps the time."""

    def __init__(self, job: Job, options: Options, team: MpiTeam) -> None:
        super().__init__(job, options, team)
        self.next = 0
        self.stopped = False
        self.news = time.monotonic()

    def ask(self, finished: int, failed: int) -> int:
        """Note how a chunk of this rank or another ended; return the number of the next."""
        self.stopped |= bool(failed)
        if finished:
            self.news = time.monotonic()
            self.job.progress(self.job.done + 1)
        if self.stopped or self.next >= len(self.job.tasks):
            return NONE
        self.next += 1
        return self.next - 1

    def tick(self) -> None:
        """Serve the other ranks, and look at the time."""
        status = self.team.mpi.Status()
        ended = np.empty(2, np.int64)
        while self.comm.Iprobe(tag=ASK, status=status):
            self.comm.Recv(ended, status.source, ASK)
            try:
                number = self.ask(*map(int, ended))
            except BaseException as error:  # of the user's `progress`; the other needs an answer
                self.error = self.error or error
                self.stopped = True
                number = NONE
            self.comm.Send(np.array([number], np.int64), status.source, ANSWER)
        late = self.timeout is not None and time.monotonic() - self.news > self.timeout
        if late and not self.abandoned:
            self.abandoned = self.stopped = True
            for rank in range(1, self.team.size):
                self.comm.Isend(np.empty(0, np.int64), rank, ABANDON).Free()
        if self.abandoned:
            self.patient(self.news)


def run(job: Job, options: Options) -> None:
    """Do all chunks of the job, together with the other ranks."""
    team = options.team
    assert isinstance(team, MpiTeam)
    rank = (Leader if team.leader else Rank)(job, options, team)
    rank.work()
    rank.meet()
    share(job, team, rank.agree())


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
