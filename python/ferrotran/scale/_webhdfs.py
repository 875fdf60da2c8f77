"""HDFS over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from fsspec.implementations.webhdfs import WebHDFS


class WebHdfs(WebHDFS):
    """fsspec's WebHDFS with whole reads and writes that look at the DataNode's answer.

    fsspec takes the body of any answer of a DataNode for the data, also that of an error, and
    makes four requests for a write.
    """

    def exists(self, path: str, **kwargs: Any) -> bool:
        """Whether there is a file or folder; raises if that cannot be known."""
        try:
            self.info(path)
        except FileNotFoundError:
            return False
        return True

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        """Return a file or the bytes from `start` up to `end`, as a slice counts them."""
        size = None
        if start is None and end is None:
            begin, part = 0, {}
        else:
            size = self.info(path)["size"]
            begin, stop, _ = slice(start, end).indices(size)
            size = max(stop - begin, 0)
            if size == 0:
                return b""
            part = {"offset": begin, "length": size}
        answer = self._send("OPEN", "get", path, None, **part)
        length = answer.headers.get("Content-Length", size)
        if length is None:
            length = self.info(path)["size"]
        if len(answer.content) != int(length):
            raise OSError(f"{path}: {len(answer.content)} bytes came, expected {length}")
        return answer.content

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        """Write a file."""
        overwrite = "true" if mode == "overwrite" else "false"
        self._send("CREATE", "put", path, bytes(value), overwrite=overwrite)

    def _send(self, op: str, method: str, path: str, data: bytes | None, **parameters: Any) -> Any:
        """Ask the NameNode where, then do it there."""
        answer = self._call(op, method, path, redirect=False, **parameters)
        if "Location" in answer.headers:
            there = self._apply_proxy(answer.headers["Location"])
            kind = {"content-type": "application/octet-stream"} if data is not None else {}
            answer = self.session.request(method.upper(), there, data=data, headers=kind)
        if answer.status_code >= 400:
            raise failure(answer)
        return answer


def failure(answer: Any) -> Exception:
    """Return the error that an answer tells of."""
    try:
        told = answer.json()["RemoteException"]
        kind, message = told["exception"], told["message"]
    except (ValueError, KeyError, TypeError):
        text = f"{answer.status_code} {answer.reason} from {urlsplit(answer.url).netloc}"
        return requests.HTTPError(text, response=answer)
    known = {
        "FileNotFoundException": FileNotFoundError,
        "FileAlreadyExistsException": FileExistsError,
        "AccessControlException": PermissionError,
        "SecurityException": PermissionError,
    }
    return known.get(kind, OSError)(f"{kind}: {message}")
