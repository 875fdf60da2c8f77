"""Every example in the documentation runs: docstrings, and fenced blocks of the user guide."""

import doctest
import io
import re
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest
from house import MODULES, PUBLIC

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "python" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [page for page in PAGES if page.exists()]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ANY_ISA = pytest.mark.any_isa  # of engines and stores, which have their own libraries
FRONT = [(ft, name) for name in ft.__all__ if callable(getattr(ft, name))]


def run(text, name, line, globs):
    """Run the examples in `text`, which share `globs`; return how many there were."""
    test = doctest.DocTestParser().get_doctest(text, globs, name, None, line)
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    with np.printoptions():
        runner.run(test, out=report.write, clear_globs=False)
    globs |= test.globs
    assert runner.summarize(verbose=False).failed == 0, report.getvalue()
    return len(test.examples)


@pytest.mark.parametrize(
    ("module", "name"),
    [pytest.param(m, n, marks=ANY_ISA if m is ft.scale else ()) for m, n in FRONT + PUBLIC],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_a_docstring_has_examples_and_they_run(module, name):
    thing = getattr(module, name)
    assert thing.__doc__, f"{name} has no docstring"
    examples = run(thing.__doc__, name, 0, {})
    assert examples or isinstance(thing, type), f"{name} has no example"


@pytest.mark.parametrize("module", [ft, *MODULES], ids=lambda m: m.__name__)
def test_the_docstring_of_a_module_runs(module):
    run(module.__doc__, module.__name__, 0, {})


@pytest.mark.parametrize(
    "page",
    [pytest.param(p, marks=ANY_ISA if p.stem.startswith("scale") else ()) for p in PAGES],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_the_python_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    globs = {"__name__": "__main__"}
    for block in FENCE.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        if ">>>" in block[1]:
            run(block[1], page.name, line, globs)
        else:
            exec(compile("\n" * line + block[1], str(page), "exec"), globs)
