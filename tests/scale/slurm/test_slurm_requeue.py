"""Jobs that are killed in the middle, requeued by Slurm, and go on from the finished chunks."""

import os
import re
import shutil
import signal

import pytest
from servers.process import wait_until
from slurm_jobs import EXAMPLES, Jobs, Row

CHUNKS = 400
DONE = re.compile(r"^(\d+) chunks done, (\d+) skipped$", re.MULTILINE)


@pytest.fixture(scope="module")
def inputs(slurm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("columns")
    program = EXAMPLES / "slurm" / "columns.py"
    Jobs(slurm, folder).python(program, "make", f"--chunks={CHUNKS}", "--rows=10")
    return folder / "columns"


@pytest.fixture
def columns(jobs, inputs):
    shutil.copytree(inputs, jobs.folder / "columns")
    return jobs


def markers(folder):
    """Number of finished chunks in the journal."""
    return len(list(folder.glob("columns/after.zarr/.ferrotran/*/*")))


def in_the_middle(jobs, job):
    """Wait until some chunks are finished, and make sure that others are not."""
    wait_until(lambda: markers(jobs.folder) >= 5, f"job {job} has finished 5 chunks", 60, 0.01)
    assert jobs.run("squeue", "--noheader", "--format=%T", f"--jobs={job}").strip() == "RUNNING"


def finished(jobs, job, runs=(0, 1)):
    """The last run skips what the first has done; the answer has the bits of the serial one."""
    log = (jobs.folder / f"columns-requeue-{job}.out").read_text()
    ((done, skipped),) = DONE.findall(log)  # by one run only
    assert int(done) + int(skipped) == CHUNKS
    assert 5 <= int(skipped) < CHUNKS
    assert re.findall(r"^run (\d) on n[12]$", log, re.MULTILINE) == [str(run) for run in runs]
    assert markers(jobs.folder) == 0
    said = jobs.python("columns.py", "check")
    assert said == f"{10 * CHUNKS} columns have the bits of the serial answer\n"


def test_a_job_goes_on_elsewhere_after_its_node_has_died(slurm, columns):
    job = columns.submit("requeue.sbatch")
    in_the_middle(columns, job)
    slurm.kill_node("n1")
    try:
        before = markers(columns.folder)
        assert 5 <= before < CHUNKS
        # Slurm finds out by itself after SlurmdTimeout, five minutes by default.
        columns.run("scontrol", "update", "nodename=n1", "state=down", "reason=power")
        rows = columns.wait(job, runs=2)
        assert rows == [
            Row(job, "NODE_FAIL", "0:0", "n1"),
            Row(job, "COMPLETED", "0:0", "n2"),
        ], columns.logs()
    finally:
        slurm.start_node("n1")
    finished(columns, job)


def test_a_job_that_is_warned_of_its_time_limit_requeues_itself(columns):
    job = columns.submit("requeue.sbatch")
    in_the_middle(columns, job)
    # What --signal=B:USR1@120 sends, without the wait for the limit.
    columns.run("scancel", "--batch", "--signal=USR1", job)
    rows = columns.wait(job, runs=2)
    assert [(row.state, row.code) for row in rows] == [("REQUEUED", "0:0"), ("COMPLETED", "0:0")]
    finished(columns, job)
    assert "run 0 reaches its time limit" in columns.logs()


def test_what_a_killed_program_has_done_is_not_done_again_by_the_next_job(slurm, columns):
    first = columns.submit("requeue.sbatch")
    in_the_middle(columns, first)
    (program,) = columns.processes("columns.py", "run")
    os.kill(program, signal.SIGKILL)
    (row,) = columns.wait(first)
    assert (row.state, row.code) == ("FAILED", "9:0")  # sacct's form of status 137
    assert 5 <= markers(columns.folder) < CHUNKS
    second = columns.submit("requeue.sbatch")
    (row,) = columns.wait(second)
    assert (row.state, row.code) == ("COMPLETED", "0:0"), columns.logs()
    finished(columns, second, runs=[0])
