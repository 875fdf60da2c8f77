"""From a URL to a zarr store, and the few operations on a store that are not an array's.

A scheme is opened by a function ``open(location, read_only) -> zarr.abc.store.Store``, named in
`DOORS` as ``module:function`` so that it is imported when it is used. A store whose `set` is not
atomic by itself is given back inside `_atomic.AtomicStore`. Another scheme is another line here,
or a call of `register`. Schemes that are not listed go through fsspec as they are.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ferrotran.scale._errors import missing

T = TypeVar("T")

DOORS = {
    "file": "ferrotran.scale._doors:local",
    "webdav+http": "ferrotran.scale._doors:webdav",
    "webdav+https": "ferrotran.scale._doors:webdav",
    "xrootd+http": "ferrotran.scale._doors:xrootd",
    "xrootd+https": "ferrotran.scale._doors:xrootd",
    "hdfs": "ferrotran.scale._hdfs:hdfs",
    "webhdfs": "ferrotran.scale._hdfs:webhdfs",
    "http": "ferrotran.scale._doors:http",
    "https": "ferrotran.scale._doors:http",
}

PARTIAL = ".partial"
"""How the names of unfinished files end; zarr's LocalStore has the same."""

SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")


def register(scheme: str, opener: str) -> None:
    """Have URLs of a scheme opened by ``module:function``."""
    DOORS[scheme] = opener


class Location:
    """Where a zarr array lies: a path, or a URL with options for the file system.

    Parameters
    ----------
    url : str or Path
        A path or a URL; `map_chunks` lists the schemes.
    **storage_options
        Passed to the fsspec file system: ``auth=("user", "password")`` for WebDAV, ``user=`` for
        WebHDFS.

    Examples
    --------
    >>> from ferrotran.scale import Location
    >>> Location("webdav+http://localhost:8080/data/x.zarr", auth=("me", "secret"))
    Location('webdav+http://localhost:8080/data/x.zarr', auth=...)
    """

    def __init__(self, url: str | Path, /, **storage_options: Any) -> None:
        if not isinstance(url, str | Path):
            raise TypeError(f"`url` is of type {type(url).__name__}, expected str or Path")
        if not str(url):
            raise ValueError("`url` is empty, expected a path or a URL")
        text = str(url)
        if text.startswith("file://"):
            text = text.removeprefix("file://")
        if SCHEME.match(text) is None:
            # A worker may have another working directory.
            text = str(Path(text).expanduser().absolute())
        self.url = text.rstrip("/") or "/"
        self.storage_options = storage_options

    @property
    def scheme(self) -> str:
        """The scheme of the URL, ``file`` for a path."""
        found = SCHEME.match(self.url)
        return "file" if found is None else found[1].lower()

    @property
    def path(self) -> str:
        """The path within the store's server, without a slash at its end."""
        return self.url if self.scheme == "file" else urlsplit(self.url).path.rstrip("/")

    @property
    def server(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc, "", "", ""))

    def __str__(self) -> str:
        if self.scheme == "file":
            return self.url
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]  # no password in messages and journals
        return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))

    def __repr__(self) -> str:
        options = "".join(f", {name}=..." for name in self.storage_options)
        return f"Location({str(self)!r}{options})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Location)
            and self.url == other.url
            and self.storage_options == other.storage_options
        )

    def __hash__(self) -> int:
        return hash(self.url)


Location.__module__ = "ferrotran.scale"


def limit_codecs(threads: int) -> None:
    """Have zarr code and decode chunks on so many threads of this process.

    By default it takes more than the machine has cores. Once it has started, nothing changes.
    """
    global _codecs
    _codecs = threads


_codecs: int | None = None


def open_store(location: Location, read_only: bool) -> Any:
    """Return the zarr store whose root is the array at `location`."""
    zarr = need("zarr", f"the array at {location}")
    if _codecs is not None:
        zarr.config.set({"threading.max_workers": _codecs})
    door = DOORS.get(location.scheme, "ferrotran.scale._doors:other")
    module, _, function = door.partition(":")
    return getattr(import_module(module), function)(location, read_only)


def need(package: str, needed_by: str) -> Any:
    """Import an optional package, or say which extra brings it."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != package.partition(".")[0]:
            raise
        raise missing(package.partition(".")[0], needed_by) from error


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of a store in zarr's own event loop, to which its connections belong."""
    from zarr.core.sync import sync

    return sync(coroutine)


class Folder:
    """Small files under one prefix of a store: `put`, `get`, `names`, `clear`."""

    def __init__(self, store: Any, prefix: str) -> None:
        self.store = store
        self.prefix = prefix

    def key(self, name: str) -> str:
        """Return the key of a file."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def put(self, name: str, value: bytes) -> None:
        """Write a file."""
        from zarr.core.buffer import default_buffer_prototype

        buffer = default_buffer_prototype().buffer.from_bytes(value)
        wait(self.store.set(self.key(name), buffer))

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, or None where there is none."""
        from zarr.core.buffer import default_buffer_prototype

        found = wait(self.store.get(self.key(name), default_buffer_prototype()))
        return None if found is None else found.to_bytes()

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""

        async def collect() -> list[str]:
            prefix = self.key(folder)
            return [key async for key in self.store.list_dir(prefix)]

        return wait(collect())

    def remove(self, name: str) -> None:
        """Remove a file."""
        wait(self.store.delete(self.key(name)))

    def clear(self) -> None:
        """Remove the files."""
        wait(self.store.delete_dir(self.prefix))

    def sweep(self, prefix: str, ending: str) -> None:
        """Remove the files under `prefix` of the store whose names end so."""

        async def remove() -> None:
            keys = [key async for key in self.store.list_prefix(prefix)]
            for key in keys:
                if key.endswith(ending):
                    await self.store.delete(key)

        wait(remove())
