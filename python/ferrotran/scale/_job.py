"""One job: what the engines run, chunk by chunk."""

from __future__ import annotations

import math
import pickle
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferrotran._threads import threads as ft_threads
from ferrotran.scale._arrays import Operand
from ferrotran.scale._errors import ChunkError, Index, chunk_error
from ferrotran.scale._journal import Journal
from ferrotran.scale._plan import Plan

Blocks = tuple[NDArray[Any] | None, ...]

KEPT = 4
"""Jobs that a worker keeps open."""


class Job:
    """The work of one call of `map_chunks`.

    In the caller's process it holds the arrays. Pickled it holds none of those in memory, is a
    few kilobytes, and opens the others again where it is used.

    Attributes
    ----------
    tasks : list of tuple of int
        Chunks to be done; empty in a pickled job.
    plan : Plan
        Shapes and regions.
    here : bool
        Whether this is the caller's process, where `do` can fill arrays in memory.
    over : bool
        Whether the call has returned or raised.
    """

    def __init__(
        self,
        kernel: np.ufunc,
        options: Mapping[str, Any],
        plan: Plan,
        inputs: Sequence[Operand],
        outputs: Sequence[Operand],
        journal: Journal | None,
    ) -> None:
        self.kernel = kernel
        self.options = dict(options)
        self.plan = plan
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.journal = journal
        self.errors: dict[str, Any] = {
            kind: how if how in ("ignore", "warn", "raise", "print") else "warn"
            for kind, how in np.geterr().items()
        }
        self.name = uuid.uuid4().hex  # a second, equal job opens its arrays anew
        self.here = True
        self.over = False
        self.tasks: list[Index] = []
        self.done = 0
        self.tell: Callable[[int], None] = _silent

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"here": False, "tasks": [], "tell": _silent}

    def packed(self, engine: str) -> bytes:
        """Return the job for `work` in other processes.

        Raises
        ------
        TypeError
            If the kernel or an array cannot be sent.
        """
        for name, part in [("kernel", self.kernel), *((x.name, x) for x in self._operands())]:
            try:
                pickle.loads(pickle.dumps(part))
            except Exception as error:
                raise TypeError(f"`{name}` cannot be sent by {engine}: {error}") from error
        return pickle.dumps(self)

    def _operands(self) -> tuple[Operand, ...]:
        return (*self.inputs, *self.outputs)

    def travels(self, index: Index) -> int:
        """Return the bytes of arrays in memory that a chunk needs and gives."""
        total = 0
        for n, x in enumerate(self.inputs):
            if x.local:
                region = self.plan.input_region(index, x.shape, self.plan.cores[n])
                total += math.prod(s.stop - s.start for s in region) * x.dtype.itemsize
        for n, x in enumerate(self.outputs):
            if x.local:
                region = self.plan.output_region(index, n)
                total += math.prod(s.stop - s.start for s in region) * x.dtype.itemsize
        return total

    def blocks(self, index: Index) -> Blocks | None:
        """Return what a chunk needs of the inputs that only this process has.

        None stands in the place of an input that a worker reads itself, and for all if it reads
        every one.
        """
        if not any(x.local for x in self.inputs):
            return None
        try:
            return tuple(
                self._read(index, n) if x.local else None for n, x in enumerate(self.inputs)
            )
        except Exception as error:
            raise self.failed(index, "reading the inputs", error) from error

    def do(
        self, index: Index, blocks: Blocks | None = None, threads: int | None = None
    ) -> Blocks | None:
        """Read, compute, write and mark one chunk.

        Parameters
        ----------
        index : tuple of int
            The chunk.
        blocks : tuple, optional
            What `blocks` gave for it, where this is not the caller's process.
        threads : int, optional
            Threads of the kernel; None leaves the number as it is.

        Returns
        -------
        tuple or None
            Results that belong into memory of the caller, for `accept`; None if there are none.

        Raises
        ------
        ChunkError
            If any of it fails.
        """
        doing = "reading the inputs"
        try:
            operands = [
                self._read(index, n) if blocks is None or blocks[n] is None else blocks[n]
                for n in range(len(self.inputs))
            ]
            doing = f"calling {self.kernel.__name__}"
            results = self._call(operands, threads)
            doing = "writing the result"
            self._still()
            kept = self._write(index, results, here=self.here)
            if kept is None and self.journal is not None:
                doing = "marking it as finished"
                self.journal.mark(index)
        except ChunkError:
            raise
        except Exception as error:
            raise self.failed(index, doing, error) from error
        return kept

    def accept(self, index: Index, results: Blocks | None = None) -> None:
        """Take in what `do` returned, in the caller's process; counts the chunk as finished."""
        if results is not None:
            try:
                for x, n in zip(self.outputs, range(len(results))):
                    block = results[n]
                    if block is not None:
                        x.write(self.plan.output_region(index, n), block)
                if self.journal is not None:
                    self.journal.mark(index)
            except Exception as error:
                raise self.failed(index, "writing the result", error) from error
        self.progress(self.done + 1)

    def progress(self, done: int) -> None:
        """Say how many chunks of this call are finished."""
        self.done = done
        self.tell(done)

    def failed(self, index: Index, doing: str, cause: BaseException | str) -> ChunkError:
        """Return the error of a chunk that failed while `doing` something."""
        return chunk_error(index, self.plan.output_region(index), doing, cause)

    def _read(self, index: Index, number: int) -> NDArray[Any]:
        x = self.inputs[number]
        return x.read(self.plan.input_region(index, x.shape, self.plan.cores[number]))

    def _still(self) -> None:
        """Raise where a chunk outlived its job: the output may belong to another one by now."""
        if self.over or not (self.here or self.journal is None or self.journal.current()):
            raise RuntimeError("the job has ended, or another one has started on the output")

    def _call(self, operands: Sequence[Any], threads: int | None) -> tuple[NDArray[Any], ...]:
        with np.errstate(**self.errors):
            if threads is None:
                given = self.kernel(*operands, **self.options)
            else:
                with ft_threads(threads):
                    given = self.kernel(*operands, **self.options)
        tuples = given if isinstance(given, tuple) else (given,)
        return tuple(np.asarray(x) for x in tuples)

    def _write(self, index: Index, results: tuple[NDArray[Any], ...], here: bool) -> Blocks | None:
        """Write what this process can reach; return the rest, or None if there is none."""
        kept: list[NDArray[Any] | None] = []
        for n, (x, block) in enumerate(zip(self.outputs, results)):
            region = self.plan.output_region(index, n)
            expected = tuple(s.stop - s.start for s in region)
            if block.shape != expected:
                raise ValueError(f"the result has shape {block.shape}, expected {expected}")
            block = block.astype(x.dtype, copy=False)
            if x.local and not here:
                kept.append(block)
            else:
                x.write(region, block)
                kept.append(None)
        return tuple(kept) if any(b is not None for b in kept) else None


def _silent(done: int) -> None:
    """Show nothing."""


_unpacked: dict[bytes, Job] = {}


def work(packed: bytes, index: Index, blocks: Blocks | None, threads: int | None) -> Blocks | None:
    """Do one chunk of a packed job, in another process.

    The job is kept for the next chunk, so that its arrays stay open.
    """
    job = _unpacked.get(packed)
    if job is None:
        job = pickle.loads(packed)
        while len(_unpacked) >= KEPT:
            _unpacked.pop(next(iter(_unpacked)), None)
        _unpacked[packed] = job
    return job.do(index, blocks, threads)
