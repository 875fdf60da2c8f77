"""Compare the binary interface of the C library with the recorded one, or record it.

    python scripts/capi_abi.py             # compare; the exit status is 1 when they differ
    python scripts/capi_abi.py --write     # record

The record, `tests/capi/ferrotran.abi`, is what libabigail reads out of a library in C whose
functions have the prototypes of `ferrotran.h` and whose soname is that of ferrotran: Rust's own
debug information would put types of the standard library into it. The compiler holds the Rust
functions to the prototypes, and `tests/capi` the exported symbols to the record.

A change that breaks programs is recorded only with a new soname, which follows from the version.
Appending a field to a struct of options breaks none: the library knows the caller's by its size.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

import capi_header

TESTS = capi_header.CAPI.parent.parent / "tests" / "capi"
RECORD = TESTS / "ferrotran.abi"
ERROR = 3  # bits of the exit status of abidiff


def soname(header: capi_header.Header) -> str:
    """Return the soname by the rule of cargo-c."""
    major, minor, _ = (number for _, number in header.version)
    return f"libferrotran.so.{major}" if major != "0" else f"libferrotran.so.0.{minor}"


def source(header: capi_header.Header) -> str:
    """Return a C file that defines every function, and a variable of every enum."""
    lines = ["#include <ferrotran.h>"]
    lines += [f"enum {name} ft_abi_{name};" for name in header.enums]
    for name, (kind, arguments) in header.functions.items():
        listed = ", ".join(f"{ctype} {argument}" for ctype, argument in arguments) or "void"
        lines.append(f"{kind} {name}({listed}) {{ return 0; }}")
    return "\n".join(lines) + "\n"


def dump(include: Path, target: Path) -> None:
    """Write the interface of the header in a folder to a file."""
    header = capi_header.Header(include)
    with tempfile.TemporaryDirectory() as folder:
        code, library = Path(folder) / "abi.c", Path(folder) / "libferrotran.so"
        code.write_text(source(header))
        flags = ["-std=c11", "-w", "-g", "-O0", "-fPIC", "-shared", f"-I{include.resolve()}"]
        name = f"-Wl,-soname,{soname(header)}"
        # By relative names: the record has no path of this machine.
        command = ["cc", *flags, name, "-nostdlib", code.name, "-o", library.name]
        subprocess.run(command, check=True, cwd=folder)
        keep = [
            "--no-corpus-path",
            "--no-comp-dir-path",
            "--no-show-locs",
            "--exported-interfaces-only",
        ]
        subprocess.run(["abidw", *keep, "--out-file", target, library], check=True)


def compare(old: Path, new: Path, *arguments: str) -> str:
    """Return the report of abidiff, empty where nothing differs."""
    command = ["abidiff", *arguments, old, new]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode & ERROR:
        raise RuntimeError(f"abidiff failed: {done.stdout}")
    return done.stdout if done.returncode else ""


def without_growth(include: Path, record: Path, target: Path) -> Path:
    """Copy the header without the fields that structs of options have got since the record."""
    shutil.copytree(include, target)
    structs = xml.etree.ElementTree.parse(record).iter("class-decl")
    fields = {struct.get("name"): len(struct.findall("data-member")) for struct in structs}

    def cut(found: re.Match[str]) -> str:
        declared = found[3].split(";")
        kept = declared[: fields.get(found[2], len(declared))]
        return f"{found[1]}{';'.join(kept)};\n}};"

    for path in capi_header.files(target):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        pattern = r"^(struct (ft_\w+_options) \{)(.*?);\s*\};"
        path.write_text(re.sub(pattern, cut, text, flags=re.S | re.M))
    return target


def recorded_soname(record: Path) -> str:
    """Return the soname in a record."""
    return record.read_text().split("soname='", 1)[1].split("'", 1)[0]


def main(argv: list[str] | None = None) -> int:
    """Compare or record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="record the interface")
    parser.add_argument(
        "--include", type=Path, default=capi_header.INCLUDE, help="the header's folder"
    )
    parser.add_argument("--record", type=Path, default=RECORD, help="the record")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "ferrotran.abi"
        dump(options.include, fresh)
        if options.write and not options.record.exists():
            options.record.write_text(fresh.read_text())
            return 0
        names = [recorded_soname(path) for path in (options.record, fresh)]
        old = without_growth(options.include, options.record, Path(folder) / "include")
        dump(old, Path(folder) / "old.abi")
        breaking = compare(options.record, Path(folder) / "old.abi", "--no-added-syms")
        if breaking and names[0] == names[1]:
            print(breaking)
            print(
                f"programs linked with {names[0]} would break: take a version with another soname"
            )
            return 1
        if options.write:
            options.record.write_text(fresh.read_text())
            return 0
        report = compare(options.record, fresh)
        if report or names[0] != names[1]:
            print(f"{report}\nthe record is old: run scripts/capi_abi.py --write")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
