"""A store that tries again, for some time, what a server did not answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

from zarr.abc.store import ByteRequest
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import FsspecStore

from ferrotran.scale._atomic import AtomicStore

T = TypeVar("T")

FINAL = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
"""Answers that will be the same next time."""

FIRST, LONGEST = 0.1, 5.0
"""Seconds between tries: doubled each time, up to the longest."""


def passing(error: Exception) -> bool:
    """Whether an error may be gone in a moment: a server that is away, or is starting."""
    if isinstance(error, FINAL):
        return False
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None and 400 <= status < 500:
        return status in (408, 429)
    return isinstance(error, OSError | RuntimeError)


async def patiently(call: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Return what the call returns, after trying again for so many seconds if need be."""
    end = time.monotonic() + seconds
    pause = FIRST
    while True:
        try:
            return await call()
        except Exception as error:
            if not passing(error) or time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST)


class PatientStore(AtomicStore):
    """Repeat single operations; a value is written anew under a name of its own each time.

    Parameters
    ----------
    store : FsspecStore
        The store.
    seconds : float
        How long an operation is tried again; 0 for not at all.
    """

    def __init__(self, store: FsspecStore, seconds: float = 0.0) -> None:
        super().__init__(store)
        self.seconds = seconds

    def _with_store(self, store: FsspecStore) -> PatientStore:
        return PatientStore(store, self.seconds)

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Read a value."""
        return await patiently(lambda: self._store.get(key, prototype, byte_range), self.seconds)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Read parts of values."""
        ranges = list(key_ranges)
        return await patiently(
            lambda: self._store.get_partial_values(prototype, ranges), self.seconds
        )

    async def exists(self, key: str) -> bool:
        """Whether there is a value."""
        return await patiently(lambda: self._store.exists(key), self.seconds)

    async def set(self, key: str, value: Buffer) -> None:
        """Write a value."""
        once = super().set
        await patiently(lambda: once(key, value), self.seconds)

    async def delete(self, key: str) -> None:
        """Remove a value."""
        await patiently(lambda: self._store.delete(key), self.seconds)

    async def delete_dir(self, prefix: str) -> None:
        """Remove the values under a prefix."""
        await patiently(lambda: self._store.delete_dir(prefix), self.seconds)

    async def _listed(self, listing: Callable[[], AsyncIterator[str]]) -> AsyncIterator[str]:
        async def whole() -> list[str]:
            return [key async for key in listing()]

        for key in await patiently(whole, self.seconds):
            yield key

    def list(self) -> AsyncIterator[str]:
        """Return all keys."""
        return self._listed(self._store.list)

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Return the keys under a prefix."""
        return self._listed(lambda: self._store.list_prefix(prefix))

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Return the names in a folder."""
        return self._listed(lambda: self._store.list_dir(prefix))


def patience(options: dict[str, Any], default: float) -> float:
    """Take the option `patience` out of storage options.

    Raises
    ------
    ValueError
        If it is no number of seconds.
    """
    seconds = options.pop("patience", default)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise ValueError(f"`patience` is {seconds!r}, expected a number of seconds, 0 or more")
    return float(seconds)
