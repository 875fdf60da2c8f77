"""A real HDFS and a real YARN on the loopback, from Hadoop's own jars.

    with Hdfs(folder, datanodes=2, replication=2) as hdfs, Yarn(hdfs) as yarn:
        hdfs.url, hdfs.webhdfs_url     # hdfs://127.0.0.1:port, webhdfs://127.0.0.1:port
        hdfs.datanodes[0].kill()       # as kill -9
        hdfs.add_datanode()
        yarn.env                       # HADOOP_CONF_DIR for spark-submit

Maven fetches the jars once, into build/. Each daemon is a process that is ended by its pid.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

from . import hadoop_conf
from .java import Server, ServerError, ask, environment, find_tool, java
from .process import Running, free_ports

POM = Path(__file__).with_name("hadoop-pom.xml")
ROOT = Path(__file__).resolve().parents[3]
VERSION = re.search(r"<hadoop.version>(.*)</hadoop.version>", POM.read_text())[1]
HDFS = "org.apache.hadoop.hdfs.server"
YARN = "org.apache.hadoop.yarn.server"


def jars(timeout: float = 600) -> Path:
    """Return the folder of Hadoop's jars, after fetching them with Maven if need be."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    folder = ROOT / "build" / f"hadoop-{VERSION}-{digest}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="hadoop-") as scratch:
        target = Path(scratch, "jars")
        command = [find_tool("mvn", "maven"), "-B", "-q", "-f", str(POM)]
        command += ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command += [f"-DoutputDirectory={target}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0 or not target.is_dir():
            raise ServerError(f"Maven did not fetch Hadoop {VERSION}:\n{done.stdout}{done.stderr}")
        target.rename(folder)  # whole or not there
    return folder


class Hdfs(Running):
    """One NameNode and some DataNodes.

    Parameters
    ----------
    root : path
        A folder for settings, data and logs.
    datanodes : int
        How many DataNodes are started.
    replication : int
        How many copies of a block HDFS keeps.
    """

    def __init__(
        self, root: str | os.PathLike[str], datanodes: int = 1, replication: int = 1
    ) -> None:
        self.root = Path(root).resolve()
        self.conf, self.logs = self.root / "conf", self.root / "logs"
        self.port, self.http_port = free_ports(2)
        self.classpath = f"{self.conf}:{jars()}/*"
        self.namenode: Server | None = None
        self.datanodes: list[Server] = []
        self.started, self.first = 0, datanodes
        for folder in (self.conf, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        hadoop_conf.write_hdfs(
            self.conf, self.root, rpc=self.port, http=self.http_port, replication=replication
        )

    @property
    def url(self) -> str:
        """The file system for clients of the NameNode's protocol."""
        return f"hdfs://127.0.0.1:{self.port}"

    @property
    def webhdfs_url(self) -> str:
        """The same file system over HTTP."""
        return f"webhdfs://127.0.0.1:{self.http_port}"

    @property
    def env(self) -> dict[str, str]:
        """An environment in which Hadoop's programs find these servers."""
        return environment(HADOOP_CONF_DIR=str(self.conf), HADOOP_USER_NAME="root")

    def _command(self, main: str, *arguments: str, heap_mb: int = 256) -> list[str]:
        return [*java(heap_mb=heap_mb, classpath=self.classpath, main=main), *arguments]

    def start(self) -> Self:
        """Format HDFS, start its servers and wait until it takes files."""
        command = self._command(f"{HDFS}.namenode.NameNode", "-format", "-force", "-nonInteractive")
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise ServerError(f"NameNode -format: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        self.start_namenode(wait=False)
        for _ in range(self.first):
            self.add_datanode(wait=False)
        self.wait_ready(self.first)
        return self

    def start_namenode(self, *, wait: bool = True) -> None:
        """Start the NameNode, for the first time or again after it was stopped or killed."""
        command = self._command(f"{HDFS}.namenode.NameNode")
        self.namenode = Server("NameNode", command, self.logs / "namenode.log", self.env)
        if wait:
            self.wait_ready(sum(node.running for node in self.datanodes))

    def add_datanode(self, *, wait: bool = True) -> Server:
        """Start one more DataNode, with an empty folder."""
        name, before = f"datanode{self.started}", self._addresses()
        data = f"-Ddfs.datanode.data.dir={self.root / name}"
        command = self._command(f"{HDFS}.datanode.DataNode", data)
        node = Server(name, command, self.logs / f"{name}.log", self.env)
        self.started += 1
        self.datanodes.append(node)
        if wait:
            node.wait_until(lambda: self._addresses() - before, "entry at the NameNode")
        return node

    def _addresses(self) -> set[str]:
        """Return where the live DataNodes listen, as the NameNode has it."""
        return set(json.loads(self._bean("name=NameNodeInfo").get("LiveNodes", "{}")))

    def _bean(self, query: str) -> dict[str, Any]:
        where = f"http://127.0.0.1:{self.http_port}/jmx?qry=Hadoop:service=NameNode,{query}"
        beans = ask(where).get("beans")
        return beans[0] if beans else {}

    def live(self) -> int:
        """Return how many DataNodes the NameNode takes for alive; it notices a death in 12 s."""
        return self._bean("name=FSNamesystemState").get("NumLiveDataNodes", -1)

    def under_replicated(self) -> int:
        """Return how many blocks have fewer copies than they should, -1 if it is not known."""
        return self._bean("name=FSNamesystemState").get("UnderReplicatedBlocks", -1)

    def wait_ready(self, datanodes: int, timeout: float = 90) -> None:
        """Wait until the NameNode is out of safe mode and has so many live DataNodes or more."""
        assert self.namenode is not None

        def ready() -> bool:
            safe = self._bean("name=NameNodeInfo").get("Safemode", "unknown")
            return safe == "" and self.live() >= datanodes

        what = f"{datanodes} live DataNodes outside of safe mode"
        self.namenode.wait_until(ready, what, timeout)

    def stop(self) -> None:
        """End what is still running, DataNodes first."""
        for server in [*self.datanodes, self.namenode]:
            if server is not None:
                server.stop()


class Yarn(Running):
    """One ResourceManager and one NodeManager over an `Hdfs`.

    Parameters
    ----------
    hdfs : Hdfs
        A running file system.
    memory_mb, vcores : int
        What the NodeManager may give to containers.
    """

    def __init__(self, hdfs: Hdfs, memory_mb: int = 6144, vcores: int = 4) -> None:
        self.hdfs, self.servers = hdfs, []
        ports = free_ports(5)
        self.web_port = ports[-1]
        hadoop_conf.write_yarn(hdfs.conf, hdfs.root, rpc=ports, memory_mb=memory_mb, vcores=vcores)

    @property
    def env(self) -> dict[str, str]:
        """An environment for `spark-submit --master yarn`."""
        return self.hdfs.env

    @property
    def container_logs(self) -> Path:
        """The folder of the output of all containers: application/container/stderr."""
        return self.hdfs.root / "nm-logs"

    def start(self) -> Self:
        """Start both managers and wait until the node runs."""
        for name, kind in (("ResourceManager", "resource"), ("NodeManager", "node")):
            main = f"{YARN}.{kind}manager.{name}"
            command = self.hdfs._command(main, heap_mb=512)
            log = self.hdfs.logs / f"{name.lower()}.log"
            self.servers.append(Server(name, command, log, self.env))
        resource, node = self.servers
        resource.wait_until(lambda: self._rest("info"), "answer over HTTP", 90)
        node.wait_until(lambda: self.nodes() == ["RUNNING"], "running node", 90)
        return self

    def _rest(self, path: str) -> dict[str, Any]:
        return ask(f"http://127.0.0.1:{self.web_port}/ws/v1/cluster/{path}")

    def nodes(self) -> list[str]:
        """Return the states of the NodeManagers that the ResourceManager knows."""
        found = (self._rest("nodes").get("nodes") or {}).get("node", [])
        return [node["state"] for node in found]

    def applications(self) -> list[dict[str, Any]]:
        """Return what the ResourceManager says of each application: id, name, state, ..."""
        return (self._rest("apps").get("apps") or {}).get("app", [])

    def application_list(self) -> str:
        """Return what `yarn application -list -appStates ALL` prints."""
        main = "org.apache.hadoop.yarn.client.cli.ApplicationCLI"
        command = self.hdfs._command(main, "application", "-list", "-appStates", "ALL")
        return subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=120, check=True
        ).stdout

    def stop(self) -> None:
        """End the NodeManager, with its containers, then the ResourceManager."""
        for server in reversed(self.servers):
            server.stop(40)
