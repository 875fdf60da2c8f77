"""Pages with marked regions that a script fills: code from sources, figures from measurements.

A region of a page in docs/ is::

    <!-- lesson:begin NAME -->
    ...
    <!-- lesson:end -->

``NAME`` is ``code FILE`` for a whole file below examples/lessons, ``code FILE PART ...`` for
parts of it, or the name of a figure that the script of the lesson makes. Parts of Python are the
names that a file binds, of the other languages procedures. A `main` guard is left out.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCS = ROOT / "docs"
BUILD = ROOT / "build" / "lessons"

BEGIN = re.compile(r"<!-- lesson:begin (.+?) -->\n")
END = "<!-- lesson:end -->"
LANGUAGES = {
    ".py": "python",
    ".c": "c",
    ".h": "c",
    ".f90": "fortran",
    ".rs": "rust",
    ".toml": "toml",
    ".pyf": "fortran",
}
GUARD = 'if __name__ == "__main__":'


class PageError(Exception):
    """A page and what fills it do not fit; the message says where."""


def _names(node: ast.stmt) -> set[str]:
    """Names that a statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {n.id for target in node.targets for n in ast.walk(target) if hasattr(n, "id")}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    return set()


def _python(text: str, part: str) -> str:
    """Return the statement of a Python file that binds `part`."""
    lines = text.splitlines()
    node = next((n for n in ast.parse(text).body if part in _names(n)), None)
    if node is None:
        return ""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _joined(pieces: list[str], python: bool) -> str:
    """Put pieces below each other: what has one line close together, definitions apart."""
    text = pieces[0]
    for before, piece in zip(pieces, pieces[1:]):
        apart = "\n\n\n" if python else "\n\n"
        imported = ("import " in before) != ("import " in piece)
        text += (apart if "\n" in before + piece else "\n\n" if imported else "\n") + piece
    return text


def _braces(text: str, part: str) -> str:
    """Return a function of C or Rust with the comment and the attributes above it."""
    lines = text.splitlines()
    head = re.compile(rf"^[A-Za-z].*\b{re.escape(part)}\b.*[({{]")
    at = next((i for i, line in enumerate(lines) if head.match(line)), None)
    if at is None:
        return ""
    first = at
    while first and lines[first - 1].startswith(("///", "//", "#[", "static inline")):
        first -= 1
    last = next(i for i in range(at, len(lines)) if lines[i].startswith("}"))
    return "\n".join(lines[first : last + 1])


def _procedure(text: str, part: str) -> str:
    """Return a procedure of Fortran, or its block in a signature file."""
    head = rf"^( *)\w[\w ]*\b{re.escape(part)}\("
    found = re.search(rf"{head}.*?\n\1end (subroutine|function).*?$", text, re.M | re.S)
    return textwrap.dedent(found[0]) if found else ""


CUTS = {".py": _python, ".f90": _procedure, ".pyf": _procedure}


def code(name: str) -> str:
    """Return the fenced block of a region `code FILE PART ...`."""
    file, *parts = name.removeprefix("code ").split()
    path = HERE / file
    if not path.is_file():
        raise PageError(f"the region `{name}` names {file}, which is not in examples/lessons")
    text = path.read_text().partition(GUARD)[0].rstrip()
    if parts:
        cut = CUTS.get(path.suffix, _braces)
        pieces = {p: cut(text, p) for p in parts}
        if absent := [p for p, piece in pieces.items() if not piece]:
            raise PageError(f"the region `{name}` names {absent[0]}, which is not in {file}")
        text = _joined(list(pieces.values()), cut is _python)
    return f"```{LANGUAGES[path.suffix]}\n{text}\n```"


def regions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, start and end of the content of every region of a page."""
    at = 0
    while found := BEGIN.search(text, at):
        end = text.find(END, found.end())
        inner = BEGIN.search(text, found.end(), end)
        if end < 0 or inner:
            raise PageError(f"the region `{found[1]}` has no `{END}`")
        yield found[1], found.end(), end
        at = end + len(END)


def fill(text: str, figures: Mapping[str, str]) -> str:
    """Return the page with its regions filled; those of figures that are not given stay."""
    pieces, at = [], 0
    for name, start, end in regions(text):
        old = text[start:end].rstrip("\n")
        new = code(name) if name.startswith("code ") else figures.get(name, old)
        pieces += [text[at:start], new.rstrip("\n"), "\n"]
        at = end
    return "".join(pieces) + text[at:]


def write(path: Path, figures: Mapping[str, str]) -> None:
    """Fill the page at `path`; each figure must have its region, each region its figure."""
    text = path.read_text()
    wanted = {name for name, _, _ in regions(text) if not name.startswith("code ")}
    if wanted != set(figures):
        raise PageError(
            f"{path.name}: regions without a figure {sorted(wanted - set(figures))}, "
            f"figures without a region {sorted(set(figures) - wanted)}"
        )
    new = path.with_suffix(".new")
    new.write_text(fill(text, figures))
    new.replace(path)
