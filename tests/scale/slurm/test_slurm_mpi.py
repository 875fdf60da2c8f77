"""MPI jobs over both nodes, started by srun through PMIx."""

from slurm_jobs import Row


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


def test_an_mpi_without_one_sided_communication_is_refused_with_what_to_set(jobs):
    jobs.python("columns.py", "make", "--chunks=8", "--rows=10")
    script = (jobs.folder / "mpi.sbatch").read_text()
    assert "export OMPI_MCA_osc=ucx\n" in script
    without = jobs.folder / "without.sbatch"
    without.write_text(script.replace("OMPI_MCA_osc=ucx", "OMPI_MCA_osc=sm"))
    job = jobs.submit(without)
    assert outcome(jobs, job) == ("FAILED", "1:0"), jobs.logs()
    assert "set OMPI_MCA_osc=ucx" in jobs.logs()
