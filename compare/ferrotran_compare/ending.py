"""What the command does when the work is over, or cut short."""

from __future__ import annotations

import argparse
import importlib
import sys

from ferrotran_compare import changes, terminal
from ferrotran_compare.results import CompareError, Results
from ferrotran_compare.running import Session


def tools() -> dict[str, dict[str, str]]:
    """Compilers, flags and versions of all languages, and ferrotran's own version."""
    import ferrotran

    from ferrotran_compare import build_info

    return build_info() | {"ferrotran": {"compiler": f"ferrotran {ferrotran.__version__}"}}


def wrong(results: Results) -> list[str]:
    """Say which answers differ, and which routes failed."""
    found = []
    for kernel in results.languages or []:
        for bad in kernel.disagreements:
            who = f"{kernel.kernel}, {bad.language}, threads {bad.threads}, size {bad.size}"
            found.append(f"{who}: {bad.text}")
    for route in results.routes or []:
        if route.failed is not None:
            last = route.failed.strip().splitlines()[-1:]
            found.append(f"{route.route}: failed: {' '.join(last)}")
        bad = {name: said for name, said in (route.checks or {}).items() if said != "ok"}
        found += [f"{route.route}, {name}: {said}" for name, said in bad.items()]
    return found


def finished(session: Session, asked: argparse.Namespace, old: Results | None) -> int:
    """Write and show everything; 1 if an answer differs or a part failed."""
    results, console = session.results, session.console
    session.save()
    errors = session.errors + _write_page(session, asked)
    terminal.foot(console, results)
    if old is not None:
        terminal.changes(console, changes.compare(old, results))
    for option in ("json", "html"):
        path = getattr(asked, option)
        if path is not None and (option == "json" or path.exists()):
            console.print(f"written: {path}", markup=False, soft_wrap=True)
    errors += wrong(results)
    for error in errors:
        print(f"ferrotran compare: {error}", file=sys.stderr)
    return 1 if errors else 0


def interrupted(session: Session, asked: argparse.Namespace, old: Results | None) -> None:
    """Write what is finished, and say where."""
    results, console = session.results, session.console
    session.save()
    errors = _write_page(session, asked) if results.languages or results.routes else []
    if old is not None:
        terminal.changes(console, changes.compare(old, results))
    parts = {"kernel": results.languages, "route": results.routes}
    counts = [f"{len(x)} {name}{'s' * (len(x) != 1)}" for name, x in parts.items() if x is not None]
    where = f'; {asked.json} has it, with "complete": false' if asked.json else ""
    print(
        f"ferrotran compare: interrupted; finished: {', '.join(counts) or 'nothing'}{where}",
        file=sys.stderr,
    )
    for error in [*errors, *wrong(results)]:
        print(f"ferrotran compare: {error}", file=sys.stderr)


def _write_page(session: Session, asked: argparse.Namespace) -> list[str]:
    """Write the page with pictures; return what went wrong."""
    if asked.html is None:
        return []
    try:
        importlib.import_module("ferrotran_compare.html").write(session.results, asked.html)
    except (CompareError, OSError) as error:
        return [f"--html {asked.html}: {error}"]
    return []
