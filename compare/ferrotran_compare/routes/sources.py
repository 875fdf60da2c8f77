"""What somebody wrote for a route: its files, its lines, and a digest of all that a build reads."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from ferrotran_compare.routes.checkout import Checkout

PACKAGING = {"pyproject.toml", "setup.py", "meson.build", "CMakeLists.txt", "Cargo.toml"}
PACKAGING |= {"build.rs"}
GENERATED = {"build", "target", "__pycache__"}
# How lines begin that are not counted; comments of C and Rust where the list has no entry.
COMMENTS = dict.fromkeys((".toml", ".build", ".txt"), ("#",))
COMMENTS |= dict.fromkeys((".py", ".pyx", ".pxd"), ("#", '"""'))
COMMENTS |= dict.fromkeys((".f90", ".pyf"), ("!",))


def written(checkout: Checkout, route: str) -> list[Path]:
    """Return the files that somebody wrote for a route."""
    files = (p for p in (checkout.examples / route).rglob("*") if p.is_file())
    names = (p for p in files if not GENERATED & set(p.relative_to(checkout.examples).parts))
    skipped = {".so", ".md", ".lock"}
    return sorted(p for p in names if p.suffix not in skipped and ".egg-info" not in str(p))


def lines(checkout: Checkout, route: str) -> dict[str, int]:
    """Lines by hand without blanks and comments: of the binding, and of its packaging."""
    count = {"binding": 0, "packaging": 0}
    for path in written(checkout, route):
        kind = "packaging" if path.name in PACKAGING else "binding"
        text = path.read_text()
        if path.suffix not in COMMENTS:
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        marks = COMMENTS.get(path.suffix, ("//",))
        code = [x for line in text.splitlines() if (x := line.strip())]
        count[kind] += sum(not x.startswith(marks) for x in code)
    return count


def digest(checkout: Checkout, route: str) -> str:
    """Return a digest of all that a build of the route reads."""
    native = sorted(p for d in ("csrc", "fortran") for p in (checkout.root / d).rglob("*.*"))
    shared = [checkout.examples / "native.py", checkout.requirements, *native]
    found = hashlib.sha256(sys.version.encode())
    for path in [*written(checkout, route), *shared]:
        found.update(path.read_bytes())
    return found.hexdigest()
