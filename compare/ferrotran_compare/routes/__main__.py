"""For who works on a route: `python -m ferrotran_compare.routes [route ...]`.

What is found is printed; the exit status is 1 when a route fails.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ferrotran_compare.results import CompareError, Options, RouteResult
from ferrotran_compare.routes import NAMES, checkout, run, table


class Lines:
    """Progress as lines of text."""

    def __init__(self) -> None:
        self.last = ""

    def step(self, what: str, share: float) -> None:
        """Print each step once."""
        if what != self.last:
            print(f"{100 * share:3.0f} % {what}", file=sys.stderr, flush=True)
        self.last = what

    def keep(self, result: RouteResult) -> None:
        """Print what was found of a route; not its calls, which `ferrotran compare` shows."""
        if result.missing is not None:
            print(f"{result.route}: missing, install with: {'; '.join(result.missing)}")
            return
        if result.failed is not None:
            print(f"{result.route}: {result.failed}")
            return
        print(f"{result.route}: module of {result.module_bytes / 1024:.0f} KiB")
        wrong = {key: text for key, text in result.checks.items() if text != "ok"}
        for key, value in (result.properties | wrong).items():
            print(f"  {key}: {value}")


def main() -> int:
    """Build, try and time the routes that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m ferrotran_compare.routes", description=__doc__)
    parser.add_argument("route", nargs="*", help=f"of {', '.join(NAMES)}; all when none is named")
    parser.add_argument("--source", type=Path, help="the checkout of ferrotran")
    parser.add_argument("--force", action="store_true", help="build again")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--readme", action="store_true", help="write the tables of the README")
    options = parser.parse_args()
    if unknown := set(options.route) - set(NAMES):
        parser.error(f"`route` is {min(unknown)!r}, expected one of {', '.join(NAMES)}")
    asked = Options(quick=options.quick, only=options.route, source=options.source)
    try:
        place = checkout.find(options.source)
        if options.force:
            for name in asked.chosen(NAMES):
                place.record(name).unlink(missing_ok=True)
        results = run(asked, Lines())
    except CompareError as error:
        print(error, file=sys.stderr)
        return 2
    if options.readme:
        table.write(place, results)
    bad = (r.failed or any(x != "ok" for x in (r.checks or {}).values()) for r in results)
    return 1 if any(bad) else 0


if __name__ == "__main__":
    sys.exit(main())
