"""Commands and places that the tests of the C library share."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CAPI = ROOT / "crates" / "ferrotran-capi"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
TIMEOUT = 300


def tool(name: str) -> str:
    """Return the path of a tool; a test that needs one which is absent is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str | Path, **settings: object) -> str:
    """Run a command and return its output; fail with it if the command does."""
    settings.setdefault("timeout", TIMEOUT)
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **settings,
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}"
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Prefix:
    """An installed library."""

    path: Path

    @property
    def library(self) -> Path:
        """The shared library."""
        return self.path / "lib" / "libferrotran.so"

    @property
    def archive(self) -> Path:
        """The static library."""
        return self.path / "lib" / "libferrotran.a"

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment in which the loader and pkg-config find the library."""
        found = {
            "LD_LIBRARY_PATH": str(self.path / "lib"),
            "PKG_CONFIG_PATH": str(self.path / "lib" / "pkgconfig"),
        }
        return os.environ | found | more

    def flags(self, *what: str) -> list[str]:
        """Ask pkg-config."""
        return run(tool("pkg-config"), *what, "ferrotran", env=self.environment()).split()
