"""WebDAV servers: WsgiDAV, and nginx with its WebDAV modules.

WsgiDAV writes a PUT straight into the file, so a PUT that is cut leaves a part of it under its
name. nginx writes it beside and renames.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from .process import ServerProcess

DAV_MODULE = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")


class WsgiDav(ServerProcess):
    """WsgiDAV on cheroot, for anybody on this machine, without locks and properties.

    Parameters
    ----------
    work : Path
        Folder of the server, made when it is missing; the data are in `work/data`.
    port : int, optional
        A free one when it is left out.
    user, password : str, optional
        Both: the server asks for them (HTTP basic authentication). Neither: it is open.
    read_only : bool
        Refuse every change.
    """

    name = "WsgiDAV"

    def __init__(
        self,
        work: Path,
        port: int | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        read_only: bool = False,
    ) -> None:
        self.root = work / "data"
        self.root.mkdir(parents=True, exist_ok=True)
        super().__init__(work / "wsgidav.log", port)
        config = {
            "host": "127.0.0.1",
            "port": self.port,
            "server": "cheroot",
            "server_args": {"numthreads": 8},
            "provider_mapping": {"/": {"root": str(self.root), "readonly": read_only}},
            "simple_dc": {"user_mapping": {"*": {user: {"password": password}} if user else True}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False},
            "lock_storage": False,
            "property_manager": False,
            "verbose": 1,
        }
        file = work / "wsgidav.json"
        file.write_text(json.dumps(config))
        self.argv = [sys.executable, "-m", "wsgidav.server.server_cli", "--config", str(file)]

    @property
    def url(self) -> str:
        """Address for `map_chunks`."""
        return f"webdav+http://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        """The same as plain HTTP, for reading."""
        return f"http://127.0.0.1:{self.port}"


def nginx_missing() -> str | None:
    """Return what to install before `Nginx` can run, None when all is there."""
    if shutil.which("nginx") is None:
        return "nginx is not installed: apt-get install nginx-light libnginx-mod-http-dav-ext"
    if not DAV_MODULE.exists():
        return "nginx lacks its WebDAV module: apt-get install libnginx-mod-http-dav-ext"
    return None


class Nginx(ServerProcess):
    """nginx with dav and dav-ext, for anybody on this machine; one process.

    Parameters
    ----------
    work : Path
        Folder of the server, made when it is missing; the data are in `work/data`.
    port : int, optional
        A free one when it is left out.
    """

    name = "nginx"

    def __init__(self, work: Path, port: int | None = None) -> None:
        if missing := nginx_missing():
            raise FileNotFoundError(missing)
        self.root = work / "data"
        for folder in (self.root, work / "bodies"):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(work / "nginx.log", port)
        # The bodies lie in the same file system as the data, so that the move is a rename.
        config = f"""
daemon off; master_process off; pid {work}/nginx.pid; error_log stderr;
load_module {DAV_MODULE};
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {work}/bodies; proxy_temp_path {work}/bodies;
  fastcgi_temp_path {work}/bodies; uwsgi_temp_path {work}/bodies; scgi_temp_path {work}/bodies;
  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{self.port};
    location / {{
      root {self.root};
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS;
      create_full_put_path on;
      dav_access user:rw;
    }}
  }}
}}
"""
        file = work / "nginx.conf"
        file.write_text(config)
        self.argv = ["nginx", "-c", str(file), "-p", str(work)]

    @property
    def url(self) -> str:
        """Address for `map_chunks`."""
        return f"webdav+http://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        """The same as plain HTTP, for reading."""
        return f"http://127.0.0.1:{self.port}"
