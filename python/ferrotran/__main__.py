"""The command ``ferrotran``: hands its subcommands over to the packages that have them."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys

from ferrotran import __version__

#: Subcommand: the package, its module with ``main(argv)``, the name to install, what it does.
COMMANDS = {
    "compare": (
        "ferrotran_compare",
        "cli",
        "ferrotran-compare",
        "the same work in every language, through every binding route, with any number of threads",
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run a subcommand; return its exit status."""
    parser = argparse.ArgumentParser(prog="ferrotran", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"ferrotran {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, _, _, about) in COMMANDS.items():
        commands.add_parser(name, help=about, add_help=False)
    # What follows the subcommand is its own business.
    arguments = sys.argv[1:] if argv is None else argv
    command = parser.parse_args(arguments[:1]).command
    package, module, install, _ = COMMANDS[command]
    if importlib.util.find_spec(package) is None:
        print(
            f"ferrotran {command} needs the package {install}: pip install {install}, or in a "
            f"checkout of ferrotran `make {command}`",
            file=sys.stderr,
        )
        return 1
    return importlib.import_module(f"{package}.{module}").main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main())
