"""Files that the command writes, tried before the work. Standard library only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ferrotran_compare.results import CompareError


def check_writable(option: str, path: Path) -> None:
    """Raise `CompareError`, which names the option, if the file cannot be written."""

    def refuse(why: str) -> CompareError:
        return CompareError(f"{option} {path}: {why}")

    path = path.resolve()
    try:
        if path.is_dir():
            raise refuse("is a folder, expected a file")
        if not path.parent.is_dir():
            raise refuse(f"there is no folder {path.parent}")
        if path.exists() and not os.access(path, os.W_OK):
            raise refuse("cannot be written: permission denied")
        if path.is_file() or not path.exists():
            # The new file comes into being beside the old one, so it is the folder that counts.
            tempfile.TemporaryFile(dir=path.parent).close()
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
                pass
    except OSError as error:
        raise refuse(f"cannot be written: {error.strerror}") from None
