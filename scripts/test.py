"""Run the checks of `make test`, part by part, and end with a table and a count.

    .venv/bin/python scripts/test.py [part ...]     # all parts when none is named

Each part is a function below with the decorator `part`. A part fails when one of its commands
does; the others still run. The last line is "N passed, N failed": tests as cargo and pytest
count them, and one for each part without tests.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "bin"
PYTHON = str(VENV / "python")
PYTEST = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
CARGO_COUNT = re.compile(r"^test result: \S+ (\d+) passed; (\d+) failed")
PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|error)")
PYTEST_END = re.compile(r"^(=+ )?\d+ (passed|failed|skipped|error).* in [\d.]+s")
NATIVE_WARNINGS = {"FERROTRAN_WERROR": "1"}  # warnings of gcc and gfortran are errors

console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)


class Failure(Exception):
    """A command of a part ended with a status other than 0."""


@dataclasses.dataclass
class Part:
    """One row of the summary."""

    name: str
    what: str
    run: Callable[[Part], None]
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    result: str = ""
    broken: bool = False

    def check(self, *command: str | Path, quiet: bool = True, **env: str) -> None:
        """Run a command; when it fails so does the part, which goes on."""
        try:
            self.command(*command, quiet=quiet, **env)
        except Failure as failure:
            console.print(str(failure), style="red", markup=False)
            self.broken = True

    def command(self, *command: str | Path, quiet: bool = False, **env: str) -> None:
        """Run a command at the root of the repository, show its output, count its tests."""
        argv = [str(c) for c in command]
        settings = [f"{k}={v if len(v) < 30 else '...'}" for k, v in env.items()]
        shown = " ".join(settings + argv)
        console.print(f"$ {shown.replace(str(ROOT), '.')}", style="dim", markup=False)
        lines = []
        with subprocess.Popen(
            argv,
            cwd=ROOT,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if not quiet:
                    print(line, end="", flush=True)
                self._count(line)
        if process.returncode != 0:
            if quiet:
                print("".join(lines), end="", flush=True)
            raise Failure(f"{argv[0]} ended with status {process.returncode}")

    def _count(self, line: str) -> None:
        if found := CARGO_COUNT.match(line):
            self.passed += int(found[1])
            self.failed += int(found[2])
        elif PYTEST_END.match(line):
            for number, kind in PYTEST_COUNT.findall(line):
                if kind == "passed":
                    self.passed += int(number)
                else:
                    self.failed += int(number)


PARTS: dict[str, Part] = {}


def part(what: str) -> Callable[[Callable[[Part], None]], Callable[[Part], None]]:
    """Register a part under the name of its function."""

    def register(run: Callable[[Part], None]) -> Callable[[Part], None]:
        PARTS[run.__name__] = Part(run.__name__, what, run)
        return run

    return register


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


def c_sources() -> list[Path]:
    """Sources and headers in C."""
    folders = (ROOT / "csrc", ROOT / "compare" / "csrc", ROOT / "examples" / "lessons")
    return sorted(path for folder in folders for path in folder.rglob("*.[ch]"))


@part("rustfmt, clang-format, ruff format")
def format(part: Part) -> None:
    part.check("cargo", "fmt", "--all", "--check")
    part.check("clang-format", "--dry-run", "-Werror", *c_sources())
    part.check(PYTHON, "-m", "ruff", "format", "--quiet", "--diff", ".")


@part("clippy, ruff; warnings of gcc and gfortran are errors")
def lint(part: Part) -> None:
    part.check(PYTHON, "-m", "ruff", "check", "--quiet", ".")
    clippy = ["cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]
    part.check(*clippy, **NATIVE_WARNINGS)


@part("cargo doc without warnings")
def docs(part: Part) -> None:
    part.command(
        *["cargo", "doc", "--quiet", "--workspace", "--no-deps"],
        quiet=True,
        RUSTDOCFLAGS="-D warnings",
        **NATIVE_WARNINGS,
    )


@part("cargo test, all crates, with doctests")
def rust(part: Part) -> None:
    test = ["cargo", "test", "--quiet", "--no-fail-fast"]
    toolkit = "ferrotran-build"  # its tests compile sources that ought to be warned of
    part.check(*test, "--workspace", "--exclude", toolkit, quiet=False, **NATIVE_WARNINGS)
    part.check(*test, "-p", toolkit, quiet=False)


@part("examples/rust, a crate that depends on ferrotran")
def example(part: Part) -> None:
    part.command(
        *["cargo", "run", "--quiet", "-p", "ferrotran-example", "--bin", "ferrotran-example"],
        **NATIVE_WARNINGS,
    )


@part("the extension for Python and its archive, release")
def build(part: Part) -> None:
    part.command(ROOT / "scripts" / "build.sh", quiet=True)
    release = ["cargo", "test", "--quiet", "--release", "-p", "ferrotran", "--test"]
    part.command(*release, "abi")
    part.command(*release, "optimize", "lanes")
    for name in ("baseline", "v3"):  # the optimiser may go wrong for one of them
        part.command(*release, "optimize", "lanes", FERROTRAN_ISA=name)


@part("pytest")
def python(part: Part) -> None:
    part.command(*PYTEST, "tests/python")


@part("compare: every language of every kernel")
def compare(part: Part) -> None:
    part.command(ROOT / "scripts" / "compare.sh", quiet=True, **NATIVE_WARNINGS)
    part.command(*PYTEST, "tests/compare", "--doctest-glob=README.md", "compare/README.md")


@part("examples/glue: every binding route, built, tried and timed")
def glue(part: Part) -> None:
    part.command(*PYTEST, "tests/glue")


@part("examples/lessons: each run at a small size, its page held to its source")
def lessons(part: Part) -> None:
    part.command(*PYTEST, "tests/lessons")


@part("numerics with each instruction set")
def isa(part: Part) -> None:
    targets = ["--lib", *(x for name in rust_tests() for x in ("--test", name))]
    for name in ("baseline", "v3"):
        part.command(
            *["cargo", "test", "--quiet", "--no-fail-fast", "-p", "ferrotran", *targets],
            FERROTRAN_ISA=name,
            PROPTEST_CASES="64",
            **NATIVE_WARNINGS,
        )
        part.command(*PYTEST, "-m", "not slow and not any_isa", "tests/python", FERROTRAN_ISA=name)


@part("AddressSanitizer, UBSan, -fcheck=all over C and Fortran")
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
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PROPTEST_CASES": "32",
    }
    targets = ["--lib", *(x for test in rust_tests() for x in ("--test", test))]
    cargo = ["cargo", "test", "--quiet", "--no-fail-fast", "--target", triple, "-p", "ferrotran"]
    part.command(*cargo, *targets, **env)

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


@part("the wheel, installed into an environment of its own")
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


def run(part: Part, skip: bool) -> None:
    """Run one part and fill its row."""
    console.rule(f"[bold]{part.name}[/bold]: {part.what}", align="left")
    if skip:
        part.result, part.failed = "not run", 1
        console.print("the extension for Python was not built")
        return
    start = time.perf_counter()
    try:
        part.run(part)
        part.result = "ok" if part.failed == 0 and not part.broken else "FAILED"
    except (Failure, OSError, subprocess.CalledProcessError) as error:
        console.print(str(error), style="red", markup=False)
        part.result = "FAILED"
    part.seconds = time.perf_counter() - start
    if part.result == "ok" and part.passed == 0:
        part.passed = 1
    if part.result == "FAILED" and part.failed == 0:
        part.failed = 1


def main() -> int:
    """Run the parts that the command line names, or all."""
    names = sys.argv[1:] or list(PARTS)
    unknown = [n for n in names if n not in PARTS]
    if unknown:
        print(f"unknown part {unknown[0]}; there are: {' '.join(PARTS)}")
        return 2
    for name in names:
        needs_extension = name in ("python", "compare", "lessons")
        run(PARTS[name], skip=needs_extension and PARTS["build"].result == "FAILED")

    chosen = [PARTS[n] for n in names]
    table = Table(title="make test", title_justify="left", title_style="bold")
    table.add_column("part")
    table.add_column("result")
    for heading in ("passed", "failed", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("what")
    for row in chosen:
        style = None if row.result == "ok" else "red"
        figures = [str(row.passed), str(row.failed), f"{row.seconds:.1f}"]
        table.add_row(row.name, row.result, *figures, row.what, style=style)
    console.print(table)
    failed = sum(row.failed for row in chosen)
    print(f"{sum(row.passed for row in chosen)} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
