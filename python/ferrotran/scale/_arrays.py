"""Inputs and outputs: NumPy arrays, memmaps and zarr arrays behind one face."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ferrotran.scale._errors import Region
from ferrotran.scale._stores import Location, need, open_store

Shape: TypeAlias = tuple[int, ...]


class Operand:
    """One array.

    Attributes
    ----------
    name : str
        What messages call it: ``inputs[0]``, ``output``.
    shape, dtype
        As NumPy's.
    reads, writes : tuple of int or None
        Chunk of a zarr array that is read, and the chunk or shard that is written as one; None
        for an array in memory, of which any part can be.
    local : bool
        Whether the elements are in this process: other processes are sent slices.
    data : numpy.ndarray or zarr.Array or None
        The array; None in another process, until it is opened there.
    """

    def __init__(self, name: str, data: Any, location: Location | None, writable: bool) -> None:
        self.name = name
        self.data = data
        self.location = location
        self.writable = writable
        self.shape: Shape = tuple(int(n) for n in data.shape)
        self.dtype: np.dtype[Any] = np.dtype(data.dtype)
        self.local = isinstance(data, np.ndarray) or _in_memory(data.store)
        self.reads: Shape | None = None
        self.writes: Shape | None = None
        if not isinstance(data, np.ndarray):
            self.reads = tuple(data.chunks)
            self.writes = tuple(data.shards or data.chunks)

    def array(self) -> Any:
        """Return the array itself, opened if it is not."""
        if self.data is None:
            assert self.location is not None
            self.data = open_array(self.location, writable=self.writable)
        return self.data

    def read(self, region: Region) -> NDArray[Any]:
        """Return a part of the array, C-contiguous."""
        # Kernels may round strided and contiguous operands differently; what a worker is sent
        # and what zarr reads is contiguous, so everything is.
        return np.asarray(self.array()[region], order="C")

    def write(self, region: Region, block: NDArray[Any]) -> None:
        """Write a part of the array."""
        self.array()[region] = block

    def describe(self) -> dict[str, Any]:
        """Return what a journal knows an array by."""
        return {
            "where": self.where(),
            "shape": list(self.shape),
            "dtype": self.dtype.str,
        }

    def where(self) -> str:
        """Say where the array lies."""
        if self.location is not None:
            return str(self.location)
        if isinstance(self.data, np.memmap) and self.data.filename is not None:
            return f"{Path(self.data.filename).resolve()} from byte {_offset(self.data)}"
        return "memory" if self.local else str(self.data.store_path)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if self.local or self.location is not None:
            state["data"] = None
        return state


def operand(thing: Any, name: str, *, writable: bool = False) -> Operand:
    """Return the operand for whatever the user passed.

    Raises
    ------
    TypeError
        If it is none of the kinds of array.
    FileNotFoundError
        If there is no array at a location.
    ValueError
        If it is to be written and cannot be.
    """
    if type(thing) in (np.ndarray, np.memmap):
        if writable and not thing.flags.writeable:
            raise ValueError(f"`{name}` is read-only, expected an array that can be written")
        return Operand(name, thing, None, writable)
    if isinstance(thing, str | Path | Location):
        location = thing if isinstance(thing, Location) else Location(thing)
        return Operand(name, open_array(location, writable=writable), location, writable)
    if _is_zarr(thing):
        return _from_zarr(thing, name, writable)
    raise TypeError(
        f"`{name}` is of type {type(thing).__name__}, expected a NumPy array (no subclass but a "
        "memmap), a zarr array, a path, a URL or a Location"
    )


def _from_zarr(array: Any, name: str, writable: bool) -> Operand:
    from ferrotran.scale._atomic import atomic

    if writable and array.read_only:
        raise ValueError(f"`{name}` is read-only, expected an array that can be written")
    location = _local_path(array)
    if location is None and writable:
        store = atomic(array.store)
        if store is not array.store:
            zarr = need("zarr", f"`{name}`")
            array = zarr.open_array(store=store, path=array.path, mode="r+")
    return Operand(name, array, location, writable)


def _local_path(array: Any) -> Location | None:
    """Return the folder of an array on a mounted file system: a relative path does not travel."""
    from zarr.storage import LocalStore

    if type(array.store) is not LocalStore:
        return None
    return Location(Path(array.store.root).absolute() / array.path)


def open_array(location: Location, *, writable: bool) -> Any:
    """Open the zarr array at a location.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If there is something else, such as a group.
    """
    zarr = need("zarr", f"the array at {location}")
    store = open_store(location, read_only=not writable)
    try:
        return zarr.open_array(store=store, mode="r+" if writable else "r")
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no zarr array at {location}") from error
    except ValueError as error:
        raise ValueError(f"what is at {location} is no zarr array: {error}") from error


def _is_zarr(thing: Any) -> bool:
    """Whether it is a `zarr.Array`, without importing zarr."""
    import sys

    zarr = sys.modules.get("zarr")
    return zarr is not None and isinstance(thing, zarr.Array)


def _in_memory(store: Any) -> bool:
    """Whether the store holds its values in this process."""
    from zarr.storage import FsspecStore, MemoryStore

    if isinstance(store, MemoryStore):
        return True
    return isinstance(store, FsspecStore) and "memory" in store.fs.protocol


def _offset(array: np.memmap[Any, Any]) -> int:
    """First byte of the array in its file; that of a slice is not in `memmap.offset`."""
    base = array
    while isinstance(base.base, np.memmap):
        base = base.base
    return int(base.offset + address(array)[0] - address(base)[0])


def address(array: NDArray[Any]) -> tuple[int, int]:
    """Lowest byte of an array in memory, and the one after the highest."""
    from numpy.lib.array_utils import byte_bounds

    low, high = byte_bounds(array)
    return int(low), int(high)


def overlap(a: Operand, b: Operand) -> bool:
    """Whether writing one array may change the other."""
    if isinstance(a.data, np.memmap) and isinstance(b.data, np.memmap):
        files = [
            None if x.filename is None else Path(x.filename).resolve() for x in (a.data, b.data)
        ]
        if files[0] is not None and files[0] == files[1]:
            starts = [_offset(a.data), _offset(b.data)]
            ends = [s + int(np.subtract(*address(x.data)[::-1])) for s, x in zip(starts, (a, b))]
            return starts[0] < ends[1] and starts[1] < ends[0]
    if isinstance(a.data, np.ndarray) and isinstance(b.data, np.ndarray):
        return bool(np.may_share_memory(a.data, b.data))
    if isinstance(a.data, np.ndarray) or isinstance(b.data, np.ndarray):
        return False
    if a.location is not None and b.location is not None:
        return str(a.location) == str(b.location)
    return bool(a.data.store_path == b.data.store_path)
