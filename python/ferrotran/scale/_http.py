"""fsspec's HTTP file system, which takes whatever a server answers to a request for a range."""

from __future__ import annotations

import errno
from typing import Any

from fsspec.implementations.http import HTTPFileSystem  # type: ignore[import-untyped]


class RangedHTTPFileSystem(HTTPFileSystem):
    """Files behind HTTP; a server that answers a range with more is an error.

    One that ignores ranges sends the whole file, which would be read as another chunk of a shard.
    """

    async def _cat_file(
        self, url: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        data = await super()._cat_file(url, start=start, end=end, **kwargs)
        asked = None
        if start is not None and start < 0 and end is None:
            asked = -start
        elif end is not None and end >= 0 and (start or 0) >= 0:
            asked = end - (start or 0)
        if asked is not None and len(data) > asked:
            raise OSError(
                errno.EIO,
                f"asked for {asked} bytes and got {len(data)}: the server does not do ranges",
                url,
            )
        return data
