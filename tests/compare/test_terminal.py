"""The tables: what they show of the results, within 100 columns."""

import dataclasses
import io

import pytest
from ferrotran_compare import terminal, units
from ferrotran_compare.results import Disagreement, RouteResult
from rich.console import Console
from sample import ROUTES, WAYS, sample


@pytest.fixture
def shown():
    """Show something on a console of 100 columns; return its lines."""

    def show(table, *arguments):
        file = io.StringIO()
        table(Console(file=file, width=100, highlight=False), *arguments)
        lines = [line.rstrip() for line in file.getvalue().splitlines()]
        assert max(map(len, lines)) <= 100
        assert not any("…" in line.replace(" … ", "") for line in lines), "a cell is cut off"
        return lines

    return show


def rows(lines, title):
    """The lines of the table with a title, up to the empty line at its end."""
    start = next(i for i, line in enumerate(lines) if line.startswith(title))
    rule = next(i for i in range(start, len(lines)) if "──" in lines[i])
    return [line.split() for line in lines[rule + 1 : lines.index("", rule)]]


def test_a_kernel_is_sorted_and_ties_are_marked(shown):
    for kernel in sample().languages:
        lines = shown(terminal.kernel, kernel)
        found = rows(lines, f"{kernel.kernel}: {kernel.workload}")
        assert len(found) == len(kernel.entries)
        for words, entry in zip(found, kernel.entries):
            assert (words[0] == terminal.TIE) is entry.tied
            assert [entry.language, str(entry.threads)] == words[entry.tied :][:2]
        assert len(rows(lines, f"{kernel.kernel}: time against size")) == 6
    assert any(entry.tied for kernel in sample().languages for entry in kernel.entries)


def test_a_disagreement_and_a_missing_language_are_shown(shown):
    bad = [Disagreement("rust", 2, 10, "1.5 at (0,), expected [2.5] within 0")]
    kernel = dataclasses.replace(
        sample().languages[0], disagreements=bad, missing={"numba": "pip install numba"}
    )
    lines = shown(terminal.kernel, kernel)
    assert "DISAGREES: rust, 2 threads, size 10: 1.5 at (0,), expected [2.5] within 0" in lines
    assert "missing: numba; to install it: pip install numba" in lines


def test_every_route_is_in_each_of_its_tables_sorted_by_time(shown):
    lines = shown(terminal.routes, sample().routes)
    for title, key in {"erf(x)": 0, "solve_tridiagonal(": 1, "integrate(": 2}.items():
        order = sorted(ROUTES, key=lambda name: ROUTES[name][key])
        assert [words[0] for words in rows(lines, title)] == order
    assert len(rows(lines, "What a route costs")) == len(ROUTES)
    gives = {words[0] for words in rows(lines, "What a route gives")}
    assert gives >= set(ROUTES)


def test_four_sizes_of_a_call_fit(shown):
    found = sample().routes
    for route in found:
        calls = {e.n: dataclasses.replace(e, call="erf", tied=True) for e in route.calls}
        route.calls = [calls[n] for n in (1_000_000, 4, 1000, None)]
    lines = shown(terminal.routes, found)
    head = next(line for line in lines if "1,000,000" in line)
    assert head.split() == ["route", "scalar", "4", "1,000", "1,000,000"]
    found = rows(lines, "erf(x)")
    assert len(found) == len(ROUTES)
    assert all(len([w for w in words if w.startswith(terminal.TIE)]) == 4 for words in found)


def test_what_is_missing_failed_or_wrong_is_shown_under_the_other_routes(shown):
    wrong = dataclasses.replace(sample().routes[0], checks={"erf": "erf(0.5) is 7"})
    log = "\n".join(f"line {i}" for i in range(100))
    others = [RouteResult("f2py", failed=log), RouteResult("cython", missing=["get Cython"])]
    lines = shown(terminal.routes, [wrong, *others])
    assert "missing: cython; to install it: get Cython" in lines
    assert "line 99" in lines
    assert "line 50" not in lines
    assert "DISAGREES: ctypes, erf: erf(0.5) is 7" in lines
    assert [words[0] for words in rows(lines, "erf(x)")] == ["ctypes"]
    assert shown(terminal.routes, others)


def test_threads_are_grouped_by_way_the_best_first(shown):
    lines = shown(terminal.threads, sample().threads)
    found = rows(lines, "a batch of quadratures")
    assert len(found) == 3 * len(WAYS)
    text = "\n".join(lines)
    assert text.index("ferrotran, its own") < text.index("NumPy") < text.index("Python, processes")
    assert [words for words in found if words[0] == "Python,"][-1][1] == "threads"
    assert "GIL on" in text


def test_a_busy_machine_is_said(shown):
    calm = sample()
    busy = dataclasses.replace(calm, machine=dataclasses.replace(calm.machine, load_average=3.0))
    assert not any("busy" in line for line in shown_foot(calm))
    assert any("busy" in line for line in shown_foot(busy))


def shown_foot(results):
    file = io.StringIO()
    terminal.foot(Console(file=file, width=100), results)
    return file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 ns"),
        (3.2e-10, "0.32 ns"),
        (1e-9, "1 ns"),
        (1.2345e-5, "12.3 µs"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.0, "1 s"),
        (1234.5, "1,234 s"),
    ],
)
def test_times_have_three_digits_and_a_unit(value, text):
    assert units.seconds(value) == text
