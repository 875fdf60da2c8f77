"""The pages of the lessons: their code is the source, their figures are what the scripts make."""

import re
import subprocess
import sys

import page
import pytest

SIZES = {"parallelise": "12", "glue": "400"}
PAGES = {name: page.DOCS / f"{name}.md" for name in SIZES}
each_lesson = pytest.mark.parametrize("name", SIZES)


def contents(path):
    text = path.read_text()
    return {name: text[start:end] for name, start, end in page.regions(text)}


def run(name, *options):
    script = page.HERE / name / "lesson.py"
    command = [sys.executable, script, "--size", SIZES[name], "--budget", "0.05", *options]
    return subprocess.run(command, text=True, capture_output=True, timeout=300)


def test_every_page_with_regions_is_one_of_a_lesson_and_every_lesson_has_its_page():
    with_regions = {p for p in page.DOCS.glob("*.md") if "<!-- lesson:" in p.read_text()}
    assert with_regions == set(PAGES.values())
    assert {p.parent.name for p in page.HERE.glob("*/lesson.py")} == set(PAGES)


@each_lesson
def test_the_code_of_a_page_is_the_source(name):
    found = contents(PAGES[name])
    code = {region: text for region, text in found.items() if region.startswith("code ")}
    assert len(code) >= 4
    for region, text in code.items():
        assert text == page.code(region) + "\n", f"`{region}` has drifted: run make lessons"


@each_lesson
def test_no_region_of_a_page_is_empty_and_none_is_there_twice(name):
    text = PAGES[name].read_text()
    names = [region for region, _, _ in page.regions(text)]
    assert len(names) == len(set(names)) >= 8
    assert [r for r, content in contents(PAGES[name]).items() if not content.strip()] == []


@each_lesson
def test_a_page_is_short(name):
    assert len(PAGES[name].read_text().splitlines()) < 250


@each_lesson
def test_a_lesson_runs_agrees_and_fills_every_region(name, tmp_path):
    copy = tmp_path / "page.md"
    content = r"(?s)(<!-- lesson:begin [^>]* -->\n).*?(?=<!-- lesson:end)"
    copy.write_text(re.sub(content, r"\1", PAGES[name].read_text()))
    assert set(contents(copy).values()) == {""}
    done = run(name, "--write", "--page", str(copy))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all answers agree" in done.stdout
    before, after = contents(PAGES[name]), contents(copy)
    assert list(before) == list(after)
    assert [region for region, content in after.items() if not content.strip()] == []
    assert before["where"] != after["where"]  # another size
    pictures = re.findall(r"!\[.*\]\((.*\.png)\)", PAGES[name].read_text())
    assert len(pictures) == (name == "parallelise")
    for picture in pictures:
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
        assert (page.DOCS / picture).is_file()


@each_lesson
def test_a_lesson_prints_what_it_would_write(name):
    before = PAGES[name].read_bytes()
    done = run(name)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = {line[3:] for line in done.stdout.splitlines() if line.startswith("== ")}
    assert printed == {r for r in contents(PAGES[name]) if not r.startswith("code ")}
    assert PAGES[name].read_bytes() == before


BOTH = "<!-- lesson:begin a -->\nold\n<!-- lesson:end -->\n"


def test_a_figure_without_a_region_and_a_region_without_a_figure_are_refused(tmp_path):
    path = tmp_path / "p.md"
    path.write_text(BOTH)
    with pytest.raises(page.PageError, match=r"without a figure \['a'\].*region \['b'\]"):
        page.write(path, {"b": "new"})
    assert path.read_text() == BOTH


def test_a_region_that_does_not_end_is_refused():
    with pytest.raises(page.PageError, match="`a` has no"):
        page.fill("<!-- lesson:begin a -->\ntext\n" + BOTH.replace(" a ", " b "), {})


@pytest.mark.parametrize("name", ["code glue/none.py", "code glue/rainflow.py none"])
def test_code_that_is_not_there_is_refused_by_name(name):
    with pytest.raises(page.PageError, match="none"):
        page.code(name)


def test_drifted_code_is_put_right_and_prose_stays():
    drifted = "before\n" + BOTH.replace(" a ", " code glue/rainflow.py rainflow ")
    filled = page.fill(drifted, {})
    assert "def rainflow(signal, width):" in filled
    assert "old" not in filled
    assert filled.startswith("before\n")
    assert page.fill(filled, {}) == filled
