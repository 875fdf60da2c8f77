"""Compile the C and the Fortran of the lesson for ctypes and f2py, and the crate for PyO3."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build" / "lessons" / "glue"
NATIVE = HERE / "native"
CC, FC = os.environ.get("CC", "cc"), os.environ.get("FC", "gfortran")
X86 = platform.machine() in ("x86_64", "AMD64")
# Those of ferrotran-build that change what is compiled.
C_FLAGS = ["-std=c11", "-fno-math-errno", "-fno-trapping-math", "-Wall", "-Wextra"]
FORTRAN_FLAGS = ["-std=f2018", "-frecursive", "-Wall", "-Wextra"]
NEWER = ["-march=x86-64-v3"] if X86 else []


def run(*command: str | Path, folder: Path = ROOT, **env: str) -> str:
    """Run a command in `folder`; return what it prints, or raise with it."""
    if not shutil.which(str(command[0])):
        raise RuntimeError(f"{command[0]} is not installed")
    done = subprocess.run(
        [str(c) for c in command],
        cwd=folder,
        env=os.environ | env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(c) for c in command)}\n{done.stdout}")
    return done.stdout


def compile_c(output: Path, *flags: str) -> str:
    """Compile the C file; return what gcc says."""
    return run(CC, *C_FLAGS, "-fPIC", *flags, NATIVE / "rainflow.c", "-o", output)


def compile_fortran(output: Path, *flags: str, source: Path = NATIVE / "rainflow.f90") -> str:
    """Compile a Fortran file; return what gfortran says."""
    return run(FC, *FORTRAN_FLAGS, "-fPIC", *flags, source, "-o", output)


def objects(folder: Path, *flags: str) -> list[Path]:
    """Compile both kernels with `flags`; return the object files."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [folder / "c.o", folder / "fortran.o"]
    compile_c(found[0], "-c", *flags)
    compile_fortran(found[1], "-c", *flags)
    return found


def library(name: str, *flags: str) -> Path:
    """Make a shared library of both kernels, compiled with `flags`."""
    made = BUILD / name / "librainflow.so"
    fresh = made.with_suffix(".new")
    run(CC, "-shared", "-o", fresh, *objects(made.parent, *flags), "-lm")
    return replace(fresh, made)


def replace(fresh: Path, made: Path) -> Path:
    """Put `fresh` in the place of `made`; a process that has the old file mapped keeps it."""
    os.replace(fresh, made)
    return made


def stopping_library() -> Path:
    """Make the library whose function ends the process; it needs the Fortran runtime."""
    made = BUILD / "libstop.so"
    compile_fortran(made.with_suffix(".new"), "-shared", source=HERE / "stop.f90")
    return replace(made.with_suffix(".new"), made)


def f2py(name: str, *, threadsafe: bool = True) -> ModuleType:
    """Have f2py wrap both kernels as the signature file says; import what it makes."""
    folder = BUILD / name
    compiled = objects(folder, "-O3", *NEWER)
    signature = (HERE / "rainflow.pyf").read_text()
    signature = signature.replace("python module rainflow_f2py", f"python module {name}")
    if not threadsafe:
        kept = [x for x in signature.splitlines() if "threadsafe" not in x]
        signature = "\n".join(kept) + "\n"
    inputs = [sys.version, signature, *(o.read_bytes().hex() for o in compiled)]
    stamp, digest = folder / "inputs", hashlib.sha256("".join(inputs).encode()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == digest and list(folder.glob(f"{name}*.so"))):
        for old in folder.glob(f"{name}*.so"):
            old.unlink()
        (folder / f"{name}.pyf").write_text(signature)
        # meson and ninja are in the environment of this Python.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, "-m", "numpy.f2py", "--backend", "meson", "-c", f"{name}.pyf"]
        run(*command, *(o.name for o in compiled), folder=folder, PATH=path)
        stamp.write_text(digest)
    return load(next(folder.glob(f"{name}*.so")), name)


def pyo3() -> ModuleType:
    """Have Cargo build the crate of this folder; import it."""
    command = ["cargo", "build", "--quiet", "--release", "-p", "ferrotran-lesson-glue"]
    run(*command, PYO3_PYTHON=sys.executable)
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    built = target / "release" / "librainflow_pyo3.so"
    placed = BUILD / "pyo3" / "rainflow_pyo3.abi3.so"
    placed.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(shutil.copy(built, placed.with_suffix(".new")))
    return load(replace(fresh, placed), "rainflow_pyo3")


def load(path: Path, name: str) -> ModuleType:
    """Import an extension module from where it lies."""
    loader = ExtensionFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module
