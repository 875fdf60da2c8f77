"""Build the binding routes of examples/glue and measure what each of them does.

    .venv/bin/python scripts/glue.py [route ...]     # all routes when none is named

The tools of requirements-glue.txt go into build/glue/venv, each route is built into a wheel and
installed there, and `scripts/glue_probe.py` is run on it. The outcome lies in
build/glue/<route>.json. What has not changed is not built again.

--force    build again
--jobs N   builds at a time; times of builds are only worth something with 1
--readme   write the table of examples/glue/README.md
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "glue"
README = EXAMPLES / "README.md"
BUILD = ROOT / "build" / "glue"
PYTHON = BUILD / "venv" / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-glue.txt"
PROBE = ROOT / "scripts" / "glue_probe.py"

# Commands that are not in the environment, and what installs them.
COMMANDS = {
    "cc": "sudo apt-get install gcc",
    "c++": "sudo apt-get install g++",
    "gfortran": "sudo apt-get install gfortran",
    "cargo": "rustup, see https://rustup.rs",
}
# Columns of the table in the README.
COLUMNS = {
    "gil": "GIL in a long call",
    "broadcasting": "broadcasts",
    "strided": "strided input",
    "dtype": "wrong dtype",
    "exceptions": "exception of a callback",
    "stubs": "types",
    "pythons": "Pythons of one wheel",
}
PACKAGING = {"pyproject.toml", "setup.py", "meson.build", "CMakeLists.txt", "Cargo.toml"}
PACKAGING |= {"build.rs"}
GENERATED = {"build", "target", "__pycache__"}
# How lines begin that are not counted; comments of C and Rust where the list has no entry.
COMMENTS = dict.fromkeys((".toml", ".build", ".txt"), ("#",))
COMMENTS |= dict.fromkeys((".py", ".pyx", ".pxd"), ("#", '"""'))
COMMENTS |= dict.fromkeys((".f90", ".pyf"), ("!",))


@dataclasses.dataclass(frozen=True)
class Route:
    """A folder of examples/glue, and what must be there to build it."""

    requirements: tuple[str, ...]
    commands: tuple[str, ...] = ("cc", "gfortran")


CPP = ("cc", "c++", "gfortran")
RUST = ("cargo", "cc", "gfortran")
ROUTES = {
    "ctypes": Route(("setuptools",)),
    "cffi": Route(("cffi", "setuptools")),
    "setuptools": Route(("setuptools",)),
    "meson_python": Route(("meson-python", "meson", "ninja")),
    "f2py": Route(("meson-python", "meson", "ninja")),
    "pybind11": Route(("pybind11", "setuptools"), CPP),
    "nanobind": Route(("nanobind", "setuptools"), CPP),
    "cython": Route(("Cython", "setuptools")),
    "pyo3_function": Route(("maturin",), RUST),
    "pyo3_gufunc": Route(("maturin",), RUST),
}


def pinned() -> dict[str, str]:
    """The lines of requirements-glue.txt by name."""
    lines = [x.strip() for x in REQUIREMENTS.read_text().splitlines()]
    return {x.partition("==")[0]: x for x in lines if x and not x.startswith("#")}


def environment() -> dict[str, str]:
    """Variables of a build: the tools of the environment come first."""
    return os.environ | {
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "CARGO_TARGET_DIR": str(BUILD / "target"),
    }


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(c) for c in command], env=environment(), cwd=ROOT, text=True, capture_output=True
    )


def make_environment() -> None:
    """Make build/glue/venv; a tool that cannot be had is noticed later."""
    stamp = BUILD / "venv" / ".installed"
    state = f"{sys.version} {REQUIREMENTS.read_text()}"
    if stamp.is_file() and stamp.read_text() == state:
        return
    print(f"tools of {REQUIREMENTS.name} into {PYTHON.parents[1].relative_to(ROOT)}", flush=True)
    shutil.rmtree(BUILD / "venv", ignore_errors=True)
    for known in BUILD.glob("*.json"):  # what these speak of is no longer installed
        known.unlink()
    subprocess.run([sys.executable, "-m", "venv", BUILD / "venv"], check=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-deps"]
    installed = run(*pip, "-r", REQUIREMENTS)
    if installed.returncode == 0:
        stamp.write_text(state)
        return
    print(installed.stderr, file=sys.stderr)
    for line in pinned().values():  # what can be had is enough for some routes
        run(*pip, "--retries", "0", "--timeout", "5", line)


def missing(route: Route) -> list[str]:
    """The commands that install what a route lacks."""
    pins = pinned()
    code = "import importlib.metadata as m, json; "
    code += "print(json.dumps([d.name for d in m.distributions()]))"
    there = {n.lower().replace("_", "-") for n in json.loads(run(PYTHON, "-c", code).stdout)}
    absent = [pins[n] for n in ("numpy", *route.requirements) if n.lower() not in there]
    lacking = [f"{PYTHON.relative_to(ROOT)} -m pip install {' '.join(absent)}"] if absent else []
    return lacking + [COMMANDS[c] for c in route.commands if not shutil.which(c)]


def written(name: str) -> list[Path]:
    """The files that somebody wrote for a route."""
    files = (p for p in (EXAMPLES / name).rglob("*") if p.is_file())
    names = (p for p in files if not GENERATED & set(p.relative_to(EXAMPLES).parts))
    skipped = {".so", ".md", ".lock"}
    return sorted(p for p in names if p.suffix not in skipped and ".egg-info" not in str(p))


def lines(name: str) -> dict[str, int]:
    """Lines by hand without blanks and comments: of the binding, and of its packaging."""
    count = {"binding": 0, "packaging": 0}
    for path in written(name):
        kind = "packaging" if path.name in PACKAGING else "binding"
        text = path.read_text()
        if path.suffix not in COMMENTS:
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        marks = COMMENTS.get(path.suffix, ("//",))
        code = [x for line in text.splitlines() if (x := line.strip())]
        count[kind] += sum(not x.startswith(marks) for x in code)
    return count


def inputs(name: str) -> str:
    """A digest of all that a build reads."""
    sources = sorted(p for d in ("csrc", "fortran") for p in (ROOT / d).rglob("*.*"))
    digest = hashlib.sha256(sys.version.encode())
    for path in [*written(name), EXAMPLES / "native.py", REQUIREMENTS, *sources]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def result_file(name: str) -> Path:
    return BUILD / f"{name}.json"


def build(name: str, force: bool, jobs: int) -> dict[str, Any]:
    """Build one route into a wheel, unless it is there."""
    if lacking := missing(ROUTES[name]):
        return {"route": name, "missing": lacking}
    known = result_file(name)
    old = json.loads(known.read_text()) if known.is_file() else {}
    old.pop("failed", None)  # the probe tries again
    if not force and old.get("inputs") == inputs(name) and Path(old["wheel"]).is_file():
        return old
    folder = BUILD / "wheels" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(EXAMPLES / name / "build", ignore_errors=True)
    start = time.perf_counter()
    pip = ["pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", folder]
    made = run(PYTHON, "-m", *pip, EXAMPLES / name)
    seconds = time.perf_counter() - start
    if made.returncode != 0:
        return {"route": name, "failed": made.stdout + made.stderr}
    wheel = next(folder.glob("*.whl"))
    pins = pinned()
    return {
        "route": name,
        "tools": [pins[r] for r in ROUTES[name].requirements],
        "inputs": inputs(name),
        "wheel": str(wheel),
        "build_seconds": seconds,
        "jobs": jobs,
        "wheel_bytes": wheel.stat().st_size,
        "new": True,
    }


def probe(result: dict[str, Any]) -> dict[str, Any]:
    """Run the probe on an installed route."""
    try:
        found = subprocess.run(
            [PYTHON, "-P", PROBE, result["route"]], text=True, capture_output=True, timeout=300
        )
    except subprocess.TimeoutExpired:
        return result | {"failed": "the probe did not end within 300 s"}
    if found.returncode != 0:
        return result | {"failed": f"the probe ended with {found.returncode}\n{found.stderr}"}
    return result | {"lines": lines(result["route"])} | json.loads(found.stdout)


def routes(
    names: list[str] | None = None, *, force: bool = False, jobs: int | None = None
) -> list[dict[str, Any]]:
    """Build, install and probe routes; return what was found, as build/glue/<route>.json has it."""
    names = names or list(ROUTES)
    jobs = jobs or os.cpu_count() or 1
    BUILD.mkdir(parents=True, exist_ok=True)
    make_environment()
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda n: build(n, force, jobs), names))
        if wheels := [r["wheel"] for r in results if r.pop("new", False)]:
            pip = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--force-reinstall"]
            installed = run(PYTHON, "-m", *pip, *wheels)
            if installed.returncode != 0:
                raise RuntimeError(installed.stderr)
        built = [r for r in results if "wheel" in r]
        probed = {r["route"]: r for r in pool.map(probe, built)}
    results = [probed.get(r["route"], r) for r in results]
    for result in results:
        result_file(result["route"]).write_text(json.dumps(result, indent=1) + "\n")
    return results


def row(result: dict[str, Any]) -> str:
    """A line of the table in the README."""
    name, count = result["route"], result["lines"]
    cells = [result["properties"][key] for key in COLUMNS]
    cells += [f"{count['binding']} + {count['packaging']}"]
    return f"| [{name}]({name}) | " + " | ".join(cells) + " |"


def write_readme(results: list[dict[str, Any]]) -> None:
    """Write the table of the README; the row of a route that was not probed stays."""
    before, _, after = README.read_text().partition("| route |")
    old, _, after = after.partition("\n\n")
    rows = {x[3:].partition("]")[0]: x for x in old.splitlines() if x.startswith("| [")}
    rows |= {r["route"]: row(r) for r in results if "properties" in r}
    heads = ["route", *COLUMNS.values(), "lines: binding + packaging"]
    top = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines = [*top, *(rows[n] for n in ROUTES if n in rows), "", after.strip()]
    README.write_text((before + "\n".join(lines)).rstrip() + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("route", nargs="*", choices=[[], *ROUTES])
    parser.add_argument("--force", action="store_true", help="build again")
    parser.add_argument("--jobs", type=int, help="builds at a time")
    parser.add_argument("--readme", action="store_true", help="write the table of the README")
    options = parser.parse_args()
    results = routes(options.route, force=options.force, jobs=options.jobs)
    bad = 0
    for result in results:
        name = result["route"]
        if "missing" in result:
            print(f"{name}: missing, install with: {'; '.join(result['missing'])}")
        elif "failed" in result:
            print(f"{name}: failed\n{result['failed']}")
            bad += 1
        else:
            wrong = {k: v for k, v in result["checks"].items() if v != "ok"}
            size = f"{result['module_bytes'] / 1024:.0f} KiB"
            print(f"{name}: built in {result['build_seconds']:.1f} s, {size}")
            for key, value in (result["properties"] | wrong).items():
                print(f"  {key}: {value}")
            bad += bool(wrong)
    if options.readme:
        write_readme(results)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
