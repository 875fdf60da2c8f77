"""The native sources that every route builds from, and how they are compiled.

One list, no copies: tools that compile Fortran themselves ask for it with `native.py sources`, the
others link the library that `library` makes of it in their build folder. So these projects build
from a checkout; an sdist of one would have to carry the sources.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "csrc" / "include"

# Modules before those that use them.
SOURCES = [
    ROOT / name
    for name in (
        "csrc/special/erf.c",
        "fortran/ferrotran_status.F90",
        "fortran/linalg/tridiag.f90",
        "fortran/integrate/quad_rules.f90",
        "fortran/integrate/quad_epsilon.f90",
        "fortran/integrate/quad_queue.f90",
        "fortran/integrate/quad.f90",
    )
]
# As the library's own build compiles them, without its variants for newer instruction sets.
C_FLAGS = ["-O3", "-std=c11", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"]
FORTRAN_FLAGS = ["-O3", "-std=f2018", "-frecursive", "-ffp-contract=off"]


def library(folder: Path | str, *, shared: bool = False) -> Path:
    """Compile the sources into `folder`/libglue.a, or libglue.so; return its path."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    c = [os.environ.get("CC", "cc"), *C_FLAGS]
    fortran = [os.environ.get("FC", "gfortran"), *FORTRAN_FLAGS, "-J", str(folder)]
    objects = []
    for source in SOURCES:
        objects.append(folder / f"{source.stem}.o")
        compiler = c if source.suffix == ".c" else fortran
        run(*compiler, "-fPIC", f"-I{INCLUDE}", "-c", source, "-o", objects[-1])
    made = folder / ("libglue.so" if shared else "libglue.a")
    made.unlink(missing_ok=True)
    if shared:
        run(c[0], "-shared", "-o", made, *objects, "-lm")
    else:
        run("ar", "rcs", made, *objects)
    return made


def run(*command: Path | str) -> None:
    """Run a command; a failure ends the build."""
    subprocess.run([str(c) for c in command], check=True)


if __name__ == "__main__":
    lists = {"sources": SOURCES, "c-flags": C_FLAGS, "fortran-flags": FORTRAN_FLAGS}
    print(*lists[sys.argv[1]], sep="\n")
