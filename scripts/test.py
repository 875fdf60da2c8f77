"""Run the checks of `make test`, part by part, and end with a table and a count.

    .venv/bin/python scripts/test.py [--serial] [part ...]     # all parts when none is named

Each part is a function below with the decorator `part`. runner.py runs them side by side, and
starts them in the order of this file: what others wait for and what takes long stands first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from runner import ROOT, Part, main, part

VENV = ROOT / ".venv" / "bin"
PYTHON = str(VENV / "python")
PYTEST = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
CARGO_TEST = ["cargo", "test", "--quiet", "--no-fail-fast"]
NATIVE_WARNINGS = {"FERROTRAN_WERROR": "1"}  # warnings of gcc and gfortran are errors


def rust_tests() -> list[str]:
    """Names of the integration tests of the crate ferrotran that test numerics."""
    output = subprocess.check_output(
        ["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=ROOT
    )
    packages = json.loads(output)["packages"]
    targets = next(p["targets"] for p in packages if p["name"] == "ferrotran")
    names = [t["name"] for t in targets if t["kind"] == ["test"]]
    return [n for n in names if n not in ("abi", "house")]  # these look at archives and sources


def host_triple() -> str:
    """Rust's name of this machine."""
    output = subprocess.check_output(["rustc", "-vV"], text=True)
    return next(x.split(": ")[1] for x in output.splitlines() if x.startswith("host: "))


MPI_CRATE = ["--manifest-path", "examples/parallel/mpi/Cargo.toml"]  # a workspace of its own


def c_sources() -> list[Path]:
    """Sources and headers in C."""
    names = (
        *("csrc", "compare/csrc", "crates/ferrotran-capi/include"),
        *("examples/lessons", "examples/abi", "tests/capi"),
    )
    return sorted(path for name in names for path in (ROOT / name).rglob("*.[ch]"))


@part("rustfmt, clang-format, ruff format")
def format(part: Part) -> None:
    part.check("cargo", "fmt", "--all", "--check")
    part.check("cargo", "fmt", *MPI_CRATE, "--check")
    part.check("clang-format", "--dry-run", "-Werror", *c_sources())
    part.check(PYTHON, "-m", "ruff", "format", "--quiet", "--diff", ".")


@part("the extension for Python and its archive, release", holds="release")
def build(part: Part) -> None:
    part.command(ROOT / "scripts" / "build.sh", quiet=True)
    release = ["cargo", "test", "--quiet", "--release", "-p", "ferrotran", "--test"]
    part.command(*release, "abi")
    part.command(*release, "optimize", "lanes")
    for name in ("baseline", "v3"):  # the optimiser may go wrong for one of them
        part.command(*release, "optimize", "lanes", FERROTRAN_ISA=name)


@part("clippy, ruff", holds="debug")
def lint(part: Part) -> None:
    part.check(PYTHON, "-m", "ruff", "check", "--quiet", ".")
    clippy = ["cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]
    part.check(*clippy, DOCS_RS="1")  # clippy's build scripts are its own: no compiling twice


@part("AddressSanitizer, UBSan, -fcheck=all over C and Fortran", holds="sanitize")
def sanitize(part: Part) -> None:
    triple = host_triple()
    name = triple.replace("-", "_")
    compiler = [os.environ.get("CC", "cc"), "-print-file-name=libasan.so"]
    preload = subprocess.check_output(compiler, text=True).strip()
    checks = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -g -O1"
    # Only what is built for `--target` sees these flags: build scripts and macros do not. The
    # runtime of AddressSanitizer must be the first library of the process, hence the preload.
    env = {
        f"CFLAGS_{name}": checks,
        f"FFLAGS_{name}": f"{checks} -fcheck=all",
        "RUSTFLAGS": "-Clink-arg=-lasan -Clink-arg=-lubsan -Clink-arg=-lgfortran",
        f"CARGO_TARGET_{name.upper()}_RUNNER": f"env LD_PRELOAD={preload}",
        "FERROTRAN_BASELINE_ONLY": "1",  # -O1 does not vectorise: the others have the same checks
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PROPTEST_CASES": "32",
    }
    targets = ["--lib", *(x for test in rust_tests() for x in ("--test", test))]
    part.command(*CARGO_TEST, "--target", triple, "-p", "ferrotran", *targets, **env)

    # The same archive under the Python tests, in a copy of the package.
    build = ["cargo", "build", "--quiet", "--target", triple, "-p", "ferrotran-python"]
    part.command(*build, **env)
    package = ROOT / "build" / "sanitize" / "ferrotran"
    shutil.rmtree(package, ignore_errors=True)
    ignore = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "python" / "ferrotran", package, ignore=ignore)
    library = ROOT / "target" / triple / "debug" / "lib_ferrotran.so"
    shutil.copy(library, package / "_ferrotran.abi3.so")
    # The tests of processes are left out: gcc 12's AddressSanitizer keeps the lock of its
    # allocator in a forked child, and each process takes seconds to start.
    part.command(
        *PYTEST,
        *["-m", "not slow and not any_isa", "tests/python"],
        LD_PRELOAD=preload,
        ASAN_OPTIONS="detect_leaks=0",
        PYTHONPATH=str(package.parent),
        PYTHONMALLOC="malloc",
    )


@part("cargo test, all crates, with doctests", holds="debug")
def rust(part: Part) -> None:
    part.check(*CARGO_TEST, "--workspace", quiet=False, **NATIVE_WARNINGS)


@part("numerics with each instruction set", after=("build",), holds="debug")
def isa(part: Part) -> None:
    targets = ["--lib", *(x for name in rust_tests() for x in ("--test", name))]
    for name in ("baseline", "v3"):
        part.command(
            *[*CARGO_TEST, "-p", "ferrotran", *targets],
            FERROTRAN_ISA=name,
            PROPTEST_CASES="64",
            **NATIVE_WARNINGS,
        )
        part.command(*PYTEST, "-m", "not slow and not any_isa", "tests/python", FERROTRAN_ISA=name)


@part("cargo doc without warnings; warnings of gcc and gfortran are errors", holds="debug")
def docs(part: Part) -> None:
    part.command(
        *["cargo", "doc", "--quiet", "--workspace", "--no-deps"],
        quiet=True,
        RUSTDOCFLAGS="-D warnings",
        **NATIVE_WARNINGS,
    )


@part("examples/rust, a crate that depends on ferrotran", holds="debug")
def example(part: Part) -> None:
    part.command(
        *["cargo", "run", "--quiet", "-p", "ferrotran-example", "--bin", "ferrotran-example"],
        **NATIVE_WARNINGS,
    )


@part("pytest", after=("build",))
def python(part: Part) -> None:
    part.command(*PYTEST, "tests/python")


@part("compare: every language of every kernel", after=("build",), holds="release")
def compare(part: Part) -> None:
    part.command(ROOT / "scripts" / "compare.sh", quiet=True, **NATIVE_WARNINGS)
    part.command(*PYTEST, "tests/compare", "--doctest-glob=README.md", "compare/README.md")


@part("examples/glue: every binding route, built, tried and timed")
def glue(part: Part) -> None:
    part.command(*PYTEST, "tests/glue")


@part("examples/lessons: each run at a small size, its page held to its source", after=("build",))
def lessons(part: Part) -> None:
    part.command(*PYTEST, "tests/lessons")


@part("the C library: its functions, header and ABI; the programs over it", holds="debug")
def capi(part: Part) -> None:
    part.command(*PYTEST, "-m", "not slow", "tests/capi", **NATIVE_WARNINGS)
    part.command(*PYTEST, "tests/chapel", "tests/arkouda")  # where `chpl` and a server are


@part("map_chunks on threads, MPI ranks, Dask and WebDAV; the MPI examples", after=("build",))
def scale(part: Part) -> None:
    longer = [f"--ignore=tests/scale/{name}" for name in ("mpi", "slurm", "hadoop", "storage")]
    part.command(*PYTEST, *longer, "tests/scale")


@part("the wheel, installed into an environment of its own", holds="release")
def wheel(part: Part) -> None:
    folder = ROOT / "build" / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    maturin = [VENV / "maturin", "build", "--quiet", "--release", "--out", folder]
    part.command(*maturin, "--manifest-path", "python/Cargo.toml", quiet=True)
    part.command(PYTHON, "-m", "venv", folder / "venv", quiet=True)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    part.command(*pip, "install", "--quiet", *folder.glob("*.whl"), quiet=True)
    code = "import ferrotran as ft; assert abs(ft.special.erf(1.0) - 0.8427007929497149) < 2e-16"
    part.command(folder / "venv" / "bin" / "python", "-P", "-c", code)


@part("the C library under valgrind, and as cargo-c installs it", by_default=False)
def install(part: Part) -> None:
    part.command(*PYTEST, "-m", "slow", "tests/capi")


@part("the MPI examples in Rust", after=("build",), holds="debug", by_default=False)
def mpi(part: Part) -> None:
    clippy = ["cargo", "clippy", "--quiet", "--locked", *MPI_CRATE, "--all-targets"]
    part.command(*clippy, "--", "-D", "warnings", CARGO_TARGET_DIR="target", DOCS_RS="1")
    part.command(*PYTEST, "tests/scale/mpi")


@part("jobs of a private Slurm: MPI, arrays, requeue, Dask", after=("build",), by_default=False)
def slurm(part: Part) -> None:
    part.command(PYTHON, "tests/scale/servers/slurm.py", "check")
    part.command(*PYTEST, "tests/scale/slurm")


@part("Spark on its own and on YARN, data in HDFS", after=("build",), by_default=False)
def hadoop(part: Part) -> None:
    for file in sorted((ROOT / "tests" / "scale" / "hadoop").glob("test_*.py")):
        part.check(*PYTEST, file, quiet=False)  # in a process of its own: each has a JVM


@part("xrootd, and stores that fill up, hang, go away", after=("build",), by_default=False)
def storage(part: Part) -> None:
    part.command(*PYTEST, "tests/scale/storage")


if __name__ == "__main__":
    sys.exit(main())
