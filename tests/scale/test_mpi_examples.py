"""examples/parallel/mpi in Python: the bits of a serial run, restarts, faults, cores, the page."""

import json
import os
import re
import subprocess
import sys
import warnings

import ferrotran as ft
import numpy as np
import pytest
from mpi_support import (
    EDGES,
    EVERY,
    FILES,
    MPI,
    ROOT,
    SHAPE,
    STEPS,
    asked,
    heat,
    launch,
    model,
    plate,
    python,
    scaling_page,
    script,
    serial,
    small_disk,
)


@pytest.fixture(scope="module", params=[1, 2, 3, 4])
def run(request, tmp_path_factory):
    """One run for each kind of edges, of some ranks, and one that ends by itself."""
    folder, ranks = tmp_path_factory.mktemp("heat"), request.param
    halos = {"dirichlet": 5, "neumann": 1, "periodic": 9}
    runs = [asked(edges, halo, folder / edges) for edges, halo in halos.items()]
    done = heat(ranks, *runs, [*asked("neumann", 4, folder / "ends"), "--tol", 0.1])
    assert done.returncode == 0, done.stderr
    return ranks, folder, done.stdout


@pytest.mark.parametrize("edges", EDGES)
def test_files_have_the_bits_of_the_serial_run(run, edges):
    _, folder, _ = run
    assert sorted(p.name for p in (folder / edges).iterdir()) == [
        f"heat-{step:08d}.npy" for step in FILES
    ]
    for step in FILES:
        path = folder / edges / f"heat-{step:08d}.npy"
        found = np.load(path)
        np.testing.assert_array_equal(found["u"], serial(edges, step), strict=True)
        meta = [found[name].item() for name in ("step", "dt", "diffusivity", "edges")]
        assert meta == [step, 0.2, 1.0, edges.encode()]
        assert path.stat().st_size % 8 == 0  # so that the cells of a mapped file are aligned


def test_a_run_ends_at_the_same_step_and_change_on_any_number_of_ranks(run):
    ranks, folder, said = run
    rows = 2 if ranks == 4 else ranks
    assert f"{STEPS} steps of 37 x 53 cells on {rows} x {ranks // rows} ranks" in said
    before, step, change = plate(SHAPE), 0, np.inf
    while change > 0.1:  # the serial run
        step = min(step + EVERY, STEPS)
        after = serial("neumann", step)
        before, change = after, np.abs(after - before).max()
    assert step < STEPS, "the tolerance ends nothing"
    assert f"step {step}: largest change {change:.3e}\n" in said
    assert max(p.name for p in (folder / "ends").iterdir()) == f"heat-{step:08d}.npy"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of 2 ranks to go on from."""
    folder = tmp_path_factory.mktemp("files")
    done = heat(2, *(asked(edges, 7, folder / edges) for edges in EDGES))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("ranks", [1, 3])
def test_another_number_of_ranks_goes_on_from_a_file(files, tmp_path, ranks):
    restart = ["--steps", STEPS, "--halo", 4, "--restart"]
    runs = [
        [*restart, files / edges / "heat-00000012.npy", "--out", tmp_path / edges]
        for edges in EDGES
    ]
    done = heat(ranks, *runs)
    assert done.stdout.count("19 steps of 37 x 53 cells") == 3, done.stderr
    for edges in EDGES:
        name = f"{edges}/heat-{STEPS:08d}.npy"
        assert (tmp_path / name).read_bytes() == (files / name).read_bytes()


def test_what_cannot_be_done_is_refused_by_name_on_all_ranks(files, tmp_path):
    file = files / "neumann" / "heat-00000012.npy"
    short, other = tmp_path / "short.npy", tmp_path / "other.npy"
    short.write_bytes(file.read_bytes()[:-8])
    np.save(other, np.zeros(SHAPE))
    cases = {
        "`halo` is 20, expected at most 18, the rows of": ["--shape", 37, 53, "--halo", 20],
        "`halo` is 0, expected at least 1": ["--halo", 0],
        "`dims` is 3 x 1, expected 2 ranks": ["--dims", 3, 1],
        "`steps` is -1, expected at least 0": ["--steps", -1],
        "`shape` is (0, 3), expected two numbers above 0": ["--shape", 0, 3],
        "`dt` is 0.3, expected at most 0.25": ["--dt", 0.3],
        "`dt` is 0.1, the file has 0.2": ["--restart", file, "--dt", 0.1],
        "`shape` is (3, 3), the file has (37, 53)": ["--restart", file, "--shape", 3, 3],
        "`edges` is periodic, the file has neumann": ["--restart", file, "--edges", "periodic"],
        f"No such file or directory: '{tmp_path / 'none.npy'}'": [
            *["--restart", tmp_path / "none.npy"]
        ],
        f"{short} has {short.stat().st_size} bytes, expected": ["--restart", short],
        f"{other} is not a file of this program: it holds float64": ["--restart", other],
        f"Not a directory: '{file / 'below'}'": [
            *["--shape", 9, 9, "--halo", 1, "--steps", 1, "--out", file / "below"]
        ],
        "invalid choice: 'open'": ["--edges", "open"],
    }
    done = heat(2, *cases.values())
    assert done.returncode == 0, done.stderr
    for words in cases:
        assert done.stderr.count(words) == 1, f"{words}\n{done.stderr}"


def test_a_field_that_is_not_finite_ends_the_run(files, tmp_path):
    bytes_ = bytearray((files / "neumann" / "heat-00000012.npy").read_bytes())
    bytes_[-8:] = np.float64("nan").tobytes()
    (tmp_path / "nan.npy").write_bytes(bytes_)
    done = script(3, "heat_mpi.py", "--restart", tmp_path / "nan.npy", "--steps", 14)
    assert done.returncode != 0
    assert done.stderr.count("the field is not finite after step 14") == 1


def test_a_full_disk_ends_the_run_and_leaves_no_file_with_a_name(tmp_path):
    with small_disk(tmp_path, 200_000) as disk:
        argv = ["--shape", 300, 300, "--steps", 8, "--out", disk]
        done = script(2, "heat_mpi.py", *argv)
        assert done.returncode != 0
        assert re.search(r"rank \d of 2 on \S+: OSError: \S+heat-00000008.npy took", done.stderr)
        assert [p.name for p in disk.iterdir()] == ["heat-00000008.part"]


def test_an_error_of_one_rank_ends_all_and_says_whose_it_is():
    code = (
        "import ranks\n"
        "def main(comm):\n"
        "    if comm.rank == 1: raise OSError('no space')\n"
        "    comm.Barrier()\n"
        "ranks.run(main)\n"
    )
    done = python(2, code)
    assert done.returncode != 0
    assert re.search(r"rank 1 of 2 on \S+: OSError: no space", done.stderr)


# Between nodes without hardware for it, the counter is served in software: as over sockets here.
SOCKETS = {"OMPI_MCA_btl": "tcp,self", "OMPI_MCA_osc": "^sm"}


@pytest.mark.parametrize("network", [{}, SOCKETS], ids=["memory", "sockets"])
def test_the_ensemble_keeps_its_order_and_reports_what_failed(tmp_path, network):
    items, raised = 3000, 777
    argv = ["--items", items, "--chunk", 50, "--fault", f"raise:{raised}"]
    done = script(3, "ensemble.py", *argv, "--out", tmp_path / "all.npy", **network)
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "all.npy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = ft.integrate.quad_batch(libm_j0(), 0.0, found["b"])
    others = np.arange(items) != raised
    np.testing.assert_array_equal(found["item"], np.arange(items))
    golden = np.arange(items) * 0.6180339887498949 % 1.0
    np.testing.assert_array_equal(found["b"], 0.1 * 4338.0**golden)
    np.testing.assert_array_equal(found["value"][others], alone.value[others])
    np.testing.assert_array_equal(found["error"][others], alone.abserr[others])
    np.testing.assert_array_equal(found["status"][others], alone.status[others])
    assert np.isnan(found["value"][raised])
    assert found["status"][raised] == -1
    assert f"item {raised}, b = " in done.stderr
    assert "ArithmeticError: item 777 was asked to raise" in done.stderr
    failed = 1 + np.count_nonzero(alone.status)
    assert f"{items} items, {failed} failed; by rank: " in done.stdout
    shares = [int(n) for n in re.search(r"by rank: ([\d, ]+);", done.stdout)[1].split(", ")]
    assert len(shares) == 3
    assert sum(shares) == items


def libm_j0():
    import ctypes
    import ctypes.util

    function = ctypes.CDLL(ctypes.util.find_library("m")).j0
    function.argtypes, function.restype = [ctypes.c_double], ctypes.c_double
    return function


@pytest.mark.parametrize("kind", ["kill", "exit"])
def test_a_rank_that_ends_in_the_ensemble_is_an_error_that_names_its_items(kind):
    done = script(3, "ensemble.py", "--items", 4000, "--chunk", 50, "--fault", f"{kind}:1234")
    assert done.returncode != 0
    assert "items 1200 to 1249" in done.stderr, done.stderr
    if kind == "exit":
        assert re.search(r"rank \d of 3 on \S+: RuntimeError: item 1234 was", done.stderr)


def test_a_rank_takes_the_cores_that_it_was_given():
    everything = len(os.sched_getaffinity(0))
    free = ["--bind-to", "none"] if launch.is_open_mpi() else []
    for ranks in (1, 2):
        head, *rest = launch.command(ranks, sys.executable, MPI / "hello.py")
        done = subprocess.run(
            [head, *free, *rest],
            env=launch.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        each = max(1, everything // ranks)
        word = "core" if each == 1 else "cores"
        lines = done.stdout.splitlines()
        assert len(lines) == ranks
        for rank, line in enumerate(lines):
            assert re.match(rf"rank {rank} of {ranks} on \S+: {each} {word}, J0\({rank}\) =", line)


def test_chunks_of_an_array_on_all_ranks(tmp_path):
    scale = pytest.importorskip("ferrotran.scale", reason="there is no ferrotran.scale")
    pytest.importorskip("zarr", reason="zarr is not installed: pip install zarr")
    x, y = tmp_path / "x.zarr", tmp_path / "y.zarr"
    done = script(2, "chunks.py", x, y)
    assert done.returncode == 0, done.stderr
    expected = ft.special.j0(np.linspace(0, 50, 400_000))
    np.testing.assert_array_equal(scale.open(y)[:], expected)
    assert done.stdout.startswith("4 chunks in ")


def test_the_tasks_of_the_scaling_run():
    heat_asked = {"seconds": 0.01, "shape": [40, 40], "halo": 4, "every": 10}
    tasks = {"heat": heat_asked, "reduction": {"seconds": 0.01}}
    for name, arguments in tasks.items():
        done = script(2, "scaling_tasks.py", name, json.dumps(arguments))
        assert done.returncode == 0, done.stderr
        median, low, high = json.loads(done.stdout)
        assert 0 < low <= median <= high


UNIT = model.Machine(
    latency=1.0, bandwidth=8.0, reduction=100.0, call=0.0, check=0.0,
    cells={1: {2: 1.0}, 1000: {2: 1.0}}, strips={2: 1.0},
)  # fmt: skip


def test_the_model_adds_up_what_a_rank_does():
    # 3 x 3 ranks: the middle block is 10 x 20, its 8 messages carry a ring 2 cells wide.
    step = model.step(UNIT, (30, 60), 9, 2)
    assert step.interior == 200
    assert step.halo == (8 + 14 * 24 - 10 * 20) / 2
    assert step.rims == 2 * 6 * (24 + 14)
    assert step.check == 4 * 100 / model.EVERY
    assert step.total == 200 + step.rims + 4
    assert step.in_turn == step.total + step.halo
    assert step.largest == "rims"
    alone = model.step(UNIT, (30, 60), 1, 2)
    assert (alone.total, alone.halo, alone.rims) == (1800, 0, 0)
    assert model.step(UNIT, (30, 60), 9, 2, cores=3).interior == 600


def test_the_model_cuts_ranks_as_mpi_does():
    code = (
        "from mpi4py import MPI\n"
        "print([tuple(MPI.Compute_dims(n, 2)) for n in (1, 2, 6, 12, 64, 100, 1000, 100000)])"
    )
    done = python(1, code)
    expected = [model.dims(n) for n in (1, 2, 6, 12, 64, 100, 1000, 100000)]
    assert done.stdout.strip() == str(expected)


def test_the_page_has_the_figures_of_the_measurement(tmp_path):
    page = ROOT / "docs" / "scale_mpi.md"
    found = json.loads(page.with_suffix(".json").read_text())
    copy = tmp_path / "page.md"
    copy.write_text(page.read_text())
    scaling_page.write(copy, scaling_page.figures(found))
    assert copy.read_text() == page.read_text(), (
        "run examples/parallel/mpi/scaling.py --again --write"
    )
    scaling_page.picture(found, tmp_path / "page.png")
    for picture in (tmp_path / "page.png", page.with_suffix(".png")):
        assert picture.read_bytes().startswith(b"\x89PNG")
    copy.write_text(page.read_text().replace("scaling:begin where", "scaling:begin when"))
    with pytest.raises(ValueError, match=r"when.*expected .*'where'"):
        scaling_page.write(copy, scaling_page.figures(found))
