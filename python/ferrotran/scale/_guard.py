"""A zarr store of an input that does not take a lost array for one of fill values."""

from __future__ import annotations

import errno

from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import WrapperStore

METADATA = ("zarr.json", ".zarray")
"""Files of which an array has one."""
OPTIONAL = (*METADATA, ".zattrs", ".zgroup", ".zmetadata")


class GuardedStore(WrapperStore[Store]):
    """Look for the array itself where a chunk is missing; the store's root is the array.

    A mount that goes away leaves an empty folder, a server whose disk is gone answers 404: every
    chunk is then missing, and zarr would fill them in.
    """

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return the value of a key, None where the array is there and the key is not.

        Raises
        ------
        OSError
            If the array is not there either.
        """
        value = await self._store.get(key, prototype, byte_range)
        if value is None and key not in OPTIONAL:
            for name in METADATA:
                if await self._store.exists(name):
                    return None
            raise OSError(errno.EIO, "the array is gone from its store", key)
        return value
