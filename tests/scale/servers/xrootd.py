"""xrootd with its HTTP door: one data server, XrdHttp, no authorisation."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from servers.process import ServerProcess, free_port, listens


def xrootd_missing() -> str | None:
    """Return what to install before `Xrootd` can run, None when all is there."""
    if shutil.which("xrootd") is None:
        return "xrootd is not installed: apt-get install xrootd-server"
    return None


class Xrootd(ServerProcess):
    """xrootd, with the xroot protocol on one port and HTTP on another.

    Parameters
    ----------
    work : Path
        Folder of the server, made when it is missing; the data are in `work/data/store`. As root
        the server runs as the user xrootd, who must be able to reach the folder.
    port : int, optional
        Port of HTTP, a free one when it is left out.
    """

    name = "xrootd"

    def __init__(self, work: Path, port: int | None = None) -> None:
        if missing := xrootd_missing():
            raise FileNotFoundError(missing)
        super().__init__(work / "xrootd.log", port)
        self.xroot_port = free_port()
        self.root = work / "data" / "store"
        admin = work / "admin"
        for folder in (self.root, admin):
            folder.mkdir(parents=True, exist_ok=True)
        config = f"""
all.role server
all.export /store
oss.localroot {work}/data
all.adminpath {admin}
all.pidpath {admin}
xrd.port {self.xroot_port}
xrd.network nodnr
xrd.protocol http:{self.port} libXrdHttp-5.so
http.listingdeny no
http.desthttps no
"""
        file = work / "xrootd.cfg"
        file.write_text(config)
        if os.geteuid() == 0:  # xrootd refuses to run as root
            self.user = "xrootd"
            owner = pwd.getpwnam("xrootd")
            for path in (work, work / "data", self.root, admin):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.argv = ["xrootd", "-I", "v4", "-R", "xrootd", "-c", str(file)]
        if self.user:
            del self.argv[3:5]

    def ready(self) -> bool:
        """Say whether both ports answer."""
        return listens(self.port) and listens(self.xroot_port)

    @property
    def url(self) -> str:
        """Address for `map_chunks`."""
        return f"xrootd+http://127.0.0.1:{self.port}/store"

    @property
    def http(self) -> str:
        """The same as plain HTTP, for reading."""
        return f"http://127.0.0.1:{self.port}/store"
