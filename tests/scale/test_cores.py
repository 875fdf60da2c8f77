"""A worker takes the cores it was given, and all workers together no more than there are."""

import json
import os
import uuid
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest
from ferrotran import scale
from ferrotran.scale import _cores
from servers import mpi

CORES = len(os.sched_getaffinity(0))
COUNT = "from ferrotran.scale import cores; print(cores())"


@pytest.mark.parametrize(("ranks", "binding"), [(1, "core"), (2, "core"), (2, "none")])
def test_ranks_divide_the_cores(ranks, binding, request):
    if missing := mpi.missing():
        pytest.skip(missing)
    program = str(request.path.with_name("mpi_cores.py"))
    done = mpi.run(ranks, program, options=("--bind-to", binding))
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    for rank in said:
        assert rank["cores"] == max(1, rank["bound"] // (ranks if binding == "none" else 1))
        assert all(n == rank["cores"] for n in rank["in a task"])
    assert any(rank["in a task"] for rank in said)
    assert sum(rank["cores"] for rank in said) <= max(CORES, ranks)
    # A kernel with one thread starts none.
    assert sum(max(1, rank["kernel threads"]) for rank in said) <= max(CORES, ranks)


def test_the_threads_of_a_task_are_within_the_cores():
    seen = []

    def look(v):
        seen.append(ft.get_num_threads())
        return v

    def run(**options):
        seen.clear()
        scale.map_chunks(
            np.frompyfunc(look, 1, 1),
            *(np.arange(4.0), np.empty(4)),
            chunks=1,
            kernel_options={"casting": "unsafe"},
            **options,
        )
        return set(seen)

    most = min(scale.cores(), ft.get_num_threads())
    assert run() == {1}
    assert run(workers=1) == {most}
    assert run(threads=most) == {most}
    with ft.threads(1):
        assert run(workers=1) == {1}


@pytest.mark.parametrize("name", _cores.LIMITS)
def test_variables_lower_the_number(name, monkeypatch):
    for other in _cores.LIMITS:
        monkeypatch.delenv(other, raising=False)
    most = scale.cores()
    for text, expected in [("1", 1), ("999", most), ("many", most), ("0", most), ("", most)]:
        monkeypatch.setenv(name, text)
        assert scale.cores() == expected


def test_affinity_lowers_the_number(script):
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n" + COUNT
    assert script(code).strip() == "1"


def test_ranks_of_one_mask_share_it_and_of_several_do_not():
    masks = [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5], [5, 6, 7]]
    limits = _cores.limited(99)
    expected = [2, 2, 1, 2]  # core 5 is half of two ranks'
    assert [_cores.shared(m, masks) for m in masks] == [min(n, limits) for n in expected]


@pytest.mark.parametrize(
    ("variables", "mine", "expected"),
    [
        ({}, CORES, 1),
        ({"OMPI_COMM_WORLD_LOCAL_SIZE": "2"}, CORES, 2),
        ({"MPI_LOCALNRANKS": str(4 * CORES)}, CORES, 4 * CORES),
        ({"OMPI_COMM_WORLD_LOCAL_SIZE": str(CORES)}, 1, 1),
        ({"SLURM_STEP_TASKS_PER_NODE": "2(x3),1", "SLURM_NODEID": "2"}, CORES, 2),
        ({"SLURM_STEP_TASKS_PER_NODE": "2(x3),1", "SLURM_NODEID": "3"}, CORES, 1),
    ],
)
def test_ranks_that_share_are_told_from_the_environment(variables, mine, expected):
    assert _cores.sharing(mine, variables) == expected


def test_quotas_of_control_groups(tmp_path):
    two, one = tmp_path / "v2", tmp_path / "v1"
    (two / "job" / "step").mkdir(parents=True)
    (two / "job" / "cpu.max").write_text("150000 100000\n")
    (two / "job" / "step" / "cpu.max").write_text("max 100000\n")
    (one / "cpu,cpuacct" / "job").mkdir(parents=True)
    for name, text in [("cpu.cfs_quota_us", "250000\n"), ("cpu.cfs_period_us", "100000\n")]:
        (one / "cpu,cpuacct" / "job" / name).write_text(text)
    mine = tmp_path / "cgroup"
    mine.write_text("0::/job/step\n")
    assert _cores.group_quota(mine, two) == 1.5
    mine.write_text("5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n")
    assert _cores.group_quota(mine, one) == 2.5
    assert _cores.group_quota(tmp_path / "none", one) is None
    mine.write_text("4:cpu,cpuacct:/elsewhere\n")
    assert _cores.group_quota(mine, one) is None


@pytest.mark.skipif(CORES < 2, reason="one core: a quota of one changes nothing")
def test_a_real_control_group_lowers_the_number(script):
    name = f"ferrotran-{uuid.uuid4().hex}"
    group, text = Path("/sys/fs/cgroup/cpu") / name, "100000"
    files = {"cpu.cfs_period_us": text, "cpu.cfs_quota_us": text}
    if not group.parent.is_dir():
        group, files = Path("/sys/fs/cgroup") / name, {"cpu.max": "100000 100000"}
    try:
        group.mkdir()
        for file, content in files.items():
            (group / file).write_text(content)
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        pytest.skip(f"no control group can be made here: {error}")
    try:
        code = f"import os; open('{group}/cgroup.procs', 'w').write(str(os.getpid()))\n" + COUNT
        assert script(code).strip() == "1"
    finally:
        group.rmdir()
