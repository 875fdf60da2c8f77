"""xrootd's HTTP door (XrdHttp) as an fsspec file system.

XrdHttp speaks enough WebDAV for webdav4, with these differences, seen with xrootd 5.5.3:

- Ranges: only `bytes=a-b` inside the file is answered rightly. `bytes=-n` gives the whole file with
  status 200, `bytes=a-` an empty 206, and a range beyond the end drops the connection.
- A PUT that did not fit on the disk is answered 200. Hence the size is compared after each PUT.
- DELETE does not remove a folder that holds something.
"""

from __future__ import annotations

import contextlib
import errno
from typing import Any

import httpx
from webdav4.fsspec import WebdavFileSystem
from webdav4.multistatus import parse_multistatus_response


def _os_error(path: str, response: httpx.Response) -> OSError:
    """Return the exception for an answer of 400 or more."""
    text = " ".join(response.text.split())[:200]
    message = f"{response.request.method}: {response.status_code} {response.reason_phrase}: {text}"
    match response.status_code:
        case 404:
            return FileNotFoundError(errno.ENOENT, message, path)
        case 401 | 403:
            return PermissionError(errno.EACCES, message, path)
        case 507:
            return OSError(errno.ENOSPC, message, path)
    return OSError(errno.EIO, message, path)


class XrdHttpFileSystem(WebdavFileSystem):
    """Files behind the HTTP door of xrootd.

    Parameters
    ----------
    base_url : str
        Such as `http://host:port/store`; paths are relative to it.
    auth : optional
        As in webdav4: `(user, password)` or an httpx authentication.
    timeout : float or httpx.Timeout
        Seconds without a byte before a request fails.
    **options
        The rest goes to `httpx.Client`: `headers` (such as a bearer token), `verify`, `cert`.
    """

    protocol = ("xrootd+http", "xrootd+https")

    def __init__(
        self, base_url: str, auth: Any = None, timeout: Any = 60.0, **options: Any
    ) -> None:
        options.setdefault("follow_redirects", True)  # a redirector sends us to a data server
        super().__init__(base_url, auth=auth, timeout=timeout, **options)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        path = self._strip_protocol(path)
        url = self.client.join_url(path)
        try:
            response = self.client.http.request(method, url, **options)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # The server may drop a connection that was kept open, a redirector does now and then.
            # A MOVE that was done the first time is answered 404 the second: an error all the same.
            response = self.client.http.request(method, url, **options)
        if response.status_code >= 400:
            raise _os_error(path, response)
        return response

    def exists(self, path: str, **kwargs: Any) -> bool:
        """Say whether a file or folder is there; a server that is away is an error."""
        try:
            self._send("HEAD", path)
        except FileNotFoundError:
            return False
        return True

    def size(self, path: str) -> int:
        """Return the size of a file in bytes."""
        return int(self._send("HEAD", path).headers["Content-Length"])

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        """Return bytes `start` to `end` of a file, as a slice of Python does.

        Raises
        ------
        OSError
            When the server answers with other bytes than those asked for.
        """
        if start is None and end is None:
            return self._send("GET", path).content
        if start is None or start < 0 or end is None or end < 0:
            start, end, _ = slice(start, end).indices(self.size(path))
        try:
            return self._range(path, start, end)
        except httpx.RemoteProtocolError:  # perhaps beyond the end
            start, end, _ = slice(start, end).indices(self.size(path))
            return self._range(path, start, end)

    def _range(self, path: str, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        response = self._send("GET", path, headers={"Range": f"bytes={start}-{end - 1}"})
        if response.status_code != 206 or len(response.content) != end - start:
            raise OSError(
                errno.EIO,
                f"asked for bytes {start} to {end}, got status {response.status_code} with "
                f"{len(response.content)} bytes",
                path,
            )
        return response.content

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        """Write a file; the server makes the folders above it.

        Raises
        ------
        OSError
            When the server refuses, or holds fewer bytes afterwards: ENOSPC.
        """
        if mode != "overwrite" and self.exists(path):
            raise FileExistsError(errno.EEXIST, "File exists", path)
        self._send("PUT", path, content=bytes(value))
        if (held := self.size(path)) != len(value):
            with contextlib.suppress(OSError):
                self._send("DELETE", path)
            raise OSError(
                errno.ENOSPC,
                f"the server took {len(value)} bytes and holds {held}: is its disk full?",
                path,
            )

    def mv_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        """Rename a file; one that has the name already is replaced at once."""
        path2 = self._strip_protocol(path2)
        headers = {"Destination": str(self.client.join_url(path2)), "Overwrite": "T"}
        self._send("MOVE", path1, headers=headers)

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        """Rename a file or a folder."""
        self.mv_file(path1, path2)

    def rm_file(self, path: str) -> None:
        """Remove a file, or a folder without files."""
        self._send("DELETE", path)

    _rm = rm_file

    def rm(self, path: str | list[str], recursive: bool = False, maxdepth: Any = None) -> None:
        """Remove files; with `recursive` folders, from the leaves up."""
        for one in [path] if isinstance(path, str) else path:
            if recursive and self.isdir(one):
                for inner in self.ls(one):
                    self.rm(inner["name"], recursive=True)
            self.rm_file(one)

    def mkdir(self, path: str, create_parents: bool = True, **kwargs: Any) -> None:
        """Make a folder, and those above it; one that exists is no error."""
        self._send("MKCOL", path)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder, and those above it."""
        self.mkdir(path)

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        """Return name, size and type."""
        return self._listed(path, "0")[self._url_path(path)]

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> list[Any]:
        """List a folder; of a cluster, what one of its servers holds."""
        found = self._listed(path, "1")
        own = found.get(self._url_path(path))
        if own and own["type"] == "directory":
            del found[self._url_path(path)]
        return list(found.values()) if detail else [item["name"] for item in found.values()]

    def _url_path(self, path: str) -> str:
        return self.client.join_url(self._strip_protocol(path)).path

    def _listed(self, path: str, depth: str) -> dict[str, dict[str, Any]]:
        response = self._send("PROPFIND", path, headers={"Depth": depth})
        items = {}
        for url_path, item in parse_multistatus_response(response).responses.items():
            properties = item.properties
            items[url_path] = {
                "name": item.path_relative_to(self.client.base_url),
                "size": properties.content_length,
                "type": "directory" if properties.collection else "file",
            }
        return items
