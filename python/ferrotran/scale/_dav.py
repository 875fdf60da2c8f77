"""fsspec file systems for WebDAV servers and for xrootd's HTTP door, on top of webdav4.

webdav4's own class moves files by a copy and a removal, asks two questions before each PUT, takes
any answer to a ranged GET, and raises errors of its own. A chunk needs a PUT, a MOVE that
replaces, ranges that are what was asked for, and `OSError` with what the server said.
"""

from __future__ import annotations

import contextlib
import errno
import re
import time
from typing import Any

import httpx
from webdav4.fsspec import WebdavFileSystem  # type: ignore[import-untyped]
from webdav4.multistatus import parse_multistatus_response  # type: ignore[import-untyped]

TIMEOUT = 60.0
"""Seconds without a byte after which a request fails."""

ERRNO = {
    401: errno.EACCES,
    403: errno.EACCES,
    404: errno.ENOENT,
    423: errno.EBUSY,
    507: errno.ENOSPC,
}
ROUNDS = 32
DROPPED = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
"""What a connection that the server has closed gives."""


def os_error(path: str, response: httpx.Response) -> OSError:
    """Return the exception for an answer of 400 or more; OSError takes its class by the number."""
    text = re.sub(r"<(style|title).*?</\1>|<[^>]*>", " ", response.text, flags=re.DOTALL)
    said = " ".join(text.split())[:200]
    status = f"{response.request.method}: {response.status_code} {response.reason_phrase}"
    number = ERRNO.get(response.status_code, errno.EIO)
    return OSError(number, f"{status}: {said}" if said else status, path)


class DavFileSystem(WebdavFileSystem):
    """Files of a WebDAV server.

    Parameters
    ----------
    base_url : str
        Such as `http://host:port`; paths are relative to it.
    auth : optional
        As in webdav4: `(user, password)` or an httpx authentication.
    timeout : float or httpx.Timeout
        Seconds without a byte after which a request fails.
    **options
        The rest goes to `httpx.Client`: `headers` (such as a bearer token), `verify`, `cert`.
    """

    protocol = ("webdav+http", "webdav+https")

    def __init__(
        self, base_url: str, auth: Any = None, timeout: Any = TIMEOUT, **options: Any
    ) -> None:
        options.setdefault("follow_redirects", True)  # dCache and xrootd send us to a data server
        super().__init__(base_url, auth=auth, timeout=timeout, **options)
        self.client.http.headers["Accept-Encoding"] = "identity"  # ranges of the file as it is

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = self.client.join_url(self._strip_protocol(path).rstrip("/"))
        if path.endswith("/"):
            url = url.copy_with(path=f"{url.path.rstrip('/')}/")
        try:
            response = self.client.http.request(method, url, **options)
        except DROPPED:
            # One that was kept open too long; a redirector of xrootd drops one now and then.
            # A MOVE that was done the first time is answered 404 now: an error all the same.
            response = self.client.http.request(method, url, **options)
        if response.status_code >= 400:
            raise os_error(path, response)
        return response

    def exists(self, path: str, **kwargs: Any) -> bool:
        """Say whether a file or folder is there; a server that is away is an error."""
        try:
            try:
                self._send("HEAD", path)
            except PermissionError:  # folders may have no HEAD
                self.info(path)
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
        except FileNotFoundError:
            raise
        except (OSError, *DROPPED):  # perhaps because it ends before
            start, inside, _ = slice(start, end).indices(self.size(path))
            if inside == end:
                raise
            return self._range(path, start, inside)

    def _range(self, path: str, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        # Both ends are given: xrootd 5.5.3 answers `bytes=-n` with the whole file, `bytes=n-` with
        # nothing.
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
        """Write a file, with the folders above it."""
        if mode != "overwrite" and self.exists(path):
            raise FileExistsError(errno.EEXIST, "File exists", path)
        try:
            self._send("PUT", path, content=bytes(value))
        except OSError as error:
            if "409" not in str(error) and not isinstance(error, FileNotFoundError):
                raise
            self.makedirs(self._parent(path), exist_ok=True)
            self._send("PUT", path, content=bytes(value))

    def mv_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        """Rename a file, in place of one that has the name already."""
        self._move(path1, path2)

    mv = mv_file

    def _move(self, path1: str, path2: str) -> httpx.Response:
        target = self.client.join_url(self._strip_protocol(path2))
        return self._send("MOVE", path1, headers={"Destination": str(target), "Overwrite": "T"})

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self._send("DELETE", path)

    _rm = rm_file

    def rm(self, path: str | list[str], recursive: bool = False, maxdepth: Any = None) -> None:
        """Remove files; with `recursive`, folders and what they hold."""
        for one in [path] if isinstance(path, str) else path:
            if recursive and self.isdir(one):
                self._rm_folder(one)
            else:
                self.rm_file(one)

    def _rm_folder(self, path: str) -> None:
        self._send("DELETE", f"{path}/")  # nginx wants the slash

    def _mkdir(self, path: str, exist_ok: bool = False) -> None:
        try:
            self._send("MKCOL", f"{path}/")
        except OSError:
            # Servers answer 405, 409 or 500 where there is a folder: another worker made it.
            if not (exist_ok and self.isdir(path)):
                raise

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        """Return name, size and type."""
        return self._listed(path, "0")[self._url_path(path)]

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> list[Any]:
        """List a folder; of a cluster of xrootd, what one of its servers holds."""
        found = self._listed(path, "1")
        own = found.get(self._url_path(path))
        if own and own["type"] == "directory":
            del found[self._url_path(path)]
        return list(found.values()) if detail else [item["name"] for item in found.values()]

    def _url_path(self, path: str) -> str:
        return self.client.join_url(self._strip_protocol(path)).path.rstrip("/")

    def _listed(self, path: str, depth: str) -> dict[str, dict[str, Any]]:
        response = self._send("PROPFIND", path, headers={"Depth": depth})
        items = {}
        for url_path, item in parse_multistatus_response(response).responses.items():
            properties = item.properties
            items[url_path.rstrip("/")] = {
                "name": item.path_relative_to(self.client.base_url),
                "size": properties.content_length,
                "type": "directory" if properties.collection else "file",
            }
        return items


class XrdHttpFileSystem(DavFileSystem):
    """Files behind the HTTP door of xrootd.

    Version 5.5.3 answers 200 to a PUT that did not fit on the disk, and does not remove a folder
    that holds something. A redirector says for a moment that a file is missing that has just been
    moved.
    """

    protocol = ("xrootd+http", "xrootd+https")

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        """Write a file, and see that the server has all of it."""
        super().pipe_file(path, value, mode, **kwargs)
        if (held := self.size(path)) != len(value):
            with contextlib.suppress(OSError):
                self.rm_file(path)
            raise OSError(
                errno.ENOSPC,
                f"the server was sent {len(value)} bytes and holds {held}: is its disk full?",
                path,
            )

    def mv_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        """Rename a file, in place of one that has the name already."""
        moved = self._move(path1, path2)
        if moved.history:  # redirected
            end = time.monotonic() + TIMEOUT
            while not self.exists(path2):
                if time.monotonic() > end:
                    raise OSError(errno.EIO, "the redirector does not see it after its MOVE", path2)
                time.sleep(0.05)

    mv = mv_file

    def _rm_folder(self, path: str) -> None:
        # A redirector shows us the folder of one data server at a time, and perhaps of another
        # than the one that is sent the DELETE.
        for _ in range(ROUNDS):
            if not self.exists(path):
                return
            for inner in self.ls(path):
                self.rm(inner["name"], recursive=True)
            with contextlib.suppress(OSError):
                self.rm_file(path)
        raise OSError(errno.ENOTEMPTY, "still there after DELETE", path)
