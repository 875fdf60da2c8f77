"""MPI jobs over both nodes, started by srun through PMIx."""

import re
import shutil

import pytest
from servers.process import wait_until
from slurm_jobs import Row

pytestmark = pytest.mark.skipif(shutil.which("mpirun") is None, reason="needs openmpi-bin")


def outcome(jobs, job):
    """The node list of a job that has just ended lacks nodes; that of its step does not."""
    (row,) = jobs.wait(job)
    return row.state, row.code


def test_map_chunks_runs_on_the_ranks_of_two_nodes(jobs):
    jobs.python("columns.py", "make", "--chunks=40", "--rows=100")
    job = jobs.submit("mpi.sbatch")
    assert outcome(jobs, job) == ("COMPLETED", "0:0"), jobs.logs()
    step = Row(f"{job}.0", "COMPLETED", "0:0", "n[1-2]")
    assert jobs.sacct(job, steps=True)[-1] == step
    assert (jobs.folder / f"columns-mpi-{job}.out").read_text() == "40 chunks done, 0 skipped\n"
    said = jobs.python("columns.py", "check")
    assert said == "4000 columns have the bits of the serial answer\n"


def test_a_rank_that_fails_ends_the_job_and_sacct_shows_it(jobs):
    jobs.python("columns.py", "make", "--chunks=8", "--rows=10")
    (jobs.folder / "columns" / "middle.zarr" / "c" / "3" / "0").write_bytes(b"not a chunk")
    job = jobs.submit("mpi.sbatch")
    assert outcome(jobs, job) == ("FAILED", "1:0"), jobs.logs()
    assert "ChunkError: chunk (3,)" in jobs.logs()
    assert jobs.sacct(job, steps=True)[-1] == Row(f"{job}.0", "FAILED", "1:0", "n[1-2]")


def test_heat_is_requeued_and_goes_on_from_its_last_file_with_the_bits_of_one_rank(jobs):
    size = ["--shape", "300", "200", "--steps", "2000"]
    job = jobs.submit("heat.sbatch", *size, "--every", "50")
    files = jobs.folder / "heat"
    wait_until(lambda: len(list(files.glob("*.npy"))) >= 2, "two files", 60, 0.01)
    jobs.run("scontrol", "requeue", job)
    rows = jobs.wait(job, runs=2)
    assert [(row.state, row.code) for row in rows] == [("REQUEUED", "0:0"), ("COMPLETED", "0:0")]
    first, second = re.findall(r"^from (.*)$", jobs.logs(), re.MULTILINE)
    assert first == "the start"
    assert "heat-00000100.npy" <= second.removeprefix("heat/") < "heat-00002000.npy"
    program = jobs.folder.parent / "mpi" / "heat_mpi.py"
    jobs.python(program, "--out", "serial", *size)
    wanted = (jobs.folder / "serial" / "heat-00002000.npy").read_bytes()
    assert (files / "heat-00002000.npy").read_bytes() == wanted
