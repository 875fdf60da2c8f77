"""The private Slurm itself: nodes, loopback, cages of cores, and what happens without root."""

import os
import re
import subprocess
import sys

import pytest
from servers import slurm as server
from servers.slurm_process import can_cage
from slurm_jobs import SCRIPT

CORES = "import ferrotran as ft; print(ft.scale.cores(), ft.get_num_threads())"


def test_one_step_runs_on_both_nodes(jobs):
    said = jobs.run("srun", "--nodes=2", "printenv", "SLURMD_NODENAME")
    assert sorted(said.split()) == ["n1", "n2"]


def test_every_daemon_listens_on_loopback_alone(slurm):
    said = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    pids = {str(daemon.pid) for daemon in slurm.daemons}
    lines = [x.split() for x in said.splitlines() if pids & set(re.findall(r"pid=(\d+)", x))]
    assert len(lines) == 5  # munged has a socket of its own
    assert {line[3].rpartition(":")[0] for line in lines} == {"127.0.0.1"}


@pytest.mark.parametrize("cores", [1, 2])
def test_a_task_has_the_cores_that_slurm_gave_it(jobs, cores):
    if cores > os.cpu_count():
        pytest.skip(f"this machine has {os.cpu_count()} cores")
    # Not the variable that srun sets, but the cores themselves.
    task = ["env", "--unset=SLURM_CPUS_PER_TASK", sys.executable, "-c", CORES]
    said = jobs.run("srun", "--ntasks=1", f"--cpus-per-task={cores}", *task)
    assert said.split() == [str(cores)] * 2


def test_the_ranks_of_a_node_share_its_cores_when_they_are_not_bound(jobs):
    options = ["--mpi=pmix", "--ntasks=2", "--nodes=1", "--cpu-bind=none"]
    said = jobs.run("srun", *options, sys.executable, "-c", CORES)
    assert [line.split()[0] for line in said.splitlines()] == ["1", "1"]


@pytest.mark.skipif(not can_cage(), reason="needs control groups of version 1: a cpuset")
def test_a_task_cannot_leave_its_cage(jobs):
    escape = "import os; os.sched_setaffinity(0, {1})"
    with pytest.raises(server.SlurmError, match="Invalid argument"):
        jobs.run("srun", "--ntasks=1", "--cpus-per-task=1", sys.executable, "-c", escape)


def test_a_daemon_that_ends_is_named_with_its_log(slurm):
    other = server.Slurm()
    try:
        (other.folder / "log").mkdir()
        other._daemon("munged", "-F", "--key-file=/none")
        with pytest.raises(server.SlurmError, match=r"(?s)munged ended.*Error: "):
            other.wait_for(lambda: False, "never", 30)
    finally:
        other.stop()
    assert not other.folder.exists()


def test_a_folder_that_the_database_cannot_enter_is_refused(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(server.SlurmError, match=f"chmod o\\+x {tmp_path}"):
        server.Slurm(tmp_path / "slurm").start()


def test_without_root_the_message_says_so():
    code = (
        "import os, sys; from servers import slurm; os.setuid(65534); sys.exit(slurm.main([{!r}]))"
    )
    for name in ("check", "start"):
        argv = [sys.executable, "-c", code.format(name)]
        path = str(SCRIPT.parents[1])
        done = subprocess.run(argv, env={"PYTHONPATH": path}, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("slurm.py: Slurm needs root")
