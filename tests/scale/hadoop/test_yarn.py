"""Jobs on YARN over data in HDFS, submitted as a user does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cluster_settings import PATHS
from servers import spark as servers_spark

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "parallel"
COLUMNS = EXAMPLES / "spark" / "columns.py"
BASE = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")


def run(*command, env, timeout=600):
    done = subprocess.run(
        list(map(str, command)), env=env, capture_output=True, text=True, timeout=timeout
    )
    said = f"status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    assert done.returncode == 0, said
    return done


def python(*arguments):
    """Run a program on this machine, outside of YARN."""
    return run(sys.executable, *arguments, env=os.environ | {"PYTHONPATH": PATHS}).stdout


def submit(yarn, *arguments, mode, conf, env):
    """Run spark-submit; return what it said and the applications that it added."""
    before = {app["id"] for app in yarn.applications()}
    conf = {
        # As on a cluster with Spark on each node; elsewhere Spark uploads its jars for each job.
        "spark.yarn.jars": f"local:{servers_spark.home()}/jars/*",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.yarn.am.memory": "512m",
        "spark.yarn.submit.waitAppCompletion": "true",
    } | conf
    if mode == "cluster":  # the driver takes the address of its node
        del conf["spark.driver.host"], conf["spark.driver.bindAddress"]
    settings = [f"--conf={key}={value}" for key, value in conf.items()]
    sizes = ["--num-executors=2", "--executor-cores=1"]
    sizes += ["--executor-memory=512m", "--driver-memory=512m"]
    program = servers_spark.home() / "bin" / "spark-submit"
    done = run(
        program, "--master=yarn", f"--deploy-mode={mode}", *sizes, *settings, *arguments,
        env=servers_spark.spark_environment() | yarn.env | env,
    )  # fmt: skip
    return done, [app for app in yarn.applications() if app["id"] not in before]


def output_of(yarn, application):
    """What the containers of an application have printed."""
    files = yarn.container_logs.glob(f"{application}/*/stdout")
    return "".join(path.read_text(errors="replace") for path in files)


@pytest.fixture
def soil(hdfs, request):
    """A folder with systems in HDFS, written by the NameNode's protocol."""
    folder = f"/user/me/{request.node.name}"
    python(
        COLUMNS, "write", f"{hdfs.url}{folder}", "--columns", 4000, "--layers", 50, "--chunk", 500
    )
    return folder


def test_a_job_in_client_mode_over_webhdfs(yarn, hdfs, soil):
    store = f"{hdfs.webhdfs_url}{soil}"
    done, apps = submit(
        yarn, COLUMNS, "solve", store,
        mode="client",
        conf={"spark.executorEnv.PYTHONPATH": PATHS},
        env={"PYTHONPATH": PATHS},
    )  # fmt: skip
    assert "8 chunks, 0 of an earlier run" in done.stdout
    assert [(app["state"], app["finalStatus"]) for app in apps] == [("FINISHED", "SUCCEEDED")]
    listed = yarn.application_list()
    assert re.search(rf"{apps[0]['id']}\s.*\sFINISHED\s+SUCCEEDED", listed), listed
    assert "4000 columns have the bits" in python(COLUMNS, "check", f"{hdfs.url}{soil}")


def test_a_job_in_cluster_mode_with_packed_packages(yarn, hdfs, soil, tmp_path):
    """The nodes have a bare Python; all packages come from an archive in HDFS."""
    store = f"{hdfs.url}{soil}"
    archive = tmp_path / "packages.tar.gz"
    python(EXAMPLES / "yarn" / "pack.py", archive)
    bare = run(BASE, "-c", "import sys; print(sys.version_info[:2])", env={})
    assert bare.stdout.strip() == str(sys.version_info[:2])
    _, apps = submit(
        yarn, f"--archives={archive}#packages", COLUMNS, "solve", store,
        mode="cluster",
        conf={
            "spark.pyspark.python": BASE,
            "spark.yarn.appMasterEnv.PYSPARK_PYTHON": BASE,
            "spark.yarn.appMasterEnv.PYTHONPATH": "packages",
            "spark.executorEnv.PYTHONPATH": "packages",
        },
        env={"PYTHONPATH": "", "PYSPARK_PYTHON": str(BASE), "PYSPARK_DRIVER_PYTHON": str(BASE)},
    )  # fmt: skip
    assert [(app["state"], app["finalStatus"]) for app in apps] == [("FINISHED", "SUCCEEDED")]
    assert "8 chunks, 0 of an earlier run" in output_of(yarn, apps[0]["id"])
    assert "4000 columns have the bits" in python(COLUMNS, "check", store)
