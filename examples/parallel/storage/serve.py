"""Start one of the servers of the tests and keep it until Ctrl-C.

    python serve.py webdav | nginx | xrootd | hdfs

Prints the URLs for `job.py`. The data lie in a temporary folder that goes with the server.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "scale"))


def server(name: str, work: Path) -> AbstractContextManager[Any]:
    """Return the server of a name, not yet started."""
    if name == "webdav":
        from servers.webdav import WsgiDav

        return WsgiDav(work)
    if name == "nginx":
        from servers.webdav import Nginx

        return Nginx(work)
    if name == "xrootd":
        from servers.xrootd import Xrootd

        return Xrootd(work)
    if name == "hdfs":
        from servers.hadoop import Hdfs

        return Hdfs(work, datanodes=2, replication=2)
    raise SystemExit(__doc__)


def main() -> None:
    """Serve."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as with Ctrl-C
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the user xrootd must get in
        with server(sys.argv[1], Path(folder, "served")) as running:
            for name in ("url", "webhdfs_url"):
                if hasattr(running, name):
                    print(getattr(running, name), flush=True)
            with suppress(KeyboardInterrupt):
                signal.pause()


if __name__ == "__main__":
    main()
