"""How the ranks that all call `map_chunks` agree."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ferrotran.scale import _stores
from ferrotran.scale._cores import affinity, shared
from ferrotran.scale._engines import Team
from ferrotran.scale._errors import portable
from ferrotran.scale._job import Job
from ferrotran.scale._journal import differ, durable

T = TypeVar("T")


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
            self.comm.allgather(sendable(error, self.rank))
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
                self.comm.bcast((None, sendable(error, self.rank)))
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


def sendable(error: Exception | None, rank: int) -> Exception | None:
    if error is None or portable(error) is not None:
        return error
    return RuntimeError(f"rank {rank}: {type(error).__name__}: {error}")
