"""A private Slurm for all tests of this folder, started and stopped by its command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))

from servers import slurm as server
from servers.slurm_process import started
from slurm_jobs import EXAMPLES, SCRIPT, Jobs

TABLE = []  # what sacct says of all jobs, for the end of the run


def pytest_terminal_summary(terminalreporter):
    if TABLE:
        terminalreporter.section("sacct: all jobs of these tests")
        terminalreporter.write(TABLE[0])


def command(name, **env):
    argv = [sys.executable, SCRIPT, name]
    return subprocess.run(argv, env=os.environ | env, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="session")
def slurm():
    """Jobs see the Python and the package of this process first."""
    if reason := server.missing():
        pytest.skip(reason)
    begun = command("start")
    assert begun.returncode == 0, begun.stderr
    conf = begun.stdout.strip().removeprefix("export SLURM_CONF=")
    running = server.Slurm.running(conf)
    yield running
    columns = "--format=JobID%12,JobName%16,State%12,ExitCode,Elapsed,NodeList%8"
    TABLE.append(running.run("sacct", "--allocations", "--duplicates", columns))
    pids = [daemon.pid for daemon in running.daemons]
    stopped = command("stop", SLURM_CONF=conf)
    assert stopped.returncode == 0, stopped.stderr
    assert [pid for pid in pids if started(pid)] == []
    assert not running.folder.exists()


@pytest.fixture
def jobs(slurm, tmp_path):
    """A copy of the examples, as a user makes one, to submit from."""
    for name in ("mpi", "slurm"):
        shutil.copytree(EXAMPLES / name, tmp_path / name)
    yield Jobs(slurm, tmp_path / "slurm")
    slurm.end_jobs()  # what a failed test has left
