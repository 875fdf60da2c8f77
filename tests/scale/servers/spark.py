"""A real Spark cluster on the loopback: a master and workers, from pyspark's own jars.

    with SparkCluster(folder, workers=2) as cluster:
        spark = session(cluster.url)

pyspark has no start scripts for a cluster, but the classes are in its jars.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .java import Server, ask, environment, find_tool
from .process import Running, free_ports

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEPLOY = "org.apache.spark.deploy"


def home() -> Path:
    """Return SPARK_HOME: the folder of the package pyspark."""
    import pyspark

    return Path(pyspark.__file__).parent


def spark_environment(**more: str) -> dict[str, str]:
    """Return an environment in which Spark's programs run this Python, on the loopback."""
    find_tool("java", "openjdk-17-jre-headless")
    python = sys.executable
    here = {"SPARK_HOME": str(home()), "SPARK_LOCAL_IP": "127.0.0.1"}
    here |= {"PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python}
    return environment(**here, SPARK_DAEMON_MEMORY="256m", **more)


def settings(master: str, *, cores: int = 1, task_cpus: int = 1) -> dict[str, str]:
    """Return the settings of a small session on the loopback."""
    return {
        "spark.master": master,
        "spark.app.name": "ferrotran",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.ui.enabled": "false",
        "spark.executor.cores": str(cores),
        "spark.executor.memory": "512m",
        "spark.task.cpus": str(task_cpus),
    }


def session(
    master: str, *, cores: int = 1, task_cpus: int = 1, more: Mapping[str, str] | None = None
) -> SparkSession:
    """Return a session of this process; Spark allows one at a time, so stop it after use."""
    from pyspark.sql import SparkSession

    os.environ.update(
        {k: v for k, v in spark_environment().items() if k.startswith(("SPARK_", "PYSPARK_"))}
    )
    builder = SparkSession.builder
    for key, value in (
        settings(master, cores=cores, task_cpus=task_cpus) | dict(more or {})
    ).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


class SparkCluster(Running):
    """A standalone master and its workers.

    Parameters
    ----------
    root : path
        A folder for logs and the executors' files.
    workers : int
        How many workers.
    cores : int
        What each offers.
    memory_mb : int
        What each offers.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        workers: int = 2,
        cores: int = 1,
        memory_mb: int = 1024,
    ) -> None:
        self.root = Path(root).resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.workers, self.cores, self.memory_mb = workers, cores, memory_mb
        self.port, self.web_port = free_ports(2)
        self.servers: list[Server] = []

    @property
    def url(self) -> str:
        """The master, as sessions name it."""
        return f"spark://127.0.0.1:{self.port}"

    def _start(self, name: str, main: str, *arguments: str) -> Server:
        command = [str(home() / "bin" / "spark-class"), f"{DEPLOY}.{main}", *arguments]
        server = Server(name, command, self.root / f"{name}.log", spark_environment())
        self.servers.append(server)
        return server

    def status(self) -> dict[str, Any]:
        """Return what the master says of its workers and applications."""
        return ask(f"http://127.0.0.1:{self.web_port}/json/")

    def start(self) -> Self:
        """Start the master and its workers, and wait for these."""
        here = ["--host", "127.0.0.1"]
        ports = ["--port", str(self.port), "--webui-port", str(self.web_port)]
        master = self._start("master", "master.Master", *here, *ports)
        master.wait_until(self.status, "answer over HTTP")
        for i in range(self.workers):
            offer = ["-c", str(self.cores), "-m", f"{self.memory_mb}m"]
            folder = ["-d", str(self.root / f"worker{i}"), "--webui-port", "0"]
            self._start(f"worker{i}", "worker.Worker", *here, *offer, *folder, self.url)
        master.wait_until(
            lambda: self.status().get("aliveworkers", 0) >= self.workers,
            f"{self.workers} live workers",
        )
        return self

    def stop(self) -> None:
        """End the workers, with their executors, then the master."""
        for server in reversed(self.servers):
            server.stop()
