"""The command line of `ferrotran compare`."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from ferrotran_compare.interrupt import deaf, heard
from ferrotran_compare.machine import cores
from ferrotran_compare.outputs import check_writable
from ferrotran_compare.results import PARTS, CompareError, Options, Results, load

MOST_THREADS = 1024
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

ABOUT = """\
The same work in every language, through every binding route and with any number of threads,
timed side by side after the answers were compared.
"""
ENDS = """\
exit status: 0 all agree; 1 an answer differs, or a part failed; 2 wrong arguments; 130 Ctrl-C,
which keeps what is finished
"""


def whole(text: str) -> int:
    """Return a whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number


def threads(text: str) -> int:
    """Return a number of threads."""
    number = whole(text)
    if number > MOST_THREADS:
        raise argparse.ArgumentTypeError(f"{number} is more than {MOST_THREADS} threads")
    return number


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="ferrotran compare",
        description=ABOUT,
        epilog=ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("part", nargs="?", choices=PARTS, help="one of them; without a word, all three")
    add("--quick", action="store_true", help="small sizes, few rounds: within a minute")
    add("--only", nargs="+", default=[], metavar="NAME", help="kernels and routes")
    add("--size", type=whole, metavar="N", help="size of the kernels, number of integrals")
    add("--threads", type=threads, nargs="+", default=[], metavar="N", help="numbers of threads")
    add("--json", type=Path, metavar="FILE", help="leave the figures there")
    add("--html", type=Path, metavar="FILE", help="leave a page with pictures there")
    add("--compare-to", type=Path, metavar="OLD.json", help="show what changed since")
    add("--source", type=Path, metavar="DIR", help="the checkout whose routes are built")
    return made


def check_files(asked: argparse.Namespace) -> Results | None:
    """Try the files before the work; return the earlier results."""
    for option in ("json", "html"):
        if getattr(asked, option) is not None:
            check_writable(f"--{option}", getattr(asked, option))
    if asked.html is not None:
        importlib.import_module("ferrotran_compare.html").check()
    if asked.json and asked.html and asked.json.resolve() == asked.html.resolve():
        raise CompareError(f"--html {asked.html}: is the file of --json too")
    if asked.source is not None and not asked.source.is_dir():
        raise CompareError(f"--source {asked.source}: there is no such folder")
    if asked.compare_to is None:
        return None
    try:
        return load(asked.compare_to)
    except CompareError as error:
        raise CompareError(f"--compare-to {error}") from None


def load_parts(names: list[str]) -> dict[str, ModuleType]:
    """Import what runs the parts."""
    try:
        return {name: importlib.import_module(f"ferrotran_compare.{name}") for name in names}
    except ImportError as error:
        if (error.name or "").startswith("ferrotran"):
            raise CompareError(f"{error}; in a checkout, `make compare` builds it") from None
        raise


def choose_parts(
    parts: dict[str, ModuleType], options: Options, named: bool
) -> tuple[list[str], list[str]]:
    """Return the parts to run, and why others cannot.

    A name of one part leaves out the parts that have none of the names. A part that cannot run
    is an error only if it was `named`.
    """
    known = {name for part in parts.values() for name in part.NAMES}
    for name in options.only:
        if name not in known:
            hint = "; the part comes first" if name in PARTS else ""
            there = ", ".join(n for part in parts.values() for n in part.NAMES) or "none"
            raise CompareError(f"--only {name}: unknown name{hint}; known: {there}")
    chosen, notes = [], []
    for name, part in parts.items():
        if options.only and not options.chosen(part.NAMES):
            continue
        try:
            part.ready(options)
        except CompareError as error:
            if named or options.only:
                raise
            notes.append(f"{name}: not run: {error}")
        else:
            chosen.append(name)
    if not chosen:
        raise CompareError("; ".join(notes))
    return chosen, notes


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    command = parser()
    asked = command.parse_args(argv)
    try:
        with heard():
            status = _work(asked, check_files(asked))
    except CompareError as error:
        print(f"{command.prog}: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{command.prog}: interrupted", file=sys.stderr)
        return INTERRUPTED
    if any(thread.name == "compare" for thread in threading.enumerate()):
        _leave(status)
    return status


def _work(asked: argparse.Namespace, old: Results | None) -> int:
    names = [asked.part] if asked.part else list(PARTS)
    most = max([cores(), *asked.threads])
    os.environ.setdefault("NUMBA_NUM_THREADS", str(most))  # read when numba is imported
    from rich.console import Console

    from ferrotran_compare import ending
    from ferrotran_compare.running import Session

    options = Options(
        names, asked.quick, list(asked.only), asked.size, sorted(set(asked.threads)), asked.source
    )
    width = None if sys.stdout.isatty() else 100
    console = Console(width=width, highlight=False)
    session = Session(options, asked.json, console, Console(stderr=True, highlight=False))
    started = False
    try:
        parts = load_parts(names)
        chosen, notes = choose_parts(parts, options, named=asked.part is not None)
        session.results.options = dataclasses.replace(options, parts=chosen)
        started = True
        session.save()
        session.results.tools = ending.tools()
        for note in notes:
            console.print(note, markup=False)
        for name in chosen:
            session.run(name, parts[name])
        session.results.complete = not session.errors
    except KeyboardInterrupt:
        with deaf():
            ending.interrupted(session, asked, old if started else None)
        return INTERRUPTED
    return ending.finished(session, asked, old)


def _leave(status: int) -> NoReturn:
    """End the process, although a native call still runs in its thread."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
