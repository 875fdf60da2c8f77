"""A Dask cluster whose workers are Slurm jobs, submitted by dask-jobqueue."""

import subprocess
import sys

import pytest
from servers.process import wait_until

pytest.importorskip("dask_jobqueue", reason="needs dask-jobqueue, see requirements-scale.txt")


def test_map_chunks_runs_on_workers_that_are_slurm_jobs(jobs):
    jobs.python("columns.py", "make", "--chunks=40", "--rows=100")
    said = jobs.python("dask_cluster.py", "--jobs=2", "--interface=lo", "--wait=60", timeout=120)
    assert said == "2 workers\n40 chunks done\n"
    said = jobs.python("columns.py", "check")
    assert said == "4000 columns have the bits of the serial answer\n"
    ids = sorted(path.stem.rpartition("-")[2] for path in jobs.folder.glob("dask-logs/*.out"))
    assert len(ids) == 2
    # dask-jobqueue ends its workers with scancel.
    rows = [row for job in ids for row in jobs.wait(job)]
    assert [row.state for row in rows] == ["CANCELLED", "CANCELLED"]


def test_the_tasks_of_a_worker_whose_job_is_killed_are_done_by_the_other(jobs):
    jobs.python("columns.py", "make", "--chunks=200", "--rows=10")
    command = [sys.executable, "dask_cluster.py", "--jobs=2", "--interface=lo", "--wait=60"]
    done = jobs.folder.glob
    with subprocess.Popen(
        command, cwd=jobs.folder, env=jobs.env, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            marks = "columns/after.zarr/.ferrotran/*/*"
            wait_until(lambda: len(list(done(marks))) >= 5, "5 chunks done", 60, 0.01)
            workers = jobs.run("squeue", "--noheader", "--format=%i").split()
            assert len(workers) == 2
            jobs.run("scancel", "--signal=KILL", workers[0])
            assert len(list(done(marks))) < 200
            said, _ = program.communicate(timeout=60)
        finally:
            program.kill()
    assert (program.returncode, said) == (0, "2 workers\n200 chunks done\n"), jobs.logs()
    (row,) = jobs.wait(workers[0])
    assert row.state in ("FAILED", "CANCELLED")
    assert jobs.python("columns.py", "check").startswith("2000 columns have the bits")
