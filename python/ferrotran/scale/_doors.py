"""The stores behind the schemes of URLs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ferrotran.scale._atomic import AtomicStore
from ferrotran.scale._stores import Location, need


def local(location: Location, read_only: bool) -> Any:
    """Open a folder of a mounted file system; zarr writes a file beside and renames it."""
    from zarr.storage import LocalStore

    return LocalStore(Path(location.url), read_only=read_only)


def over(fs: Any, path: str, read_only: bool) -> Any:
    """Return the zarr store over a synchronous fsspec file system."""
    from zarr.storage import FsspecStore

    from ferrotran.scale._daemon import DaemonFileSystem

    return FsspecStore(DaemonFileSystem(fs, asynchronous=True), path=path, read_only=read_only)


def webdav(location: Location, read_only: bool) -> Any:
    """WebDAV by webdav4: PUT beside, then MOVE."""
    need("webdav4.fsspec", f"the array at {location}")
    from ferrotran.scale._dav import DavFileSystem

    server = location.server.removeprefix("webdav+")
    fs = DavFileSystem(server, **location.storage_options)
    return AtomicStore(over(fs, location.path.lstrip("/"), read_only))


def xrootd(location: Location, read_only: bool) -> Any:
    """Open the HTTP door of xrootd: PUT beside, then MOVE."""
    need("webdav4.fsspec", f"the array at {location}")
    from ferrotran.scale._dav import XrdHttpFileSystem

    server = location.server.removeprefix("xrootd+")
    fs = XrdHttpFileSystem(server, **location.storage_options)
    return AtomicStore(over(fs, location.path.lstrip("/"), read_only))


def http(location: Location, read_only: bool) -> Any:
    """Open plain HTTP, which can only be read."""
    if not read_only:
        raise ValueError(
            f"{location} cannot be written over plain HTTP, expected webdav+{location.scheme}://"
        )
    need("aiohttp", f"the array at {location}")
    need("fsspec", f"the array at {location}")
    from zarr.storage import FsspecStore

    from ferrotran.scale._http import RangedHTTPFileSystem

    fs = RangedHTTPFileSystem(asynchronous=True, **location.storage_options)
    return FsspecStore(fs, path=location.url, read_only=True)


def other(location: Location, read_only: bool) -> Any:
    """Open any other scheme that fsspec knows, and write as its `pipe_file` does."""
    fsspec = need("fsspec", f"the array at {location}")
    from zarr.storage import FsspecStore

    try:
        fs, path = fsspec.url_to_fs(location.url, **location.storage_options)
    except ValueError as error:
        raise ValueError(f"{location}: {error}") from error
    except ImportError as error:
        raise ImportError(f"{location}: {error}") from error
    if not fs.async_impl:
        return over(fs, path, read_only)
    plain = json.loads(fs.to_json()) | {"asynchronous": True}
    fs = fsspec.AbstractFileSystem.from_json(json.dumps(plain))
    return FsspecStore(fs, path=path, read_only=read_only)
