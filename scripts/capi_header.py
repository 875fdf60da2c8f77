"""What `ferrotran.h` declares, read for the scripts that make or check something from it."""

from __future__ import annotations

import re
from pathlib import Path

CAPI = Path(__file__).resolve().parent.parent / "crates" / "ferrotran-capi"
INCLUDE = CAPI / "include"

Pairs = list[tuple[str, str]]


def files(include: Path = INCLUDE) -> list[Path]:
    """Return the header and those it includes."""
    return [include / "ferrotran.h", *sorted((include / "ferrotran").glob("*.h"))]


class Header:
    """The declarations of the header in C.

    Attributes
    ----------
    version : list of (str, str)
        MAJOR, MINOR and PATCH with their numbers.
    enums, structs : dict of str to list of (str, str)
        Enumerators with their values; types with the names of fields.
    callbacks : dict of str to list of (str, str)
        Types with the names of the arguments.
    functions : dict of str to (str, list of (str, str))
        Type of the result; types with the names of the arguments.
    """

    def __init__(self, include: Path = INCLUDE) -> None:
        text = "\n".join(path.read_text() for path in files(include))
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        text = re.sub(r"static inline .*?\n}", "", text, flags=re.S)

        def found(pattern: str) -> list[tuple[str, ...]]:
            return re.findall(pattern, text, flags=re.S | re.M)

        self.version = found(r"#define FT_VERSION_(MAJOR|MINOR|PATCH) (\d+)")
        self.enums = {
            name: re.findall(r"(\w+)\s*=\s*(\d+)", body)
            for name, body in found(r"^enum (\w+) \{(.*?)\};")
        }
        self.structs = {
            name: _pairs(body.split(";")) for name, body in found(r"^struct (\w+) \{(.*?)\};")
        }
        self.callbacks = {
            name: _pairs(arguments.split(","))
            for name, arguments in found(r"^typedef int \(\*(\w+)\)\((.*?)\);")
        }
        self.functions = {
            name: (kind.strip(), _pairs(arguments.split(",")))
            for kind, name, arguments in found(r"^(int|const char \*)\s*(ft_\w+)\((.*?)\);")
        }


def _pairs(declarations: list[str]) -> Pairs:
    """Split each declaration into its type and its name."""
    split = [re.fullmatch(r"(.*?[\s*])(\w+)", part.strip(), flags=re.S) for part in declarations]
    pairs = [(" ".join(p[1].replace("*", " * ").split()), p[2]) for p in split if p]
    return [pair for pair in pairs if pair[0] != ""]
