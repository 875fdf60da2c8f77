"""Jobs on YARN over data in HDFS, submitted as a user does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import ferrotran as ft
import pytest
from cluster_settings import PATHS
from ferrotran import scale
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


@pytest.fixture(scope="module")
def archive(hdfs, tmp_path_factory):
    """What executors import, packed; the nodes have a Python without packages."""
    found = run(BASE, "-I", "-c", "import sys; print(sys.version_info[:2])", env={})
    assert found.stdout.strip() == str(sys.version_info[:2])
    path = tmp_path_factory.mktemp("packed") / "packages.tar.gz"
    python(EXAMPLES / "yarn" / "pack.py", path)
    return path


def solve(yarn, archive, store, mode):
    """Submit the job as the README of the example says."""
    conf = {"spark.pyspark.python": BASE, "spark.executorEnv.PYTHONPATH": "packages"}
    if mode == "cluster":
        conf["spark.yarn.appMasterEnv.PYSPARK_PYTHON"] = BASE
        conf["spark.yarn.appMasterEnv.PYTHONPATH"] = "packages"
    else:
        conf["spark.pyspark.driver.python"] = sys.executable
    # spark-submit passes its own PYTHONPATH on to containers: only the driver here may have one.
    env = {"PYTHONPATH": PATHS if mode == "client" and not installed() else ""}
    arguments = [f"--archives={archive}#packages", COLUMNS, "solve", store]
    return submit(yarn, *arguments, mode=mode, conf=conf, env=env)


def installed():
    """Whether ferrotran is in this Python, and not only on its path."""
    program = "import ferrotran"
    return not subprocess.run([sys.executable, "-I", "-c", program], capture_output=True).returncode


def finished(apps):
    assert [(app["state"], app["finalStatus"]) for app in apps] == [("FINISHED", "SUCCEEDED")]


def test_a_job_in_client_mode_over_webhdfs(yarn, hdfs, soil, archive):
    done, apps = solve(yarn, archive, f"{hdfs.webhdfs_url}{soil}", "client")
    finished(apps)
    assert "8 chunks, 0 of an earlier run" in done.stdout
    listed = yarn.application_list()
    assert re.search(rf"{apps[0]['id']}\s.*\sFINISHED\s+SUCCEEDED", listed), listed
    assert "4000 columns have the bits" in python(COLUMNS, "check", f"{hdfs.url}{soil}")


def test_a_job_in_cluster_mode_over_hdfs(yarn, hdfs, soil, archive):
    store = f"{hdfs.url}{soil}"
    _, apps = solve(yarn, archive, store, "cluster")
    finished(apps)
    assert "8 chunks, 0 of an earlier run" in output_of(yarn, apps[0]["id"])
    assert "4000 columns have the bits" in python(COLUMNS, "check", store)


def test_a_job_outlives_an_executor_that_is_killed(yarn, hdfs, x):
    store = f"{hdfs.url}/user/me/dies"
    scale.create(f"{store}/x", x.shape, x.dtype, (20_000,))[...] = x
    done, apps = submit(
        yarn, Path(__file__).with_name("executor_dies.py"), store,
        mode="client",
        conf={"spark.executorEnv.PYTHONPATH": PATHS},
        env={"PYTHONPATH": PATHS},
    )  # fmt: skip
    finished(apps)
    assert int(re.search(r"killed at (\d+)", done.stdout)[1]) < 20, "it was killed in the middle"
    assert "20 chunks" in done.stdout
    assert scale.open(f"{store}/y")[...].tobytes() == ft.special.erf(x).tobytes()
