"""Servers that the tests of Spark, HDFS and YARN share; skipped where there is no Java or Maven."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cluster_settings import EXECUTORS
from servers import spark as servers_spark
from servers.hadoop import Hdfs, Yarn, jars
from servers.java import ServerError


def need(*programs):
    for name, package in programs:
        if shutil.which(name) is None:
            pytest.skip(f"no `{name}` on PATH: apt-get install {package}")


@pytest.fixture(scope="session")
def java():
    need(("java", "openjdk-17-jre-headless"))
    pytest.importorskip("pyspark", reason="no pyspark: pip install -r requirements-scale.txt")


@pytest.fixture(scope="session")
def hadoop_jars():
    need(("java", "openjdk-17-jre-headless"))
    try:
        return jars()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    except ServerError as failed:
        pytest.fail(str(failed))


@pytest.fixture(scope="module")
def hdfs(hadoop_jars, tmp_path_factory):
    """Two DataNodes, two copies of each block."""
    with Hdfs(tmp_path_factory.mktemp("hdfs"), datanodes=2, replication=2) as hdfs:
        yield hdfs


@pytest.fixture(scope="module")
def yarn(hdfs, java):
    with Yarn(hdfs) as yarn:
        yield yarn


@pytest.fixture(scope="module")
def cluster(java, tmp_path_factory):
    """A standalone master with two workers of one core."""
    with servers_spark.SparkCluster(tmp_path_factory.mktemp("spark"), workers=2) as cluster:
        yield cluster


@pytest.fixture
def session(java):
    """Open a session on a master; it is stopped after the test."""
    opened = []

    def start(master, **settings):
        more = EXECUTORS | settings.pop("more", {})
        opened.append(servers_spark.session(master, more=more, **settings))
        return opened[-1]

    yield start
    for one in opened:
        one.stop()


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=400_000)
