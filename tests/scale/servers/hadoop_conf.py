"""The settings of a Hadoop on one machine, written as the files that its programs read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

LOG4J = """\
rootLogger=INFO
log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c: %m%n
"""

SCHEDULER = {
    "yarn.scheduler.capacity.root.queues": "default",
    "yarn.scheduler.capacity.root.default.capacity": "100",
    # One small node: an application master may take any share of it.
    "yarn.scheduler.capacity.maximum-am-resource-percent": "1.0",
}


def write_xml(path: Path, properties: Mapping[str, object]) -> None:
    """Write a file of properties as Hadoop reads them."""
    rows = "\n".join(
        f"  <property><name>{escape(k)}</name><value>{escape(str(v))}</value></property>"
        for k, v in properties.items()
    )
    path.write_text(f'<?xml version="1.0"?>\n<configuration>\n{rows}\n</configuration>\n')


def write_hdfs(conf: Path, root: Path, *, rpc: int, http: int, replication: int) -> None:
    """Write core-site.xml and hdfs-site.xml; everything listens on the loopback."""
    write_xml(
        conf / "core-site.xml",
        {
            "fs.defaultFS": f"hdfs://127.0.0.1:{rpc}",
            "hadoop.tmp.dir": root / "tmp",
            "hadoop.http.staticuser.user": "dr.who",
        },
    )
    write_xml(
        conf / "hdfs-site.xml",
        {
            "dfs.replication": replication,
            "dfs.namenode.name.dir": root / "name",
            "dfs.namenode.http-address": f"127.0.0.1:{http}",
            "dfs.datanode.address": "127.0.0.1:0",
            "dfs.datanode.http.address": "127.0.0.1:0",
            "dfs.datanode.ipc.address": "127.0.0.1:0",
            "dfs.permissions.enabled": "false",
            "dfs.webhdfs.enabled": "true",
            "dfs.blocksize": 1 << 20,
            "dfs.namenode.fs-limits.min-block-size": 1024,
            "dfs.namenode.safemode.extension": 0,
            # A DataNode is dead after 2 * recheck + 10 * heartbeat = 12 s, not 10.5 minutes.
            "dfs.heartbeat.interval": "1s",
            "dfs.namenode.heartbeat.recheck-interval": 1000,
            # Nobody is sent to a DataNode that has been silent for 3 s.
            "dfs.namenode.stale.datanode.interval": 3000,
            "dfs.namenode.avoid.read.stale.datanode": "true",
            "dfs.namenode.avoid.write.stale.datanode": "true",
            "dfs.namenode.write.stale.datanode.ratio": "1.0",
            "dfs.namenode.redundancy.interval.seconds": "1s",
            "dfs.namenode.reconstruction.pending.timeout-sec": 10,
            # Many small blocks are copied at once when a DataNode is lost.
            "dfs.namenode.replication.work.multiplier.per.iteration": 100,
            "dfs.namenode.replication.max-streams": 50,
            "dfs.namenode.replication.max-streams-hard-limit": 100,
        },
    )
    (conf / "log4j.properties").write_text(LOG4J)
    for name in ("hdfs", "datanode"):  # the pages are in Hadoop's tarball, not in its jars
        (conf / "webapps" / name).mkdir(parents=True, exist_ok=True)


def write_yarn(conf: Path, root: Path, *, rpc: list[int], memory_mb: int, vcores: int) -> None:
    """Write yarn-site.xml and capacity-scheduler.xml; `rpc` are five free ports, web last."""
    client, scheduler, tracker, admin, web = rpc
    write_xml(
        conf / "yarn-site.xml",
        {
            "yarn.resourcemanager.hostname": "127.0.0.1",
            "yarn.resourcemanager.address": f"127.0.0.1:{client}",
            "yarn.resourcemanager.scheduler.address": f"127.0.0.1:{scheduler}",
            "yarn.resourcemanager.resource-tracker.address": f"127.0.0.1:{tracker}",
            "yarn.resourcemanager.admin.address": f"127.0.0.1:{admin}",
            "yarn.resourcemanager.webapp.address": f"127.0.0.1:{web}",
            "yarn.nodemanager.hostname": "127.0.0.1",
            "yarn.nodemanager.bind-host": "127.0.0.1",
            "yarn.nodemanager.address": "127.0.0.1:0",
            "yarn.nodemanager.localizer.address": "127.0.0.1:0",
            "yarn.nodemanager.webapp.address": "127.0.0.1:0",
            "yarn.nodemanager.collector-service.address": "127.0.0.1:0",
            "yarn.nodemanager.local-dirs": root / "nm-local",
            "yarn.nodemanager.log-dirs": root / "nm-logs",
            "yarn.nodemanager.resource.memory-mb": memory_mb,
            "yarn.nodemanager.resource.cpu-vcores": vcores,
            "yarn.nodemanager.pmem-check-enabled": "false",
            "yarn.nodemanager.vmem-check-enabled": "false",
            "yarn.nodemanager.delete.debug-delay-sec": 3600,  # the logs outlive the containers
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "99.5",
            "yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb": 100,
            "yarn.scheduler.minimum-allocation-mb": 128,
            "yarn.scheduler.maximum-allocation-mb": memory_mb,
            # Count cores as well as memory, so that a container gets the cores that it asked for.
            "yarn.scheduler.capacity.resource-calculator": (
                "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"
            ),
            "yarn.resourcemanager.am.max-attempts": 2,
            "yarn.nodemanager.heartbeat.interval-ms": 200,
            "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms": 200,
        },
    )
    write_xml(conf / "capacity-scheduler.xml", SCHEDULER)
