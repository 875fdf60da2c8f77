"""`map_chunks`."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from ferrotran._progress import interrupted, reporter
from ferrotran.scale import _plan
from ferrotran.scale._arrays import Operand, Shape, operand, overlap
from ferrotran.scale._create import create, exists
from ferrotran.scale._engines import Options, Team, load
from ferrotran.scale._errors import Index
from ferrotran.scale._job import Job
from ferrotran.scale._journal import Journal, durable, refuse_unfinished
from ferrotran.scale._stores import Location

Array: TypeAlias = Any
"""`numpy.ndarray`, `numpy.memmap`, `zarr.Array`, a path, a URL, or a `Location`."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What `map_chunks` did.

    Attributes
    ----------
    output : numpy.ndarray or zarr.Array, or a tuple of them
        Where the result is; a tuple for a kernel with several outputs.
    chunks : int
        Number of chunks of the whole job.
    skipped : int
        Those that an earlier run had finished.
    seconds : float
        Wall time of this call.
    """

    output: Any
    chunks: int
    skipped: int
    seconds: float


Report.__module__ = "ferrotran.scale"


def map_chunks(
    kernel: np.ufunc,
    inputs: Array | Sequence[Array],
    output: Array | Sequence[Array],
    *,
    engine: Literal["threads", "mpi", "dask", "spark"] = "threads",
    chunks: int | Shape | None = None,
    workers: int | None = None,
    threads: int | None = None,
    client: Any = None,
    comm: Any = None,
    spark: Any = None,
    kernel_options: Mapping[str, Any] | None = None,
    rechunk: bool = False,
    resume: bool = False,
    progress: bool | Callable[[int, int], object] = False,
    timeout: float | None = None,
) -> Report:
    """Apply a ufunc or gufunc to arrays that need not fit into memory, chunk by chunk.

    Parameters
    ----------
    kernel : numpy.ufunc
        Any ufunc or gufunc: of ferrotran, NumPy, SciPy, numba. Engines other than "threads" and
        "mpi" send it to their workers by its name.
    inputs : array or sequence of arrays
        One array for each input of the kernel: a NumPy array or memmap, a zarr array, the path or
        URL of one, or a `Location`. Loop dimensions broadcast as in NumPy.
    output : array, or sequence of arrays
        Where the result goes, one for each output of the kernel. A path or URL at which there is
        nothing is made a zarr array, format 3, of the right shape and type. What exists must have
        both. None makes a NumPy array.
    engine : {'threads', 'mpi', 'dask', 'spark'}, optional
        Who does the work.
    chunks : int or tuple of int, optional
        Shape of one task over the loop dimensions. None takes the chunks (or shards) of the
        output, else those of the inputs, else some 16 MiB.
    workers : int, optional
        Tasks at a time, for "threads"; other engines have their own numbers. More than there are
        cores makes sense where tasks wait for a distant store.
    threads : int, optional
        Threads of the kernel in one task. None takes those of the cores that the worker was given.
    client : distributed.Client, optional
        For "dask"; None takes the current one.
    comm : mpi4py.MPI.Comm, optional
        For "mpi", where every rank makes the same call; None is ``COMM_WORLD``.
    spark : pyspark.sql.SparkSession, optional
        For "spark"; None takes the active one.
    kernel_options : mapping, optional
        Keyword arguments of the kernel: `casting`, `dtype`, `signature`.
    rechunk : bool, optional
        Read an input also where its chunks lie across the tasks', or cut a core dimension. Such
        chunks are read more than once.
    resume : bool, optional
        Go on with the job that was left unfinished on this output. Without one, start.
    progress : bool or callable, optional
        Show a bar, or call ``progress(done, total)``.
    timeout : float, optional
        Seconds without any finished chunk, after which `TimeoutError` is raised.

    Returns
    -------
    Report

    Raises
    ------
    ChunkError
        If a chunk fails: the message names it, the cause is chained.
    TimeoutError
        If no chunk was finished within `timeout`.
    ValueError
        If shapes, types, chunks or options do not fit, an array cannot be written, the output
        overlaps an input, or the unfinished job is another one.
    TypeError
        If an argument is of a wrong type, or the kernel does not take the types of the inputs.
    ImportError
        If the engine or a store needs a package that is not installed.
    ferrotran.BatchInterrupted
        At Ctrl-C; its `result` is a `Report`.

    Notes
    -----
    A task is one chunk over the loop dimensions; core dimensions stay whole. Every engine calls
    the kernel with the same contiguous blocks, so the bits of the result are the same.
    `numpy.errstate` of the caller holds in the workers. A chunk of a zarr array is never
    half-written; the journal of finished chunks beside the output is removed when the job is
    finished. Without `resume` a journal that is there is discarded.

    Examples
    --------
    >>> import numpy as np
    >>> import ferrotran as ft
    >>> x = np.linspace(0, 3, 1000)
    >>> report = ft.scale.map_chunks(ft.special.erf, x, None, chunks=100)
    >>> report.chunks
    10
    >>> np.array_equal(report.output, ft.special.erf(x))
    True
    """
    start = time.monotonic()
    module = load(engine)
    team: Team = module.team(comm) if hasattr(module, "team") else Team()
    options = Options(workers, threads, client, spark, timeout, team)
    try:
        team.all(lambda: _check(workers, threads, timeout, progress))
        job, finished = _prepare(
            team, kernel, inputs, output, chunks, dict(kernel_options or {}), rechunk, resume
        )
        total = math.prod(job.plan.grid)

        def report() -> Report:
            arrays = tuple(x.array() for x in job.outputs)
            found = arrays[0] if len(arrays) == 1 else arrays
            return Report(found, total, len(finished), time.monotonic() - start)

        show = reporter(progress, total, "chunk") if team.leader else None
        if show is not None:
            job.tell = lambda done: show.show(done + len(finished))

        def end() -> None:
            if job.journal is not None:
                job.journal.end(job.plan)
            if show is not None:
                show.tell(total)

        try:
            if job.tasks or team.size > 1:
                module.run(job, options)
            for x in job.outputs:
                if isinstance(x.data, np.memmap):
                    x.data.flush()
            team.first(end)
        except KeyboardInterrupt as error:
            raise interrupted(error, report()) from error
        finally:
            job.over = True
            if show is not None:
                show.close()
        return report()
    finally:
        team.end()


map_chunks.__module__ = "ferrotran.scale"


def _check(workers: Any, threads: Any, timeout: Any, progress: Any) -> None:
    for name, n in (("workers", workers), ("threads", threads)):
        if n is None:
            continue
        if not isinstance(n, int) or isinstance(n, bool):
            raise TypeError(f"`{name}` is {n!r}, expected an integer or None")
        if n < 1:
            raise ValueError(f"`{name}` is {n}, expected 1 or more")
    if timeout is not None and not timeout > 0:
        raise ValueError(f"`timeout` is {timeout}, expected more than 0 seconds")
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise TypeError(f"`progress` is {progress!r}, expected True, False or a callable")


def _several(things: Any) -> list[Any]:
    return list(things) if isinstance(things, list | tuple) else [things]


def _prepare(
    team: Team,
    kernel: np.ufunc,
    inputs: Any,
    output: Any,
    chunks: Any,
    options: dict[str, Any],
    rechunk: bool,
    resume: bool,
) -> tuple[Job, set[Index]]:
    """Open, check and create everything; return the job and the chunks that are finished."""
    things = _several(inputs)

    def look() -> tuple[list[Operand], tuple[int, ...], Shape, Any]:
        _plan.check_kernel(kernel, len(things), options)
        single = len(things) == 1 and not isinstance(inputs, list | tuple)
        names = ["inputs"] if single else [f"inputs[{n}]" for n in range(len(things))]
        operands = [operand(x, name) for x, name in zip(things, names)]
        for x in operands:
            refuse_unfinished(x)
        shapes = [x.shape for x in operands]
        cores = _plan.core_ndims(kernel, shapes)
        loop = _plan.loop_shape(shapes, cores)
        return operands, cores, loop, _plan.results(kernel, operands, cores, options)

    operands, cores, loop, results = team.all(look)
    targets = _several(output)
    row = sum(math.prod(core) * dtype.itemsize for core, dtype in results)

    def make() -> None:
        if len(targets) != len(results):
            raise ValueError(
                f"`output` has {len(targets)} arrays, expected {len(results)} for {kernel.__name__}"
            )
        for n, thing in enumerate(targets):
            if isinstance(thing, str | Path | Location) and not exists(thing):
                core, dtype = results[n]
                if dtype.hasobject:
                    raise TypeError(
                        f"{kernel.__name__} gives Python objects, which zarr cannot hold: pass an "
                        "array of numbers and kernel_options={'casting': 'unsafe'}"
                    )
                chunk = _plan.choose(loop, chunks, [], operands, cores, row)
                create(thing, loop + core, dtype, chunk + core)

    team.first(make)

    def plan() -> tuple[_plan.Plan, list[Operand]]:
        outputs: list[Operand] = []
        for n, (core, dtype) in enumerate(results):
            name = "output" if len(results) == 1 else f"output[{n}]"
            thing = np.empty(loop + core, dtype) if targets[n] is None else targets[n]
            x = operand(thing, name, writable=True)
            _check_result(x, loop + core, dtype, options)
            for other in (*operands, *outputs):
                if overlap(x, other):
                    raise ValueError(f"`{name}` overlaps `{other.name}`, expected another array")
            outputs.append(x)
        chunk = _plan.choose(loop, chunks, outputs, operands, cores, row)
        made = _plan.Plan(loop, chunk, cores, results)
        _plan.check_outputs(made, outputs)
        if not rechunk:
            _plan.check_inputs(made, operands)
        return made, outputs

    made, outputs = team.all(plan)
    journal = Journal(outputs[0]) if all(map(durable, outputs)) else None

    job = Job(kernel, options, made, operands, outputs, journal)

    known = fingerprint(job)
    team.same(known)
    team.all(lambda: team.check(job))

    def begin() -> tuple[str, set[Index]]:
        if journal is not None:
            finished = journal.begin(known, resume)
            return journal.name, finished
        if resume:
            raise ValueError(
                "`resume` is True, but `output` is in memory, where no unfinished job can be"
            )
        return "", set()

    name, finished = team.first(begin)
    if journal is not None:
        journal.name = name
    job.tasks = [index for index in made.tasks() if index not in finished]
    return job, finished


def _check_result(x: Operand, shape: Shape, dtype: np.dtype[Any], options: dict[str, Any]) -> None:
    if x.shape != shape:
        raise ValueError(f"`{x.name}` has shape {x.shape}, expected {shape}")
    if "casting" in options:
        fits = np.can_cast(dtype, x.dtype, options["casting"])
    else:
        fits = x.dtype.newbyteorder("=") == dtype.newbyteorder("=")
    if not fits:
        raise ValueError(f"`{x.name}` has type {x.dtype}, expected {dtype}")


def fingerprint(job: Job) -> dict[str, Any]:
    """Return what makes a job the same as another."""
    kernel = job.kernel
    return {
        "kernel": f"{getattr(kernel, '__module__', None) or 'numpy'}.{kernel.__name__}",
        "signature": kernel.signature,
        "options": {name: str(value) for name, value in sorted(job.options.items())},
        "inputs": [x.describe() for x in job.inputs],
        "outputs": [x.describe() for x in job.outputs],
        "chunks": list(job.plan.chunk),
    }
