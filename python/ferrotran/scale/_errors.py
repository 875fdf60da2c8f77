"""What `map_chunks` raises."""

from __future__ import annotations

import pickle
from typing import Any

Index = tuple[int, ...]
Region = tuple[slice, ...]

EXTRAS = {
    "distributed": "dask",
    "mpi4py": "mpi",
    "pyspark": "spark",
    "pyarrow": "spark",
    "pandas": "spark",
}
"""Extras of this package by the package that they bring; the others are in `storage`."""


class ChunkError(RuntimeError):
    """One chunk could not be finished.

    The cause is in `__cause__`; where it happened in another process and cannot be sent, its text
    is in the message. Chunks that were finished before stay finished.

    Attributes
    ----------
    chunk : tuple of int
        Index of the chunk in the grid of chunks.
    region : tuple of slice
        Where the chunk lies in the output.
    """

    chunk: Index
    region: Region

    def __init__(self, message: str, chunk: Index = (), region: Region = ()) -> None:
        super().__init__(message)
        self.chunk = chunk
        self.region = region

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (str(self), self.chunk, self.region, portable(self.__cause__))


ChunkError.__module__ = "ferrotran.scale"


def _rebuild(message: str, chunk: Index, region: Region, cause: BaseException | None) -> ChunkError:
    error = ChunkError(message, chunk, region)
    error.__cause__ = cause
    return error


def portable(error: BaseException | None) -> BaseException | None:
    """Return the exception if it survives pickling, else None."""
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        return None
    return error if type(copy) is type(error) else None


def text(region: Region) -> str:
    """Write a region as in an index: ``0:10, 5:8``."""
    return "[" + ", ".join(f"{s.start}:{s.stop}" for s in region) + "]"


def chunk_error(
    index: Index, region: Region, doing: str, cause: BaseException | str | None
) -> ChunkError:
    """Return the error of a chunk that failed while `doing` something."""
    if isinstance(cause, BaseException):
        why = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    else:
        why = str(cause)
    error = ChunkError(f"chunk {index}, region {text(region)}: {doing}: {why}", index, region)
    if isinstance(cause, BaseException):
        error.__cause__ = cause
    return error


def missing(package: str, needed_by: str) -> ImportError:
    """Return the error for an optional package that is not installed."""
    extra = EXTRAS.get(package, "storage")
    return ImportError(
        f"{needed_by} needs {package}: pip install 'ferrotran[{extra}]'", name=package
    )
