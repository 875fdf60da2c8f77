"""examples/parallel/mpi in Rust: built, and held to the bytes of the programs in Python."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))

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
    plate,
    script,
    serial,
    small_disk,
)

if not shutil.which("cargo"):
    pytest.skip("no cargo: https://rustup.rs", allow_module_level=True)


@pytest.fixture(scope="module")
def built():
    """The folder of the programs."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    build = ["cargo", "build", "--quiet", "--locked", "--manifest-path", MPI / "Cargo.toml"]
    env = os.environ | {"CARGO_TARGET_DIR": str(target)}
    done = subprocess.run(build, env=env, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    return target / "debug"


def rust(built, ranks, *argv, name="heat_mpi"):
    return launch.run(ranks, [built / name, *map(str, argv)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of two ranks in Python."""
    folder = tmp_path_factory.mktemp("python")
    done = heat(2, *(asked(edges, 7, folder / edges) for edges in EDGES))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
@pytest.mark.parametrize(("edges", "halo"), [*zip(EDGES, (5, 1, 9))])
def test_rust_writes_the_bytes_of_python(built, files, tmp_path, ranks, edges, halo):
    done = rust(built, ranks, *asked(edges, halo, tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == len(FILES)
    for step in FILES:
        name = f"heat-{step:08d}.npy"
        assert (tmp_path / name).read_bytes() == (files / edges / name).read_bytes(), name
        np.testing.assert_array_equal(np.load(tmp_path / name)["u"], serial(edges, step))


@pytest.mark.parametrize("edges", EDGES)
def test_each_language_goes_on_from_a_file_of_the_other(built, files, tmp_path, edges):
    last = f"heat-{STEPS:08d}.npy"
    restart = ["--steps", 24, "--restart", files / edges / "heat-00000012.npy", "--out", tmp_path]
    done = rust(built, 3, *restart)
    assert done.returncode == 0, done.stderr
    again = ["--steps", STEPS, "--restart", tmp_path / "heat-00000024.npy", "--out", tmp_path]
    done = script(1, "heat_mpi.py", *again)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / last).read_bytes() == (files / edges / last).read_bytes()


@pytest.mark.parametrize("ranks", [1, 3])
def test_rust_ends_at_the_step_and_change_of_the_serial_run(built, ranks, tmp_path):
    done = rust(built, ranks, *asked("neumann", 4, tmp_path), "--tol", 0.1)
    before, step, change = plate(SHAPE), 0, np.inf
    while change > 0.1:
        step = min(step + EVERY, STEPS)
        after = serial("neumann", step)
        before, change = after, np.abs(after - before).max()
    assert step < STEPS
    found = re.findall(r"step (\d+): largest change (\S+)", done.stdout)
    assert int(found[-1][0]) == step
    assert f"{float(found[-1][1]):.3e}" == f"{change:.3e}"


def test_what_cannot_be_done_is_refused_by_name_once(built, files, tmp_path):
    file = files / "neumann" / "heat-00000012.npy"
    short, other = tmp_path / "short.npy", tmp_path / "other.npy"
    short.write_bytes(file.read_bytes()[:-8])
    np.save(other, np.zeros(SHAPE))
    cases = {
        "`halo` is 20, expected at most 18, the rows of": ["--shape", 37, 53, "--halo", 20],
        "`halo` is 0, expected at least 1": ["--halo", 0],
        "`dims` is 3 x 1, expected 2 ranks": ["--dims", 3, 1],
        "`--steps` is -1, expected a number": ["--steps", -1],
        "`--steps` needs a value": ["--steps"],
        "`--fast` is no option": ["--fast"],
        "`shape` is (0, 3), expected two numbers above 0": ["--shape", 0, 3],
        "`dt` is 0.3, expected at most 0.25": ["--dt", 0.3],
        "`dt` is 0.1, the file has 0.2": ["--restart", file, "--dt", 0.1],
        "`shape` is [3, 3], the file has [37, 53]": ["--restart", file, "--shape", 3, 3],
        "none.npy: No such file or directory": ["--restart", tmp_path / "none.npy"],
        f"{short}: it has {short.stat().st_size} bytes, expected": ["--restart", short],
        f"{other}: it is not a file of this program": ["--restart", other],
        "Not a directory": ["--shape", 9, 9, "--halo", 1, "--steps", 1, "--out", file / "below"],
        "`edges` is open, expected one of dirichlet, neumann": ["--edges", "open"],
    }
    for words, argv in cases.items():
        done = rust(built, 2, *argv)
        assert done.returncode != 0, words
        assert done.stderr.count(words) == 1, f"{words}\n{done.stderr}"


def test_a_field_that_is_not_finite_ends_the_run(built, files, tmp_path):
    bytes_ = bytearray((files / "neumann" / "heat-00000012.npy").read_bytes())
    bytes_[-8:] = np.float64("nan").tobytes()
    (tmp_path / "nan.npy").write_bytes(bytes_)
    done = rust(built, 3, "--restart", tmp_path / "nan.npy", "--steps", 14)
    assert done.returncode != 0
    assert done.stderr.count("the field is not finite after step 14") == 1


def test_a_full_disk_ends_the_run_and_leaves_no_file_with_a_name(built, tmp_path):
    with small_disk(tmp_path, 200_000) as disk:
        done = rust(built, 2, "--shape", 300, 300, "--steps", 8, "--out", disk)
        assert done.returncode != 0
        assert re.search(r"rank \d of 2 on \S+: MPI_File_write_at_all of \S+", done.stderr)
        assert [p.name for p in disk.iterdir()] == ["heat-00000008.part"]


def test_both_languages_say_the_same_hello(built):
    both = [rust(built, 3, name="hello"), script(3, "hello.py")]
    assert both[0].stdout == both[1].stdout
    assert len(both[0].stdout.splitlines()) == 3


def test_rust_takes_a_communicator_of_mpi4py(built):
    done = script(3, "bridge.py", built / "libferrotran_mpi.so")
    assert done.returncode == 0, done.stderr
    for name in ("all ranks", "every other rank", "one rank"):
        assert f"{name}: " in done.stdout
