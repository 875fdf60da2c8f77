"""The pages on the languages: every block of code is in a program that the tests build."""

import re
import textwrap

import pytest
from library import ROOT

DOCS = ROOT / "docs"
PAGES = {
    "abi.md": ["abi/go", "abi/julia"],
    "abi_c.md": ["abi/c"],
    "abi_cpp.md": ["abi/cpp"],
    "abi_fortran.md": ["abi/fortran"],
    "abi_rust.md": ["abi/rust"],
    "abi_python.md": ["abi/python"],
    "abi_chapel.md": ["abi/chapel", "chapel", "arkouda"],
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = ("sh", "text")  # commands and output
pages = pytest.mark.parametrize("name", PAGES)


def sources(name):
    """The text of every file that the page is about."""
    folders = [ROOT / "examples" / folder for folder in PAGES[name]]
    skip = {"lib", "target", "__pycache__"}
    return [
        path.read_text()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not skip & set(path.parts) and path.suffix not in (".so", ".lock")
    ]


def held(block, text):
    """Whether lines of `text`, less an indentation that they share, are the block."""
    wanted = block.rstrip("\n").split("\n")
    lines = text.split("\n")
    for at in range(len(lines) - len(wanted) + 1):
        if lines[at].strip() != wanted[0].strip():
            continue
        piece = "\n".join(lines[at : at + len(wanted)])
        if textwrap.dedent(piece) == "\n".join(wanted):
            return True
    return False


@pages
def test_every_block_is_in_a_program(name):
    texts = sources(name)
    blocks = [b for b in BLOCK.finditer((DOCS / name).read_text()) if b[1] not in SHELL]
    assert len(blocks) >= 4
    for block in blocks:
        found = any(held(block[2], text) for text in texts)
        assert found, f"docs/{name}: no program has these lines:\n{block[2]}"


def test_a_block_that_has_drifted_is_seen():
    text = "if a:\n    b = 1\n    c = 2\n"
    assert held("b = 1\nc = 2\n", text)
    assert not held("b = 1\nc = 3\n", text)
    assert not held("b = 1\n  c = 2\n", text)


@pages
def test_links_lead_somewhere(name):
    for link in re.findall(r"\]\(([\w/.]+)\)", (DOCS / name).read_text()):
        assert (DOCS / link).is_file(), link


def test_every_language_has_a_page_or_a_section():
    overview = (DOCS / "abi.md").read_text()
    for name in PAGES:
        if name != "abi.md":
            assert f"]({name})" in overview
    assert {"abi.md", *(p.name for p in DOCS.glob("abi_*.md"))} == set(PAGES)
