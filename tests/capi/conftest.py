"""The C library, built once and installed where the tests find it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from library import ROOT, Prefix, run


@pytest.fixture(scope="session")
def prefix(tmp_path_factory) -> Prefix:
    """The library in FERROTRAN_C_PREFIX, or a debug build of it."""
    given = os.environ.get("FERROTRAN_C_PREFIX")
    if given:
        return Prefix(Path(given))
    path = tmp_path_factory.mktemp("prefix")
    run(ROOT / "scripts" / "install_c.sh", "--debug", path, timeout=900)
    return Prefix(path)
