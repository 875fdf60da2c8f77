"""The same program in every language, built outside the checkout: the same text from each."""

import fractions
import math
import os
import shutil
import sys
from pathlib import Path

import pytest
import tomllib
from library import ROOT, run, tool

EXAMPLES = ROOT / "examples" / "abi"
EXPECTED = (EXAMPLES / "expected.txt").read_text()
STRICT = "-O2 -Wall -Wextra -Wpedantic -Wshadow -Werror"


@pytest.fixture
def env(prefix):
    """What a user sets whose prefix is in no usual place; nothing else leads to the library."""
    return prefix.environment()


def copy(name, folder):
    """Copy an example out of the checkout."""
    return Path(shutil.copytree(EXAMPLES / name, folder / name))


def test_c(env, tmp_path):
    folder = copy("c", tmp_path)
    run("make", f"CFLAGS=-std=c11 -Wconversion {STRICT}", cwd=folder, env=env)
    assert run("./main", cwd=folder, env=env) == EXPECTED


@pytest.mark.parametrize("standard", ["c11", "c17", "c2x"])
def test_c_in_one_command(env, tmp_path, standard):
    folder = copy("c", tmp_path)
    build = f"cc -std={standard} main.c $(pkg-config --cflags --libs ferrotran) -lm"
    run("sh", "-c", build, cwd=folder, env=env)
    assert run("./a.out", cwd=folder, env=env) == EXPECTED


def test_c_static(env, tmp_path):
    folder = copy("c", tmp_path)
    flags = (
        "$(pkg-config --cflags --libs --static ferrotran | sed 's/-lferrotran/-l:libferrotran.a/')"
    )
    run("sh", "-c", f"cc main.c {flags} -lm", cwd=folder, env=env)
    alone = {k: v for k, v in env.items() if k != "LD_LIBRARY_PATH"}
    assert run("./a.out", cwd=folder, env=alone) == EXPECTED


def test_cpp(env, tmp_path):
    folder = copy("cpp", tmp_path)
    run("make", f"CXXFLAGS=-std=c++17 {STRICT}", cwd=folder, env=env)
    assert run("./main", cwd=folder, env=env) == EXPECTED


def test_cpp_by_cmake(env, tmp_path):
    tool("cmake")
    folder = copy("cpp", tmp_path)
    run("cmake", "-S", ".", "-B", "build", cwd=folder, env=env)
    run("cmake", "--build", "build", cwd=folder, env=env)
    assert run("build/main", cwd=folder, env=env) == EXPECTED


def test_fortran(env, tmp_path):
    folder = copy("fortran", tmp_path)
    run("make", f"FFLAGS=-std=f2018 {STRICT}", cwd=folder, env=env)
    assert run("./main", cwd=folder, env=env) == EXPECTED


def test_rust(tmp_path):
    folder = copy("rust", tmp_path)
    manifest = folder / "Cargo.toml"
    here = 'ferrotran = { path = "../../.." }'
    assert here in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(here, f'ferrotran = {{ path = "{ROOT}" }}'))
    # With the profile and the folder of the checkout, so that what it has compiled is used.
    env = {"CARGO_TARGET_DIR": str(ROOT / "target")} | os.environ
    profile = tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["dev"]["package"]
    options = [
        f"--config=profile.dev.package.{k}.opt-level={v['opt-level']}" for k, v in profile.items()
    ]
    said = run("cargo", "run", "--quiet", *options, cwd=folder, env=env)
    # The crate is not called through C, so its error does not name the function of C.
    assert said == EXPECTED.replace("error: ft_heat2d: ", "error: ")


def test_python_through_ctypes(env, tmp_path):
    folder = copy("python", tmp_path)
    assert run(sys.executable, "with_ctypes.py", cwd=folder, env=env) == EXPECTED


def test_python_through_cffi(env, tmp_path):
    folder = copy("python", tmp_path)
    run(sys.executable, "build_cffi.py", cwd=folder, env=env)
    assert run(sys.executable, "with_cffi.py", cwd=folder, env=env) == EXPECTED


def test_chapel(env, tmp_path):
    tool("chpl")
    folder = copy("chapel", tmp_path)
    run("make", cwd=folder, env=env)
    assert run("./main", cwd=folder, env=env) == EXPECTED


def test_go(env, tmp_path):
    tool("go")
    folder = copy("go", tmp_path)
    run("go", "build", "-o", "main", ".", cwd=folder, env=env)
    assert run("./main", cwd=folder, env=env) == EXPECTED


def test_julia(env, tmp_path):
    tool("julia")
    folder = copy("julia", tmp_path)
    assert run("julia", "main.jl", cwd=folder, env=env) == EXPECTED


@pytest.mark.parametrize("name", ["with_ctypes", "with_cffi"])
def test_an_exception_of_a_callback_comes_out_as_it_is(env, tmp_path, name):
    folder = copy("python", tmp_path)
    if name == "with_cffi":
        run(sys.executable, "build_cffi.py", cwd=folder, env=env)
    code = (
        f"from {name} import quad\n"
        "try:\n"
        "    quad(lambda x: {}[x], 0.0, 1.0)\n"
        "except KeyError as error:\n"
        "    print('KeyError', 0 < error.args[0] < 1)\n"
    )
    assert run(sys.executable, "-c", code, cwd=folder, env=env).endswith("KeyError True\n")


def test_the_expected_text_is_right():
    """Held to exact arithmetic and to the standard library, not to what was printed once."""
    lines = EXPECTED.splitlines()
    assert lines[::4][0] == "tridiagonal systems"
    for k, line in enumerate(lines[1:4]):
        d, e = fractions.Fraction(2 + k), fractions.Fraction(-1)
        x = [fractions.Fraction(float(v)) for v in line.split()]
        for i in range(4):
            left = e * x[i - 1] if i else 0
            right = e * x[i + 1] if i < 3 else 0
            # A backward error of 4 n eps in a matrix whose rows sum to d + 2 at most.
            assert abs(left + d * x[i] + right - (i + 1)) <= 16 * 2.0**-52 * (d + 2) * max(x)
    assert lines[4] == "quadrature"
    area = float(lines[5].partition(",")[0])
    assert abs(area - 2 * math.pi) <= 1.49e-8 * area  # epsrel
    assert lines[6] == "erf"
    found = [float(v) for v in lines[7].split()]
    expected = [math.erf(0.5 * (i + 1)) for i in range(5)]
    assert all(abs(a - b) <= 2 * math.ulp(b) for a, b in zip(found, expected, strict=True))
    assert lines[8] == "error: ft_heat2d: `dt` is 0.5, expected at most 0.25 for a stable step"


def test_every_folder_is_tried():
    tried = {"c", "cpp", "fortran", "rust", "python", "chapel", "go", "julia"}
    assert {p.name for p in EXAMPLES.iterdir() if p.is_dir()} == tried
