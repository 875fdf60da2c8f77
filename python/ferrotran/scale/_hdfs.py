"""The two doors of HDFS: the NameNode's own protocol, and HTTP."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from ferrotran.scale._stores import Location, need

PATIENCE = 30.0
"""Seconds for which an operation is tried again: a NameNode starts anew within them, and stops
sending clients to a DataNode that is gone (where ``dfs.namenode.avoid.write.stale.datanode``)."""

CONNECTS = {"dfs.client.failover.max.attempts": "4"}
"""hdfs-native waits 3 minutes for a NameNode by itself; these are 18 s."""

_opened: dict[tuple[Any, ...], Any] = {}
"""The clients of each process; those of the parent are never ended in a child."""


def hdfs(location: Location, read_only: bool) -> Any:
    """Open HDFS by hdfs-native: write beside, then rename."""
    from ferrotran.scale._doors import over
    from ferrotran.scale._patient import PatientStore, patience

    fsspec = need("hdfs_native.fsspec", f"the array at {location}")
    parts = urlsplit(location.url)
    options = CONNECTS | location.storage_options
    seconds = patience(options, PATIENCE)
    # Not by fsspec's cache: it is emptied in a forked child, where the client's end waits for
    # threads that are not there. Whoever starts Java by pyspark forks.
    key = (os.getpid(), parts.hostname, parts.port, repr(sorted(options.items())))
    fs = _opened.get(key)
    if fs is None:
        fs = fsspec.HdfsFileSystem(parts.hostname, parts.port, skip_instance_cache=True, **options)
        _opened[key] = fs
    return PatientStore(over(fs, location.path, read_only), seconds)


def webhdfs(location: Location, read_only: bool) -> Any:
    """Open HDFS by its HTTP interface: write beside, then RENAME."""
    from ferrotran.scale._doors import over
    from ferrotran.scale._patient import PatientStore, patience

    need("requests", f"the array at {location}")
    from ferrotran.scale._webhdfs import WebHdfs

    parts = urlsplit(location.url)
    options = {"user": parts.username} if parts.username else {}
    options |= location.storage_options
    seconds = patience(options, PATIENCE)
    fs = WebHdfs(parts.hostname, parts.port or 9870, **options)
    return PatientStore(over(fs, location.path, read_only), seconds)
