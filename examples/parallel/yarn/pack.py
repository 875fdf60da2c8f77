"""Pack what executors import into one archive: ferrotran, NumPy, pyarrow, zarr, the stores.

    python pack.py packages.tar.gz

The archive is made of the environment that runs this program, and goes with a job as
``--archives packages.tar.gz#packages``. Nodes need a Python of the same version, and no package.
pyspark is not in it: Spark brings its own to its containers.
"""

from __future__ import annotations

import re
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import ferrotran

WANTED = ["numpy", "pyarrow", "zarr", "hdfs-native", "requests", "pandas"]
"""pandas is for the driver of ``--deploy-mode cluster``, where pyspark asks for it."""

LEFT_OUT = re.compile(r"(^|/)(tests?|__pycache__|include)/|^\.\./|\.pyx$|\.pxd$|\.hpp$")


def closure(names: list[str]) -> dict[str, metadata.Distribution]:
    """Return the distributions of these names and of all that they need, without extras."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        for requirement in found[name].requires or []:
            text, _, marker = requirement.partition(";")
            if "extra" not in marker and wanted(marker):
                waiting.append(re.match(r"[A-Za-z0-9._-]+", text.strip())[0])
    return found


def wanted(marker: str) -> bool:
    """Whether an environment marker holds here."""
    if not marker.strip():
        return True
    from packaging.markers import Marker

    return Marker(marker).evaluate()


def main() -> None:
    """Write the archive."""
    target = Path(sys.argv[1])
    package = Path(ferrotran.__file__).parent
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.add(path, Path("ferrotran", path.relative_to(package)))
        for distribution in closure(WANTED).values():
            for file in distribution.files or []:
                path = distribution.locate_file(file)
                if not LEFT_OUT.search(str(file)) and Path(path).is_file():
                    archive.add(path, str(file))
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
