"""The report page, in a headless Chromium: it loads, draws, follows the theme, stays by itself."""

import dataclasses
import doctest
import importlib
import json
import os
import re
import sys

import chromium
import pytest
from ferrotran_compare import html
from ferrotran_compare.results import CompareError, Disagreement, RouteResult
from sample import KERNELS, ROUTES, WAYS, kernel, route, sample, threads
from selenium.webdriver.common.keys import Keys

NASTY = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\"&"

# The marks of a plot that stand for data, and their colours.
MARKS = """
return [...document.querySelectorAll(".plot")].map((plot) => {
  const box = plot.querySelector("svg")?.getBoundingClientRect();
  const marks = [...plot.querySelectorAll(".mark-rect path, .mark-line path, .mark-symbol path")]
    .filter((m) => m.getBoundingClientRect().width > 0);
  const style = marks.map((m) => getComputedStyle(m));
  const text = plot.querySelector(".mark-text text");
  return {
    id: plot.id,
    label: plot.getAttribute("aria-label"),
    size: box ? [box.width, box.height] : [0, 0],
    marks: marks.length,
    colours: style.map((s) => (s.fill === "none" ? s.stroke : s.fill)),
    ink: text ? getComputedStyle(text).fill : null,
  };
});
"""
HEADS = "return [...document.querySelectorAll('tbody th[scope=row]')].map((h) => h.innerText)"
ROW = """
return [...document.querySelectorAll("tbody tr")].filter(
  (row) => row.querySelector("th").innerText.split("\\n")[0] === arguments[0],
).map((row) => row.innerText);
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if chromium.programs() is None:
        reason = f"no chromium and chromedriver; install them with: {chromium.INSTALL}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium.chromium(tmp_path_factory.mktemp("profile")) as driver:
        driver.get("about:blank")
        for log in ("browser", "performance"):  # of the page for a new tab
            driver.get_log(log)
        yield driver


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(autouse=True)
def quiet(request):
    """Afterwards, the console is empty and nothing but reports was asked for."""
    if "browser" not in request.fixturenames:
        yield
        return
    browser = request.getfixturevalue("browser")
    folder = request.getfixturevalue("reports").as_uri()
    yield
    assert browser.get_log("browser") == []
    events = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    asked = {p["request"]["url"] for p in sent}
    assert [u for u in asked if not u.startswith((folder, "data:"))] == []
    entries = "return performance.getEntriesByType('resource').map((e) => e.name)"
    assert [u for u in browser.execute_script(entries) if not u.startswith("data:")] == []


@pytest.fixture
def load(browser, reports):
    """Write a report and open it."""

    def open_page(results, *, width=1200, scheme="light"):
        page = reports / f"{len(list(reports.iterdir()))}.html"
        html.write(results, page)
        chromium.resize(browser, width)
        chromium.prefer(browser, scheme)
        chromium.open_report(browser, page)
        return browser

    return open_page


@pytest.fixture
def whole(browser, load, reports):
    """The report of a run in which nothing went wrong; tests leave it as it is."""
    if not browser.execute_script("return window.whole"):
        load(sample())
        browser.execute_script("window.whole = true")
    return browser


def text(driver):
    return driver.execute_script("return document.body.innerText")


def test_every_plot_is_drawn_and_described(whole):
    plots = whole.execute_script(MARKS)
    expected = {f"plot-bars-{k}" for k in KERNELS} | {f"plot-sizes-{k}" for k in KERNELS}
    expected |= {f"plot-speedup-{k}" for k, v in KERNELS.items() if v[1]}
    expected |= {f"plot-n-{r}" for r in ROUTES} | {f"plot-call-{i}" for i in range(5)}
    expected |= {f"plot-{x}" for x in ("build", "import", "bytes", "lines")}
    expected |= {"plot-threads-time", "plot-threads-speedup"}
    assert {p["id"] for p in plots} == expected
    for plot in plots:
        assert min(plot["size"]) > 50, plot
        assert plot["marks"] >= 2, plot
        assert len(plot["label"]) > 20, plot


def test_bars_are_as_long_as_the_times(whole):
    lengths = whole.execute_script("""
        const bars = document.querySelectorAll("#plot-bars-nbody .mark-rect path");
        return [...bars].map((b) => b.getBoundingClientRect().width);
    """)
    times = KERNELS["nbody"][0]
    assert sorted(lengths) == [x for _, x in sorted(zip(times, lengths))]
    assert max(lengths) > 5 * min(lengths)


def test_every_kernel_route_and_way_has_a_row(whole):
    heads = [head.split("\n")[0] for head in whole.execute_script(HEADS)]
    assert [name for name in [*KERNELS, *ROUTES, *WAYS] if name not in heads] == []


def test_the_figures_of_a_kernel_are_in_its_row(whole):
    rows = whole.execute_script(ROW, "nbody")
    assert [x in rows[0] for x in ("1.43\xa0ms", "387\xa0ms", "122\xa0ms")] == [True] * 3, rows


def test_labels_of_bars_stay_inside_their_plots(whole):
    outside = whole.execute_script("""
        return [...document.querySelectorAll(".plot")].flatMap((plot) => {
          const right = plot.getBoundingClientRect().right + 1;
          return [...plot.querySelectorAll(".mark-text text")]
            .filter((t) => t.getBoundingClientRect().right > right)
            .map((t) => `${plot.id}: ${t.textContent}`);
        });
    """)
    assert outside == []


def test_the_headlines_come_from_the_results(load):
    shown = text(load(sample(routes=None, threads=None, languages=[kernel("nbody")])))
    assert "85×" in shown, "0.122 s of Python over 1.43 ms of C"
    assert "1.09×" in shown, "1.56 ms of Rust over 1.43 ms of C"


def test_the_button_changes_every_colour_and_works_by_keyboard(whole):
    background = "return getComputedStyle(document.body).backgroundColor"
    button = whole.find_element("id", "theme")
    seen = []
    for pressed in ("false", "true"):
        assert button.get_attribute("aria-pressed") == pressed
        seen.append((whole.execute_script(background), whole.execute_script(MARKS)))
        button.send_keys(Keys.ENTER)
    (white, light), (black, dark) = seen
    assert white != black
    for a, b in zip(light, dark):
        assert a["ink"] is None or a["ink"] != b["ink"], a["id"]
        for one, other in zip(a["colours"], b["colours"]):
            assert one != other, a["id"]
    assert whole.execute_script(background) == white


@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_sticks_out_sideways(browser, load, whole, width):
    if width != 1200:
        load(sample(), width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    assert [p for p in browser.execute_script(MARKS) if p["size"][0] > width] == []


def test_the_page_follows_the_system(load):
    background = "return getComputedStyle(document.body).backgroundColor"
    light = load(sample(languages=None)).execute_script(background)
    driver = load(sample(languages=None), scheme="dark")
    assert driver.execute_script(background) != light
    assert driver.find_element("id", "theme").get_attribute("aria-pressed") == "true"


def test_text_from_the_results_is_only_text(load):
    one = dataclasses.replace(kernel("nbody"), kernel=NASTY, what=NASTY, workload=NASTY, why=NASTY)
    one.entries[0] = dataclasses.replace(one.entries[0], note=NASTY, language=NASTY)
    one.disagreements.append(Disagreement(NASTY, 1, 7, NASTY))
    two = dataclasses.replace(route("cffi"), route=NASTY, properties={NASTY: NASTY})
    bad = [two, RouteResult("f2py", failed=NASTY), RouteResult("cython", missing=[NASTY])]
    way = threads()
    way.entries[0].way = way.what = NASTY
    driver = load(sample(languages=[one], routes=bad, threads=way, tools={NASTY: {NASTY: NASTY}}))
    assert driver.execute_script("return window.hacked") is None
    assert len(driver.find_elements("css selector", "script")) == 2
    assert driver.find_elements("css selector", "img") == []
    assert text(driver).count(NASTY) > 10
    assert len(driver.execute_script(MARKS)) > 8


def test_missing_and_failed_routes_are_named_with_the_reason(load):
    found = [
        route("ctypes"),
        RouteResult("cffi", missing=["python -m pip install cffi==2.1.1"]),
        RouteResult("f2py", failed="long output\nerror: no Fortran compiler"),
    ]
    driver = load(sample(languages=None, threads=None, routes=found))
    shown = text(driver)
    assert "Not installed: cffi" in shown
    assert "python -m pip install cffi==2.1.1" in driver.execute_script(ROW, "cffi")[0]
    assert "failed: error: no Fortran compiler" in driver.execute_script(ROW, "f2py")[0]
    assert "ferrotran compare languages adds it" in shown
    assert "ferrotran compare threads adds it" in shown


def test_a_run_that_was_stopped_says_so(load):
    shown = text(load(sample(complete=False, languages=[], routes=None, threads=None)))
    assert "This run was stopped before its end" in shown
    assert "No kernel was finished" in shown
    assert "Not reached before the run was stopped" in shown


def test_numba_that_is_missing_is_said_to_be(load):
    kernels = [kernel("nbody"), kernel("triad")]
    for k in kernels:
        k.entries[:] = [e for e in k.entries if e.language != "numba"]
        k.missing["numba"] = "python -m pip install numba"
    driver = load(sample(languages=kernels))
    assert "numba is missing in every kernel: python -m pip install numba" in text(driver)
    assert "missing" in driver.execute_script(ROW, "nbody")[0]
    labels = driver.execute_script("""
        return [...document.querySelectorAll("#plot-bars-nbody .mark-text text")]
          .map((t) => t.textContent);
    """)
    assert "not installed" in labels


def test_what_disagrees_is_named_with_both_values(load):
    found = kernel("nbody")
    found.entries[:] = [e for e in found.entries if e.language != "rust"]
    found.disagreements.append(Disagreement("rust", 1, 20_000, "-0.2, expected -0.169"))
    driver = load(sample(languages=[found]))
    assert "nbody, Rust, 1 thread, size 20,000: -0.2, expected -0.169" in text(driver)
    assert "disagrees" in driver.execute_script(ROW, "nbody")[0]


def test_one_entry_one_size_and_one_route_are_enough(load):
    lone, way = kernel("nbody"), threads()
    del lone.entries[1:], lone.sizes[1:], way.entries[1:]
    results = sample(languages=[lone], routes=[route("ctypes")], threads=way)
    assert all(p["marks"] for p in load(results).execute_script(MARKS))


def test_a_report_without_anything_is_a_page(load):
    shown = text(load(sample(languages=None, routes=[], threads=None, tools={})))
    assert "No route was finished" in shown


@pytest.mark.parametrize("module", ["charts", "lines", "text"])
def test_the_examples_in_docstrings_run(module):
    found = doctest.testmod(importlib.import_module(f"ferrotran_compare.html.{module}"))
    assert found.attempted
    assert not found.failed


def test_the_page_names_no_address_to_load():
    page = html.render(sample())
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"https?://|url\(|@import", markup)
    assert "default-src 'none'" in markup


def test_a_missing_library_is_named_with_the_extra(monkeypatch):
    html.check()
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(CompareError, match=r"pip install 'ferrotran-compare\[html\]'"):
        html.check()


def test_the_picture_is_small(browser, tmp_path, capsys):
    import compare_picture
    from ferrotran_compare.results import save
    from PIL import Image

    save(sample(languages=[kernel("nbody")], routes=None, threads=None), tmp_path / "compare.json")
    image = compare_picture.shoot(tmp_path / "compare.json", "A title", "light")
    compare_picture.save(image, tmp_path / "compare.png")
    assert (tmp_path / "compare.png").stat().st_size < compare_picture.LIMIT
    assert Image.open(tmp_path / "compare.png").width == 1200
    assert "compare.png" in capsys.readouterr().out
