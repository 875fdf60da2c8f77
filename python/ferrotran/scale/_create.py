"""Make and open zarr arrays wherever a `Location` can point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ferrotran.scale._arrays import Shape, open_array
from ferrotran.scale._stores import Location, need, open_store, wait


def create(
    location: str | Path | Location,
    shape: int | Shape,
    dtype: Any,
    chunks: int | Shape,
    **options: Any,
) -> Any:
    """Create a zarr array, format 3.

    Parameters
    ----------
    location : str, Path or Location
        Path or URL of the array.
    shape : int or tuple of int
        Its shape.
    dtype : data-type
        Its type.
    chunks : int or tuple of int
        Shape of a chunk.
    **options
        Other arguments of `zarr.create_array`: `shards`, `compressors`, `fill_value`,
        `overwrite`.

    Returns
    -------
    zarr.Array

    Raises
    ------
    zarr.errors.ContainsArrayError
        If there is one already and `overwrite` is not True.

    Examples
    --------
    >>> import tempfile
    >>> from ferrotran import scale
    >>> folder = tempfile.TemporaryDirectory()
    >>> x = scale.create(f"{folder.name}/x.zarr", (1000,), "f8", (100,))
    >>> x[:] = 1.0
    >>> float(scale.open(f"{folder.name}/x.zarr")[500])
    1.0
    >>> folder.cleanup()
    """
    place = location if isinstance(location, Location) else Location(location)
    zarr = need("zarr", f"the array at {place}")
    sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    chunk = (chunks,) if isinstance(chunks, int | np.integer) else tuple(chunks)
    return zarr.create_array(
        store=open_store(place, read_only=False),
        shape=tuple(int(n) for n in sizes),
        dtype=dtype,
        chunks=tuple(max(1, int(n)) for n in chunk),
        **options,
    )


create.__module__ = "ferrotran.scale"


def open(location: str | Path | Location, *, writable: bool = False) -> Any:
    """Open the zarr array at a location.

    Parameters
    ----------
    location : str, Path or Location
        Path or URL of the array.
    writable : bool, optional
        Whether it can be written.

    Returns
    -------
    zarr.Array

    Raises
    ------
    FileNotFoundError
        If there is none.

    Examples
    --------
    >>> from ferrotran import scale
    >>> scale.open("no/such.zarr")
    Traceback (most recent call last):
    FileNotFoundError: there is no zarr array at ...
    """
    place = location if isinstance(location, Location) else Location(location)
    return open_array(place, writable=writable)


open.__module__ = "ferrotran.scale"


def exists(location: str | Path | Location) -> bool:
    """Whether there is a zarr array at a location."""
    place = location if isinstance(location, Location) else Location(location)
    need("zarr", f"the array at {place}")
    if place.scheme == "file":
        return any((Path(place.url) / name).exists() for name in ("zarr.json", ".zarray"))
    store = open_store(place, read_only=True)
    return any(wait(store.exists(name)) for name in ("zarr.json", ".zarray"))
