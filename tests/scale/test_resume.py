"""Killed in the middle, then resumed: the same bits, and nothing done twice."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ferrotran import scale
from scipy.special import jv
from servers import mpi

PROGRAM = str(Path(__file__).with_name("interrupted.py"))
SHAPE = CHUNKS, LENGTH = 40, 2000
ORDER = np.array(0.3)


@pytest.fixture
def x(rng, tmp_path):
    """The input, and an output of its shape."""
    x = rng.uniform(0, 20, SHAPE)
    for name in ("x.zarr", "y.zarr"):
        scale.create(tmp_path / name, SHAPE, x.dtype, (1, LENGTH))[...] = x
    return x


def expected(engine, x):
    return jv(ORDER, x) if engine == "dask" else np.vectorize(math.sin)(x)


def files(folder):
    """Inode and time of every chunk that is written."""
    found = (p for p in (folder / "y.zarr" / "c").rglob("*") if p.is_file())
    return {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in found if p.suffix != ".partial"}


def marked(folder):
    """The chunks that the journal has as finished."""
    journal = folder / "y.zarr" / ".ferrotran"
    name = json.loads((journal / "job.json").read_text())["name"]
    return {p.name for p in (journal / name).iterdir() if p.suffix != ".partial"}


def run(engine, folder, *words, scheduler=""):
    if engine == "mpi":
        if missing := mpi.missing():
            pytest.skip(missing)
        return mpi.run(2, PROGRAM, engine, str(folder), *words)
    return subprocess.run(
        [sys.executable, PROGRAM, engine, str(folder), *words],
        env=os.environ | {"SCHEDULER": scheduler},
        capture_output=True,
        text=True,
        timeout=60,
    )


def idle(client, seconds=30):
    """Wait until the workers have ended what they have begun."""
    end = time.monotonic() + seconds
    while any(client.run(lambda dask_worker: len(dask_worker.state.executing)).values()):
        assert time.monotonic() < end, "the workers do not end"
        time.sleep(0.05)


def finish(engine, folder, x, killed, scheduler="", most=CHUNKS - 1):
    """Resume, and check that what was finished stayed and all is right."""
    done, before = marked(folder), files(folder)
    assert 1 <= len(done) <= most, killed
    after = run(engine, folder, "resume", scheduler=scheduler)
    said = ["finished", str(CHUNKS), str(len(done))] * (2 if engine == "mpi" else 1)
    assert after.stdout.split() == said, after.stdout + after.stderr
    again = {p.parent.name for p, stat in files(folder).items() if before[p] != stat}
    assert again == {str(i) for i in range(CHUNKS)} - {name.split(".")[0] for name in done}
    found = scale.open(folder / "y.zarr")[:]
    assert np.array_equal(found.view(np.uint64), expected(engine, x).view(np.uint64))
    assert not (folder / "y.zarr" / ".ferrotran").exists()
    assert not list(folder.rglob("*.partial"))


def test_a_frozen_rank_ends_the_mpi_job_at_the_timeout(x, tmp_path):
    stopped = run("mpi", tmp_path, "freeze")
    assert stopped.returncode not in (0, 3)
    assert "a rank does not answer, the MPI job is aborted" in stopped.stderr
    # mpirun lets the rank go on for a moment before it kills it.
    finish("mpi", tmp_path, x, stopped, most=CHUNKS)


@pytest.mark.parametrize(
    ("engine", "who"),
    [("threads", "kill"), ("mpi", "kill"), ("mpi", "rank"), ("dask", "kill")],
)
def test_a_job_that_was_killed_goes_on(engine, who, x, tmp_path, request):
    client = request.getfixturevalue("client") if engine == "dask" else None
    scheduler = client.scheduler.address if client else ""
    killed = run(engine, tmp_path, who, scheduler=scheduler)
    assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), killed
    assert "finished" not in killed.stdout
    if client:
        idle(client)
    # A writer that was killed while it wrote leaves this.
    (tmp_path / "y.zarr" / "c" / "5" / "0.0123.partial").write_bytes(b"half")
    finish(engine, tmp_path, x, killed, scheduler)


def test_ctrl_c_leaves_a_job_that_goes_on(x, tmp_path):
    stopped = run("threads", tmp_path, "interrupt")
    assert stopped.returncode == 3, stopped.stderr
    assert stopped.stdout.split() == ["interrupted", str(CHUNKS)]
    finish("threads", tmp_path, x, stopped)


def test_without_resume_everything_is_done_again(x, tmp_path):
    run("threads", tmp_path, "kill")
    assert run("threads", tmp_path).stdout.split() == ["finished", str(CHUNKS), "0"]
    assert np.array_equal(scale.open(tmp_path / "y.zarr")[:], expected("threads", x))
    again = run("threads", tmp_path, "resume")
    assert again.stdout.split() == ["finished", str(CHUNKS), "0"], "there is no journal: it starts"


@pytest.fixture
def unfinished(rng, tmp_path):
    """A job that one chunk keeps from its end."""
    x = rng.uniform(1, 2, (8, 100))
    x[5, 3] = 0.0
    scale.create(tmp_path / "x.zarr", x.shape, x.dtype, (1, 100))[...] = x
    return x, {"kernel": np.reciprocal, "inputs": tmp_path / "x.zarr", "workers": 1}


def fail(**call):
    with np.errstate(divide="raise"), pytest.raises(scale.ChunkError, match=r"chunk \(5, 0\)"):
        scale.map_chunks(**call)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kernel": np.square}, "`kernel` is numpy.reciprocal in one, numpy.square here"),
        ({"chunks": (2, 100)}, r"`chunks` is \[1, 100\] in one, \[2, 100\] here"),
        ({"inputs": "other.zarr"}, "`inputs` is"),
        ({"kernel_options": {"casting": "unsafe"}}, "`options` is"),
    ],
)
def test_another_job_is_not_taken_up(change, words, unfinished, tmp_path):
    x, call = unfinished
    call["output"] = tmp_path / "y.zarr"
    fail(**call)
    done = marked(tmp_path)
    assert done == {f"{i}.0" for i in range(5)}
    if "inputs" in change:
        change = {"inputs": tmp_path / change["inputs"]}
        scale.create(change["inputs"], x.shape, x.dtype, (1, 100))
    with pytest.raises(ValueError, match=f"the unfinished job beside `output`.*{words}"):
        scale.map_chunks(resume=True, **(call | change))
    assert marked(tmp_path) == done


def test_a_memmap_has_its_journal_beside_it(unfinished, tmp_path):
    x, call = unfinished
    y = call["output"] = np.memmap(tmp_path / "y.bin", "f8", "w+", shape=x.shape)
    fail(**call)
    journal = tmp_path / "y.bin.ferrotran"
    assert (journal / "job.json").exists()
    with np.errstate(divide="ignore"):
        assert scale.map_chunks(resume=True, **call).skipped == 5
        assert np.array_equal(np.fromfile(tmp_path / "y.bin").reshape(x.shape), 1 / x)
    assert not journal.exists()
    with pytest.raises(ValueError, match="in memory"):
        scale.map_chunks(resume=True, **(call | {"output": np.array(y)}))


def test_several_outputs_are_finished_together(rng, tmp_path):
    x = rng.uniform(1, 2, (8, 100))
    x[5, 3] = 0.0
    outputs = (tmp_path / "y.zarr", tmp_path / "z.zarr")
    call = {"kernel": np.divmod, "inputs": (x, x), "output": outputs, "chunks": (1, 100)}
    with np.errstate(all="raise"), pytest.raises(scale.ChunkError, match=r"chunk \(5, 0\)"):
        scale.map_chunks(**call, workers=1)
    assert marked(tmp_path) == {f"{i}.0" for i in range(5)}
    with np.errstate(all="ignore"):
        report = scale.map_chunks(**call, resume=True)
        expected = np.divmod(x, x)
    assert report.skipped == 5
    for found, right in zip(report.output, expected):
        assert np.array_equal(found[:], right, equal_nan=True)
