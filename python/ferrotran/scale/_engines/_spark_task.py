"""What executors of Spark run."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from ferrotran.scale._errors import ChunkError
from ferrotran.scale._job import work
from ferrotran.scale._stores import limit_codecs

SLICES = "number long, blocks binary"
RESULT = "number long, results binary, error binary"


class Finished:
    """How Spark adds up lists."""

    def zero(self, value: list[Any]) -> list[Any]:
        """Return what each task starts with."""
        return []

    def addInPlace(self, value: list[Any], more: list[Any]) -> list[Any]:
        """Append."""
        value.extend(more)
        return value


def last_attempt(attempts: int) -> bool:
    """Whether Spark gives up if this task fails."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return context is None or context.attemptNumber() + 1 >= attempts


def partition(
    batches: Iterator[Any],
    packed: bytes,
    tasks: NDArray[Any],
    threads: int,
    attempts: int,
    ended: Any,
) -> Iterator[Any]:
    """Do the chunks of one partition.

    A chunk that fails is left to Spark, which tries it again, elsewhere if it can. The last time
    its error is the result of a task that succeeds, so that it arrives whole and at once.
    """
    import pyarrow as pa

    limit_codecs(threads)
    names = ["number", "results", "error"]
    types = [pa.int64(), pa.binary(), pa.binary()]
    for batch in batches:
        for row in batch.to_pylist():
            index = tuple(int(i) for i in tasks[row["number"]])
            blocks = pickle.loads(row["blocks"]) if "blocks" in row else None
            results = error = None
            try:
                results = work(packed, index, blocks, threads)
            except ChunkError as failure:
                if not last_attempt(attempts):
                    raise
                error = pickle.dumps(failure)
            ended.add([(index, error)])
            given = None if results is None else pickle.dumps(results, protocol=5)
            columns = [pa.array([x], t) for x, t in zip((row["number"], given, error), types)]
            yield pa.RecordBatch.from_arrays(columns, names)
