"""A zarr store that never shows a half-written value.

`zarr.storage.LocalStore` needs none of this: it writes a file of another name and renames it.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from zarr.core.buffer import Buffer
from zarr.storage import FsspecStore, WrapperStore

PARTIAL = ".partial"
"""How names of unfinished files end; zarr's LocalStore has the same."""


class AtomicStore(WrapperStore[FsspecStore]):
    """Write each value under another name beside its own, then move it there."""

    async def set(self, key: str, value: Buffer) -> None:
        """Write a value."""
        beside = f"{key}.{uuid.uuid4().hex}{PARTIAL}"
        try:
            await self._store.set(beside, value)
            await asyncio.to_thread(self._move, beside, key)
        except BaseException:
            with contextlib.suppress(Exception):
                await self._store.delete(beside)
            raise

    async def _set_many(self, values: Iterable[tuple[str, Buffer]]) -> None:
        await asyncio.gather(*(self.set(key, value) for key, value in values))

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        """Write a value where there is none."""
        if not await self.exists(key):
            await self.set(key, value)

    def _move(self, source: str, target: str) -> None:
        fs = plain(self._store.fs)
        move = mover(fs)
        if move is None:
            raise OSError(f"{type(fs).__name__} cannot move a file in one step")
        root = self._store.path
        source, target = (f"{root}/{key}" if root else key for key in (source, target))
        move(fs, source, target)


def plain(fs: Any) -> Any:
    """Return the file system inside fsspec's wrapper for synchronous ones."""
    return getattr(fs, "sync_fs", fs)


def _move_webdav(fs: Any, source: str, target: str) -> None:
    fs.client.move(source, target, overwrite=True)  # fsspec's mv is a copy and a removal


def _move_dav(fs: Any, source: str, target: str) -> None:
    fs.mv_file(source, target)


def _move_hdfs(fs: Any, source: str, target: str) -> None:
    fs.mv(source, target, overwrite=True)


def _move_webhdfs(fs: Any, source: str, target: str) -> None:
    # fsspec's mv does not replace, and does not say so.
    destination = fs._strip_protocol(target)
    options = {"destination": destination, "renameoptions": "OVERWRITE"}
    fs._call("RENAME", method="put", path=source, **options)


MOVES: dict[str, Callable[[Any, str, str], object]] = {
    "webdav": _move_webdav,
    "webdav+http": _move_dav,
    "xrootd+http": _move_dav,
    "hdfs": _move_hdfs,
    "viewfs": _move_hdfs,
    "webhdfs": _move_webhdfs,
}
"""How a file system, by its protocol, replaces one file by another in one step; can be added to."""


def mover(fs: Any) -> Callable[[Any, str, str], object] | None:
    """Return how the file system replaces one file by another in one step; None if it cannot."""
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return MOVES.get(protocol)


def atomic(store: Any) -> Any:
    """Wrap a store of the user's whose file system has a move that `set` does not use."""
    if type(store) is FsspecStore and mover(plain(store.fs)) is not None:
        return AtomicStore(store)
    return store
