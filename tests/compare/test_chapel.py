"""The optional column of Chapel: there where `chpl` was, else a line that says why not."""

import dataclasses
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import compare_readme
import pytest
from ferrotran_compare import _chapel, kernels, terminal
from rich.console import Console
from sample import sample

ROOT = Path(__file__).resolve().parents[2]


def foot(results):
    console = Console(record=True, width=100)
    terminal.foot(console, results)
    return console.export_text()


def test_the_foot_says_that_there_is_no_chapel_and_only_then():
    without = sample()
    assert "chapel: not compared, for there was no chpl" in foot(without)
    tools = without.tools | {"chapel": {"compiler": "chpl 1.21.0", "flags": "--fast"}}
    assert "chapel: chpl 1.21.0 --fast" in foot(sample(tools=tools))
    assert "not compared" not in foot(sample(tools=tools))
    assert "chapel" not in foot(sample(languages=None))


def test_the_step_of_the_build_does_nothing_without_a_compiler(tmp_path):
    checkout = tmp_path / "checkout"
    package = checkout / "compare" / "ferrotran_compare"
    package.mkdir(parents=True)
    (checkout / "scripts").mkdir()
    script = shutil.copy(ROOT / "scripts" / "compare_chapel.sh", checkout / "scripts")
    stale = package / "_chapel_kernels.so", package / "_chapel_kernels.json"
    for path in stale:
        path.touch()
    env = os.environ | {"CHPL": "no-such-compiler"}
    done = subprocess.run([script], env=env, text=True, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not any(path.exists() for path in stale)


def test_the_table_of_the_readme_has_a_column_for_chapel_only_where_it_was_measured():
    found = sample()
    assert "Chapel" not in compare_readme.table(found)
    for kernel in found.languages:
        one = next(e for e in kernel.entries if (e.language, e.threads) == ("c", 1))
        kernel.entries.append(dataclasses.replace(one, language="chapel"))
    head, _, *rows = compare_readme.table(found).splitlines()[: 2 + len(found.languages)]
    assert "| Rust | Chapel | numba |" in head
    c, chapel = (head.split("|").index(f" {name} ") for name in ("C", "Chapel"))
    assert all(row.split("|")[c] == row.split("|")[chapel] for row in rows)


built = pytest.mark.skipif(not _chapel.there, reason="no Chapel: there was no `chpl` at the build")


@built
def test_every_kernel_has_chapel_and_its_compiler_is_told():
    assert all("chapel" in kernel.languages for kernel in kernels.values())
    assert json.loads(_chapel.ABOUT.read_text()) == _chapel.about()
    assert _chapel.about()["compiler"].startswith("chpl ")


@built
def test_another_thread_is_refused():
    kernels["collatz"].bind("chapel", 10)()  # starts Chapel, if nothing has
    raised = []

    def other():
        try:
            kernels["collatz"].bind("chapel", 10)()
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(timeout=60)
    assert raised == ["Chapel's run time was started by another thread, which must call it"]
