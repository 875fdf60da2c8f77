"""Arrays in a real HDFS through both doors, and with servers that die while a job runs."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import ferrotran as ft
import pytest
from distributed import Client
from ferrotran import scale
from ferrotran.scale import Location
from servers import mpi

ERF = ft.special.erf
CHUNK = 20_000
BRISK = {"patience": 1.0, "dfs.client.failover.max.attempts": "1"}


@pytest.fixture(params=["hdfs", "webhdfs"])
def door(request, hdfs):
    return {"hdfs": hdfs.url, "webhdfs": hdfs.webhdfs_url}[request.param]


@pytest.fixture
def folder(request, door):
    return f"{door}/data/{''.join(c if c.isalnum() else '-' for c in request.node.name)}"


def other(door, hdfs):
    return hdfs.webhdfs_url if door == hdfs.url else hdfs.url


def write(url, x):
    scale.create(url, x.shape, x.dtype, (CHUNK,))[...] = x


def names(hdfs, url):
    """All files and folders under a URL of either door."""
    from hdfs_native import Client

    path = "/" + url.split("/", 3)[3]
    return [status.path for status in Client(hdfs.url).list_status(path, recursive=True)]


def brisk(url):
    """Give up soon: for a NameNode that stays away."""
    options = BRISK if url.startswith("hdfs://") else {"patience": 1.0}
    return Location(url, **options)


def test_one_door_reads_what_the_other_wrote(hdfs, door, folder, x):
    write(f"{folder}/x", x)
    report = scale.map_chunks(ERF, f"{folder}/x", f"{folder}/y")
    assert report.output[...].tobytes() == ERF(x).tobytes()
    there = folder.replace(door, other(door, hdfs))
    assert scale.open(f"{there}/x")[...].tobytes() == x.tobytes()
    assert scale.open(f"{there}/y")[...].tobytes() == ERF(x).tobytes()
    files = names(hdfs, f"{folder}/y")
    assert not [name for name in files if name.endswith(".partial") or ".ferrotran" in name]


@pytest.mark.parametrize("engine", ["dask", "mpi"])
def test_other_engines_give_the_bits_of_a_serial_call(folder, x, engine):
    write(f"{folder}/x", x)
    if engine == "mpi":
        program = str(Path(__file__).parents[1] / "mapped.py")
        done = mpi.run(2, program, f"{folder}/x", f"{folder}/y", timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
            scale.map_chunks(
                ft.special.j0, f"{folder}/x", f"{folder}/y", engine=engine, client=client
            )
    assert scale.open(f"{folder}/y")[...].tobytes() == ft.special.j0(x).tobytes()


def test_parts_are_read_as_a_slice_counts_them(hdfs, folder):
    from ferrotran.scale._webhdfs import WebHdfs

    fs = WebHdfs("127.0.0.1", hdfs.http_port)
    path = "/" + folder.split("/", 3)[3]
    text = bytes(range(256)) * 5000  # two blocks of HDFS
    fs.pipe_file(path, text)
    for part in [(None, None), (0, 10), (1 << 20, (1 << 20) + 5), (-7, None), (5, 5), (9, 10**9)]:
        assert fs.cat_file(path, *part) == text[slice(*part)], part
    with pytest.raises(FileNotFoundError):
        fs.cat_file(path + "-not")
    assert not fs.exists(path + "-not")


def test_a_shard_is_read_in_parts(folder, x):
    scale.create(f"{folder}/x", x.shape, x.dtype, (CHUNK,), shards=(5 * CHUNK,))[...] = x
    report = scale.map_chunks(ERF, f"{folder}/x", None, chunks=CHUNK)
    assert report.output.tobytes() == ERF(x).tobytes()


def test_a_process_that_has_read_can_fork(folder, x):
    """As pyspark does when it starts Java."""
    write(f"{folder}/x", x)
    code = """
    import subprocess, sys
    from ferrotran import scale

    before = scale.open(sys.argv[1])[:10].sum()
    subprocess.run([sys.executable, "-c", "pass"], preexec_fn=lambda: None, check=True)
    assert scale.open(sys.argv[1])[:10].sum() == before
    """
    command = [sys.executable, "-c", textwrap.dedent(code), f"{folder}/x"]
    program = subprocess.Popen(command, start_new_session=True)
    try:
        assert program.wait(60) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait(10)


def test_a_missing_array_is_named(door):
    url = f"{door}/nothing/here"
    with pytest.raises(FileNotFoundError, match=f"there is no zarr array at {url}"):
        scale.map_chunks(ERF, url, None)


def test_patience_is_checked(door):
    with pytest.raises(ValueError, match="`patience` is -1, expected a number of seconds"):
        scale.open(Location(f"{door}/x", patience=-1))


def test_a_datanode_is_killed_and_replaced_while_a_job_runs(hdfs, folder, x):
    """Two copies of each block: what was written is there, what is written goes elsewhere."""
    write(f"{folder}/x", x)
    replaced = []

    def progress(done, total):
        if done >= 4 and not replaced:
            victim = next(node for node in hdfs.datanodes if node.running)
            victim.kill()
            hdfs.add_datanode()
            replaced.append((done, victim.name))

    report = scale.map_chunks(ERF, f"{folder}/x", f"{folder}/y", progress=progress, timeout=120)
    assert replaced[0][0] < 20, "it was killed in the middle"
    assert report.output[...].tobytes() == ERF(x).tobytes()
    hdfs.namenode.wait_until(
        lambda: hdfs.live() == 2 and hdfs.under_replicated() == 0, "two copies of all blocks", 120
    )
    assert scale.open(f"{folder}/y")[...].tobytes() == ERF(x).tobytes()


def test_a_namenode_that_is_away_is_an_error_and_back_a_finished_job(hdfs, folder, x):
    write(f"{folder}/x", x)
    source, target = brisk(f"{folder}/x"), brisk(f"{folder}/y")

    def progress(done, total):
        if done >= 4 and hdfs.namenode.running:
            hdfs.namenode.kill()

    try:
        with pytest.raises(
            scale.ChunkError, match=r"chunk \(\d+,\), region \[\d+:\d+\]: "
        ) as caught:
            scale.map_chunks(ERF, source, target, progress=progress, timeout=120)
        assert isinstance(caught.value.__cause__, OSError | RuntimeError)
    finally:
        if not hdfs.namenode.running:
            hdfs.start_namenode()
    report = scale.map_chunks(ERF, source, target, resume=True)
    assert report.skipped >= 4
    assert report.output[...].tobytes() == ERF(x).tobytes()


def test_a_namenode_that_starts_anew_is_waited_for(hdfs, folder, x):
    """With the usual patience the job goes on by itself."""
    write(f"{folder}/x", x)
    restarted = []

    def progress(done, total):
        if done >= 4 and not restarted:
            hdfs.namenode.kill()
            hdfs.start_namenode(wait=False)
            restarted.append(done)

    source, target = Location(f"{folder}/x", patience=90), Location(f"{folder}/y", patience=90)
    report = scale.map_chunks(ERF, source, target, progress=progress, timeout=240)
    assert restarted[0] < 20
    assert report.output[...].tobytes() == ERF(x).tobytes()


def rot(hdfs, value, copies):
    """Change a bit in so many copies of a block on the DataNodes' disks."""
    for path in hdfs.root.glob("datanode*/**/blk_*"):
        block = bytearray(path.read_bytes()) if path.suffix != ".meta" and copies else b""
        if block == value:
            block[len(block) // 2] ^= 1
            path.write_bytes(block)
            copies -= 1
    assert copies == 0


@pytest.mark.parametrize("copies", [1, 2])
def test_a_rotten_block_is_never_taken_for_data(copies, hdfs, folder, x):
    from hdfs_native.fsspec import HdfsFileSystem

    x = x + len(folder) + copies  # no other block on the disks is the same
    write(f"{folder}/x", x)
    path = "/" + folder.split("/", 3)[3]
    fs = HdfsFileSystem("127.0.0.1", hdfs.port, skip_instance_cache=True)
    rot(hdfs, fs.cat_file(f"{path}/x/c/1"), copies)
    source = brisk(f"{folder}/x")
    if copies == 1:
        assert scale.map_chunks(ERF, source, None).output.tobytes() == ERF(x).tobytes()
        return
    with pytest.raises(scale.ChunkError, match=r"chunk \(1,\), .*: reading the inputs: "):
        scale.map_chunks(ERF, source, None)
