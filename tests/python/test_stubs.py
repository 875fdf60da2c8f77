"""What a type checker sees of the package."""

import subprocess
import sys
from pathlib import Path

import ferrotran as ft
import pytest
from house import MODULES

pytestmark = pytest.mark.any_isa

USER = """
import numpy as np
import ferrotran as ft

ft.set_num_threads(2)
count: int = ft.get_num_threads()
version: str = ft.__version__
config: dict[str, dict[str, str | int | list[str]]] = ft.show_config(mode="dicts")
ft.show_config()
with ft.threads(1):
    pass
x = np.ones(8)
report: ft.scale.Report = ft.scale.map_chunks(ft.special.erf, x, None, chunks=4)
chunks: int = report.chunks
cores: int = ft.scale.cores()
where = ft.scale.Location("webdav+http://localhost/x.zarr", auth=("a", "b"))
try:
    ft.scale.map_chunks(np.hypot, (x, where), "y.zarr", engine="dask", timeout=5.0, resume=True)
except ft.scale.ChunkError as error:
    index: tuple[int, ...] = error.chunk
"""

WRONG = """
import ferrotran as ft

ft.set_num_threads("2")
ft.show_config(mode="json")
ft.threads()
ft.scale.map_chunks(abs, [1.0], None, engine="pbs")
"""


def mypy(*arguments):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_the_stubs_agree_with_the_module():
    here = Path(__file__).parent
    done = mypy(
        *("mypy.stubtest", "ferrotran", "--ignore-unused-allowlist"),
        *("--mypy-config-file", str(here / "stubtest.ini")),
        *("--allowlist", str(here / "stubtest_allowed.txt")),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_program_that_uses_the_package_is_checked(tmp_path):
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(USER)
    wrong.write_text(WRONG)
    common = ["mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    done = mypy(*common, str(right))
    assert done.returncode == 0, done.stdout
    done = mypy(*common, str(wrong))
    assert [f"{wrong}:{n}" in done.stdout for n in (4, 5, 6, 7)] == [True] * 4, done.stdout


def test_every_public_name_says_where_it_lives():
    for module in (ft, *MODULES):
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and hasattr(thing, "__module__"):
                assert thing.__module__ == module.__name__, name
                assert thing.__name__ == name
