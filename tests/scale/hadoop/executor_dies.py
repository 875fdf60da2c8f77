"""A driver for YARN that kills one of its executors in the middle: x.zarr to y.zarr in a store."""

import os
import signal
import sys

import ferrotran as ft
import psutil
from ferrotran import scale
from pyspark.sql import SparkSession

store = sys.argv[1]
spark = SparkSession.builder.appName("executor dies").getOrCreate()
application = spark.sparkContext.applicationId
killed = []


def executors():
    """Pids of the JVMs of this application's executors."""
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "java" in line and "YarnCoarseGrainedExecutorBackend" in line and application in line:
            yield process.pid


def progress(done, total):
    print(f"{done} of {total}", flush=True)
    if done >= 4 and not killed:
        killed.append(max(executors()))  # the JVM itself, younger than the shell that started it
        os.kill(killed[0], signal.SIGKILL)
        print(f"killed at {done}", flush=True)


report = scale.map_chunks(
    ft.special.erf,
    f"{store}/x",
    f"{store}/y",
    engine="spark",
    spark=spark,
    progress=progress,
    timeout=300,
)
print(f"{report.chunks} chunks")
spark.stop()
