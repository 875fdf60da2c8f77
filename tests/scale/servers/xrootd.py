"""xrootd with its HTTP door (XrdHttp), without authorisation: one server, or a cluster."""

from __future__ import annotations

import os
import pwd
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from .process import Running, ServerProcess, free_port, listens, wait_until


def xrootd_missing() -> str | None:
    """Return what to install before `Xrootd` can run, None when all is there."""
    if shutil.which("xrootd") is None:
        return "xrootd is not installed: apt-get install xrootd-server"
    return None


def give_away(*folders: Path) -> str | None:
    """Make folders of the user xrootd when we are root, as whom xrootd refuses to run.

    Returns
    -------
    str or None
        The user as whom to start it, None for the present one.
    """
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwnam("xrootd")
    for folder in folders:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return "xrootd"


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
        self.user = give_away(work, work / "data", self.root, admin)
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
        self.argv = ["xrootd", "-I", "v4", "-c", str(file)]

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


class _Daemon(ServerProcess):
    """xrootd or cmsd of a cluster, xroot and HTTP on one port; the cmsd of a server has none."""

    def __init__(self, program: str, work: Path, name: str, config: str, port: int = 0) -> None:
        self.name = f"{program} {name}"
        self.listens = port != 0
        super().__init__(work / f"{program}-{name}.out", port)
        folder = work / name
        self.user = give_away(folder, folder / "admin")
        shared = f"all.export /store\nall.adminpath {folder}/admin\nall.pidpath {folder}/admin\n"
        file = work / f"{program}-{name}.cfg"
        file.write_text(config + shared + "xrd.network nodnr\n")
        self.argv = [program, "-I", "v4", "-n", name, "-c", str(file)]

    def ready(self) -> bool:
        """Say whether the port answers."""
        return not self.listens or super().ready()


class XrootdCluster(Running):
    """A redirector and data servers; each file lies on one of them.

    Parameters
    ----------
    work : Path
        Folder of the cluster; the data of server i are in `work/server<i>/data/store`.
    servers : int
        How many data servers.
    """

    def __init__(self, work: Path, servers: int = 2) -> None:
        if missing := xrootd_missing():
            raise FileNotFoundError(missing)
        give_away(work)
        self.port, manager_port = free_port(), free_port()
        manager = f"all.manager 127.0.0.1:{manager_port}\n"
        http = "xrd.protocol XrdHttp libXrdHttp-5.so\nhttp.desthttps no\n"
        head = f"all.role manager\n{manager}cms.delay startup 2 servers {servers} lookup 1\n"
        self.daemons = [
            _Daemon("cmsd", work, "manager", f"{head}xrd.port {manager_port}\n", manager_port),
            _Daemon("xrootd", work, "manager", f"{head}xrd.port {self.port}\n{http}", self.port),
        ]
        self.roots = []
        for i in range(servers):
            name = f"server{i}"
            data = work / name / "data"
            give_away(work / name, data, data / "store")
            self.roots.append(data / "store")
            base = f"all.role server\n{manager}oss.localroot {data}\n"
            port = free_port()
            self.daemons += [
                _Daemon("xrootd", work, name, f"{base}xrd.port {port}\n{http}", port),
                _Daemon("cmsd", work, name, base),
            ]

    @property
    def url(self) -> str:
        """Address of the redirector for `map_chunks`."""
        return f"xrootd+http://127.0.0.1:{self.port}/store"

    def answers(self) -> bool:
        """Say whether the redirector knows a server that takes a file."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/store/ready", data=b"", method="PUT"
        )
        try:
            urllib.request.urlopen(request, timeout=10.0).close()
        except urllib.error.HTTPError as error:
            return error.code == 307  # urllib does not follow a PUT
        except OSError:
            return False
        return True

    def start(self) -> Self:
        """Start all processes and wait until the redirector knows a server."""
        for daemon in self.daemons:
            daemon.start()
        wait_until(self.answers, "the redirector of xrootd knows a server", 60.0)
        return self

    def stop(self) -> None:
        """End all processes."""
        for daemon in self.daemons:
            daemon.stop()
