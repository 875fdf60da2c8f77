"""The checkout whose routes are built, and where in it what is made of them lies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ferrotran_compare.results import CompareError

MARK = Path("examples", "glue", "native.py")


@dataclasses.dataclass(frozen=True)
class Checkout:
    """Paths of a checkout of ferrotran; everything built goes below `build`."""

    root: Path

    @property
    def examples(self) -> Path:
        """The folder with one folder for each route."""
        return self.root / "examples" / "glue"

    @property
    def readme(self) -> Path:
        """The page with the tables of all routes."""
        return self.examples / "README.md"

    @property
    def requirements(self) -> Path:
        """The tools of the routes, pinned."""
        return self.root / "requirements-glue.txt"

    @property
    def build(self) -> Path:
        """The folder for the environment, the wheels, and what is known of each."""
        return self.root / "build" / "glue"

    @property
    def python(self) -> Path:
        """The Python of the environment that all routes are installed in."""
        return self.build / "venv" / "bin" / "python"

    def record(self, route: str) -> Path:
        """Path of the file with what is known of a route that was built."""
        return self.build / f"{route}.json"

    def shown(self, path: Path) -> str:
        """Return a path as a reader at the root would type it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def find(source: Path | None = None) -> Checkout:
    """Find the checkout.

    Parameters
    ----------
    source : Path, optional
        Its root. Without it, the current folder and those above it are tried, then those above
        this package.

    Raises
    ------
    CompareError
        If there is none.
    """
    if source is not None:
        if (source / MARK).is_file():
            return Checkout(source.resolve())
        raise CompareError(
            f"`--source` is {source}, expected the checkout of ferrotran: it has no {MARK}"
        )
    here, package = Path.cwd(), Path(__file__).resolve().parent
    for folder in (here, *here.parents, *package.parents):
        if (folder / MARK).is_file():
            return Checkout(folder.resolve())
    raise CompareError(
        "the routes are built from a checkout of ferrotran, and neither the current folder nor the"
        " package lies in one: give it with `--source DIR`"
    )
