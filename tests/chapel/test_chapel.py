"""Chapel calls ferrotran, and Rust and Python call Chapel, where `chpl` is on PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "chapel"
CHPL = os.environ.get("CHPL", "chpl")
pytestmark = pytest.mark.skipif(
    shutil.which(CHPL) is None, reason=f"no Chapel: `{CHPL}` is not on PATH"
)

CHECKED = [
    "heat2d: 120 x 90 cells, 51 steps, the bits of ferrotran",
    "largest change: ",
    "r = 0.3: ",
]


def run(*command, cwd, **env):
    done = subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env=os.environ | env,
        text=True,
        capture_output=True,
        timeout=900,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.returncode}\n{said}"
    return done.stdout


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The example of a library in Chapel, built in a copy."""
    folder = tmp_path_factory.mktemp("library")
    sources = shutil.ignore_patterns("lib", "target", "__pycache__")
    shutil.copytree(EXAMPLES / "library", folder, dirs_exist_ok=True, ignore=sources)
    try:
        run("make", "lib/libdiffusion.so", cwd=folder)
    except AssertionError as error:
        if any(text in str(error) for text in ("recompile with -fPIC", "cannot find -lchpl")):
            pytest.skip("this Chapel has no run time for dynamic libraries: CHPL_LIB_PIC=pic")
        raise
    return folder


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """The C library in FERROTRAN_C_PREFIX, or a debug build of it."""
    if given := os.environ.get("FERROTRAN_C_PREFIX"):
        return Path(given)
    folder = tmp_path_factory.mktemp("prefix")
    run(ROOT / "scripts" / "install_c.sh", "--debug", folder, cwd=ROOT)
    return folder


def test_python_calls_a_library_in_chapel(library):
    lines = run(sys.executable, "diffusion.py", cwd=library).splitlines()
    assert len(lines) == len(CHECKED)
    assert all(line.startswith(start) for line, start in zip(lines, CHECKED, strict=True))
    assert lines[-1].endswith("r is not in [0, 1/4]")


def test_rust_calls_a_library_in_chapel(library):
    manifest = library / "rust" / "Cargo.toml"
    path = 'path = "../../../.."'
    assert path in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(path, f'path = "{ROOT}"'))
    # With the profile and the folder of the checkout, so that what it has compiled is used.
    profile = tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["dev"]["package"]
    levels = [
        f"--config=profile.dev.package.{k}.opt-level={v['opt-level']}" for k, v in profile.items()
    ]
    command = ["cargo", "run", "--quiet", *levels, "--manifest-path", manifest]
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    said = run(*command, cwd=library, DIFFUSION_LIB=str(library / "lib"), CARGO_TARGET_DIR=target)
    lines = said.splitlines()
    assert len(lines) == len(CHECKED)
    assert all(line.startswith(start) for line, start in zip(lines, CHECKED, strict=True))
    assert lines[-1].endswith("Unstable")


BAD = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np
from pathlib import Path
import diffusion
lib = diffusion.load(Path({folder!r}) / "lib" / "libdiffusion.so")
u = np.ones((3, 4))
for r, tasks in ((float("nan"), 1), (-0.1, 1), (0.2, 0)):
    try:
        diffusion.heat2d(lib, u, r, 1, tasks)
    except ValueError as error:
        print(error)
try:
    diffusion.largest_difference(lib, u, u[:2].copy())
except ValueError as error:
    print(error)
print(diffusion.largest_difference(lib, np.empty(0), np.empty(0)))
print(diffusion.heat2d(lib, np.empty((0, 5)), 0.2, 3).shape)
print(diffusion.heat2d(lib, np.full((1, 1), 2.0), 0.2, 3, 7)[0, 0])
"""


def test_wrong_arguments_are_refused_and_empty_grids_are_not(library):
    said = run(sys.executable, "-c", BAD.format(folder=str(library)), cwd=library).splitlines()
    assert said == [
        "r is not in [0, 1/4]",
        "r is not in [0, 1/4]",
        "tasks is below 1",
        "the shapes do not fit",
        "0.0",
        "(0, 5)",
        "2.0",
    ]


def test_chapel_calls_ferrotran_over_distributed_arrays(prefix, tmp_path):
    folder = Path(
        shutil.copytree(EXAMPLES, tmp_path / "chapel", ignore=shutil.ignore_patterns("library"))
    )
    env = {
        "PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig"),
        "LD_LIBRARY_PATH": str(prefix / "lib"),
    }
    run("make", "kernels", cwd=folder, **env)
    for options in (["--n=1000"], ["--n=13", "--systems=5", "--blocks=7"], ["--n=1", "--blocks=3"]):
        said = run("./kernels", *options, cwd=folder, **env).splitlines()
        assert said[0].endswith("one call or many: the same bits: true")
        assert said[1].endswith("solved to rounding: true")
        assert said[2] == "locales: 1"
