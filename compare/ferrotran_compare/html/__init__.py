"""The report of a comparison: one page that loads nothing from outside itself.

The plots are Vega-Lite's, bundled by vl-convert: 0.9 MB where plotly.js has 4.8 and BokehJS 3.9,
SVG whose colours are CSS variables, so that dark mode and print need no redraw, and an interpreter
of its expressions that runs under a Content-Security-Policy without `unsafe-eval`.

`check` says early what is missing; `write` makes the page.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import json
import string
from importlib import resources
from pathlib import Path

from ferrotran_compare.html import charts, findings, languages, method, routes, threads
from ferrotran_compare.html.page import Plots, section, warning
from ferrotran_compare.html.text import Html, join, tag
from ferrotran_compare.results import CompareError, Results, write_text

__all__ = ["check", "render", "write"]

TITLES = {
    "languages": "Languages",
    "routes": "Binding routes",
    "threads": "Threads and the GIL",
    "method": "How it was measured",
}


def check() -> None:
    """Raise `CompareError` unless a report can be made: call it before the work."""
    try:
        importlib.import_module("vl_convert")
    except ImportError as error:
        raise CompareError(
            f"--html needs the plotting library vl-convert ({error}); "
            "install it with: pip install 'ferrotran-compare[html]'"
        ) from None


def write(results: Results, path: Path) -> None:
    """Write the report.

    Parameters
    ----------
    results : Results
        What was found; parts that are None, and a run that was stopped, are said to be so.
    path : Path
        The file, which never holds half a page.

    Raises
    ------
    CompareError
        If the plotting library is not installed.
    OSError
        If the file cannot be written.
    """
    write_text(Path(path), render(results))


def render(results: Results) -> str:
    """Return the report as HTML."""
    check()
    plots = Plots()
    chapters = [
        languages.render(results.languages, plots) if results.languages is not None else None,
        routes.render(results.routes, plots) if results.routes is not None else None,
        threads.render(results.threads, plots) if results.threads is not None else None,
    ]
    names = ("languages", "routes", "threads")
    body = [c or absent(n, results.complete) for c, n in zip(chapters, names)]
    data = {"config": charts.CONFIG, "plots": plots.specs}
    script = _bundle()
    return string.Template(_read("page.html")).substitute(
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=_read("page.css"),
        font=charts.FONT,
        stopped=stopped() if not results.complete else "",
        scope=findings.scope(results),
        findings=findings.render(results),
        links=join(tag("a", title, href=f"#{key}") for key, title in TITLES.items()),
        chapters=join([*body, method.render(results)]),
        # A "<" could end the element that holds the JSON.
        data=json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c"),
    )


def absent(name: str, complete: bool) -> Html:
    """Say that a part is not there."""
    if complete:
        words = join(
            ["Not part of this run. ", tag("code", f"ferrotran compare {name}"), " adds it."]
        )
    else:
        words = Html("Not reached before the run was stopped, or not part of it.")
    return section(name, TITLES[name], tag("p", words, class_="intro"))


def stopped() -> Html:
    """Say that the run did not end."""
    return warning("This run was stopped before its end. The page shows what it had found by then.")


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _bundle() -> str:
    """The library and the script of the page, in one."""
    import vl_convert

    return vl_convert.javascript_bundle(_read("page.js")).replace("</script", "<\\/script")
