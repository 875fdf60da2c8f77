"""A Dask cluster whose workers are Slurm jobs, submitted by dask-jobqueue."""

import pytest

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
