"""Run `job.py` on every store that can be started on this machine; print a Markdown table.

    python all_stores.py [webdav nginx xrootd hdfs] [-- arguments of job.py]

All servers are on the loopback, so the figures are the cost of the doors and not of a network. The
rate of a step is in MB/s, and in brackets over that of the local disk in the same minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from serve import server

JOB = Path(__file__).with_name("job.py")
NAMES = ("webdav", "nginx", "xrootd", "hdfs")


def measure(label: str, url: str, arguments: list[str]) -> str:
    """Return the row of a store."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder, "figures.json")
        command = [sys.executable, str(JOB), f"{url}/x.zarr", f"{url}/y.zarr", *arguments]
        subprocess.run([*command, "--json", str(figures)], check=True, stdout=subprocess.DEVNULL)
        steps: dict[str, Any] = json.loads(figures.read_text())["steps"]
    cells = [f"{step['MB/s']:.0f} ({step['ratio']:.2f})" for step in steps.values()]
    return f"| {label} | {' | '.join(cells)} |"


def main() -> None:
    """Start, measure and end each store in turn."""
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    names, arguments = words[:at] or NAMES, words[at + 1 :]
    if unknown := set(names) - set(NAMES):
        raise SystemExit(f"no such store: {', '.join(unknown)}, expected any of {', '.join(NAMES)}")
    print("| store | write, MB/s | map, MB/s | read, MB/s |", flush=True)
    print("|---|---|---|---|", flush=True)
    for name in names:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)  # the user xrootd must get in
            try:
                started = server(name, Path(folder, "served"))
            except (ImportError, OSError) as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
                continue
            with started as running:
                print(measure(name, running.url, arguments), flush=True)
                if name == "hdfs":
                    user = ["--input-option", "user=root", "--output-option", "user=root"]
                    print(measure("webhdfs", running.webhdfs_url, [*user, *arguments]), flush=True)


if __name__ == "__main__":
    main()
