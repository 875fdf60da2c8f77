"""Chunks as tasks of Spark: one partition of `mapInArrow` each, on any master.

Executors read and write the stores themselves; only numbers travel, and the slices of arrays in
memory. A chunk whose task fails, or whose executor is lost, is tried again as Spark does it, up to
``spark.task.maxFailures`` times.
"""

from __future__ import annotations

import contextlib
import math
import pickle
import re
import time
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ferrotran.scale._engines import Options, stuck
from ferrotran.scale._engines._spark_task import RESULT, SLICES, Finished, partition
from ferrotran.scale._errors import Index
from ferrotran.scale._job import Job
from ferrotran.scale._stores import need

POLL = 0.05
"""Seconds after which the main thread looks up."""

IN_FLIGHT = 2
"""Spark jobs at a time where arrays in memory take part: one runs while the next is prepared."""

MOST_BYTES = 256 << 20
"""About so much of arrays in memory travels with one Spark job."""

LOST_TASK = re.compile(r"Task (\d+) in stage \S+ failed")


def session(options: Options) -> Any:
    """Return the session to use.

    Raises
    ------
    ValueError
        If there is none, or `workers` is given.
    TypeError
        If it is something else, such as a session of Spark Connect.
    """
    for package in ("pyspark", "pyarrow", "pandas"):  # pyspark imports pandas and uses none of it
        need(package, 'engine="spark"')
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession() if options.spark is None else options.spark
    if spark is None:
        raise ValueError("`spark` is None and no session is active, expected a SparkSession")
    if not isinstance(spark, SparkSession) or not hasattr(spark, "_jsparkSession"):
        kind = f"{type(spark).__module__}.{type(spark).__name__}"
        raise TypeError(f"`spark` is a {kind}, expected a SparkSession that is not of Connect")
    if options.workers is not None:
        raise ValueError(
            f"`workers` is {options.workers}, expected None: "
            "Spark runs as many tasks as its executors have cores for"
        )
    return spark


def kernel_threads(conf: Any, options: Options) -> int:
    """Return the threads of the kernel in one task: the cores that Spark gives it."""
    cpus = int(conf.get("spark.task.cpus", "1"))
    if options.threads is not None and options.threads > cpus:
        raise ValueError(
            f"`threads` is {options.threads}, expected at most spark.task.cpus, which is {cpus}"
        )
    return options.threads or cpus


def attempts(conf: Any, master: str) -> int:
    """Return how often Spark tries a task."""
    local = re.fullmatch(r"local(?:\[[^,]+(?:,\s*(\d+)\s*)?\])?", master)
    if local:
        return int(local[1] or 1)
    return int(conf.get("spark.task.maxFailures", "4"))


def reason(error: BaseException) -> str:
    """Return what Spark says of a failure, without the stacks of Java and of Python."""
    text = str(error).partition("\nDriver stacktrace")[0]
    lines = (line for line in text.splitlines() if line.strip())
    return " ".join(line for line in lines if not line.startswith((" ", "\t", "Traceback")))


def run(job: Job, options: Options) -> None:
    """Do all chunks of the job."""
    flight = Flight(job, options)
    last = time.monotonic()
    try:
        while flight.going():
            if flight.news():
                last = time.monotonic()
            elif options.timeout is not None and time.monotonic() - last > options.timeout:
                raise stuck(job, flight.in_work(), options.timeout)
            else:
                time.sleep(POLL)
    finally:
        flight.stop()


class Batch:
    """One Spark job over some chunks, waited for by a thread of its own."""

    def __init__(self, frame: Any, group: str, tasks: list[Index]) -> None:
        from pyspark import InheritableThread

        self.frame, self.group, self.tasks = frame, group, tasks
        self.rows: list[Any] = []
        self.error: BaseException | None = None
        self.thread = InheritableThread(target=self._collect, name=group, daemon=True)
        self.thread.start()

    def _collect(self) -> None:
        try:
            context = self.frame.sparkSession.sparkContext
            what = f"ferrotran.scale.map_chunks: {len(self.tasks)} chunks"
            context.setJobGroup(self.group, what, interruptOnCancel=True)
            self.rows = self.frame.collect()
        except BaseException as error:
            self.error = error


class Flight:
    """The Spark jobs of one call, and the chunks that they have finished."""

    def __init__(self, job: Job, options: Options) -> None:
        self.job = job
        self.spark = session(options)
        self.context = self.spark.sparkContext
        conf = self.context.getConf()
        self.threads = kernel_threads(conf, options)
        self.attempts = attempts(conf, self.context.master)
        self.packed = job.packed('engine="spark"')
        self.group = f"ferrotran-{uuid.uuid4().hex}"
        # Spark adds to it at the end of each task: it tells which chunks are finished while
        # `collect` still waits for the others.
        self.ended = self.context.accumulator([], Finished())
        self.seen = 0
        self.accepted: set[Index] = set()
        self.results_travel = any(x.local for x in job.outputs)
        self.waiting = self._split(any(x.local for x in job.inputs))
        self.batches: list[Batch] = []

    def _split(self, slices_travel: bool) -> Iterator[list[Index]]:
        """Cut the tasks into those of one Spark job each."""
        tasks = self.job.tasks
        size = len(tasks)
        if slices_travel or self.results_travel:
            most = max(1, MOST_BYTES // max(1, self._bytes(tasks[0])))
            size = min(size, most, 2 * self.context.defaultParallelism)
        for start in range(0, len(tasks), size):
            yield tasks[start : start + size]

    def _bytes(self, index: Index) -> int:
        """Return how much of one chunk travels."""
        plan, total = self.job.plan, 0
        for n, x in enumerate(self.job.inputs):
            if x.local:
                region = plan.input_region(index, x.shape, plan.cores[n])
                total += math.prod(s.stop - s.start for s in region) * x.dtype.itemsize
        for n, x in enumerate(self.job.outputs):
            if x.local:
                region = plan.output_region(index, n)
                total += math.prod(s.stop - s.start for s in region) * x.dtype.itemsize
        return total

    def _start(self, tasks: list[Index]) -> Batch:
        """Give a Spark job to the cluster: partition i holds row i, which is one chunk."""
        count = len(tasks)
        slices = [self.job.blocks(index) for index in tasks]
        if all(s is None for s in slices):
            frame = self.spark.range(0, count, 1, count).toDF("number")
        else:
            rows = [(i, pickle.dumps(s, protocol=5)) for i, s in enumerate(slices)]
            frame = self.spark.createDataFrame(self.context.parallelize(rows, count), SLICES)
        indices = np.array(tasks, dtype=np.int64)
        packed, threads, attempts, ended = self.packed, self.threads, self.attempts, self.ended

        def task(batches: Iterator[Any]) -> Iterator[Any]:
            return partition(batches, packed, indices, threads, attempts, ended)

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
            return Batch(frame.mapInArrow(task, RESULT), self.group, tasks)

    def going(self) -> bool:
        """Start what is due; return whether anything is left."""
        while len(self.batches) < IN_FLIGHT:
            tasks = next(self.waiting, None)
            if tasks is None:
                break
            self.batches.append(self._start(tasks))
        return bool(self.batches)

    def news(self) -> bool:
        """Take in what was finished since the last call; return whether anything was."""
        arrived = self.ended.value[self.seen :]
        self.seen += len(arrived)
        for index, error in arrived:
            if error is not None:
                raise pickle.loads(error)
            if not self.results_travel:
                self._accept(index, None)
        over = [batch for batch in self.batches if not batch.thread.is_alive()]
        for batch in over:
            self.batches.remove(batch)
            self._land(batch)
        return bool(arrived or over)

    def _land(self, batch: Batch) -> None:
        """Take in a Spark job that has ended."""
        if batch.error is not None:
            lost = LOST_TASK.search(str(batch.error))
            left = [index for index in batch.tasks if index not in self.accepted] or batch.tasks
            index = batch.tasks[int(lost[1])] if lost else left[0]
            raise self.job.failed(index, "its task on Spark", reason(batch.error)) from batch.error
        for row in batch.rows:
            if row.error is not None:
                raise pickle.loads(row.error)
            results = None if row.results is None else pickle.loads(row.results)
            self._accept(batch.tasks[row.number], results)

    def _accept(self, index: Index, results: Any) -> None:
        if index not in self.accepted:
            self.accepted.add(index)
            self.job.accept(index, results)

    def in_work(self) -> list[Index]:
        """Return the chunks that were given to Spark and are not finished."""
        ended = {index for index, _ in self.ended.value}
        return [i for batch in self.batches for i in batch.tasks if i not in ended]

    def stop(self) -> None:
        """Cancel what still runs; executors end tasks in Python within seconds."""
        with contextlib.suppress(Exception):  # the session may be gone; its tasks are then too
            if self.batches:
                self.context.cancelJobGroup(self.group)
        self.ended.value.clear()  # pyspark keeps accumulators for good
