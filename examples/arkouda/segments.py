"""A ferrotran kernel over arrays on an arkouda server, one segment after the other.

    ARKOUDA_SERVER=host:port python segments.py [elements]

An array on the server may be larger than the memory here. `apply` fetches a segment of each
input, calls the kernel on it, and stores the result on the server: at no time is there more than
one segment of each array in this process.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import arkouda as ak
import ferrotran as ft
import numpy as np

ITEM = 8  # bytes of a float64
SEGMENT = 1 << 20  # elements


def transfer_limit() -> int:
    """Return the bytes that the client sends or takes at once; it refuses more."""
    for home in ("arkouda.core.client", "arkouda.client"):  # now, and up to 2025
        try:
            return importlib.import_module(home).maxTransferBytes
        except ModuleNotFoundError:
            continue
    raise ImportError("neither arkouda.core.client nor arkouda.client is there")


def connect(address: str) -> None:
    """Connect to ``host:port``."""
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdigit()):
        raise ValueError(f"ARKOUDA_SERVER is {address!r}, expected host:port")
    ak.connect(host, int(port))


def pieces(size: int, length: int) -> Iterator[slice]:
    """Cut ``range(size)`` into slices of at most `length` elements."""
    for start in range(0, size, length):
        yield slice(start, min(start + length, size))


def apply(kernel: Callable[..., np.ndarray], *inputs: Any, segment: int | None = None) -> Any:
    """Call an elementwise kernel on arrays of the server, and leave the result there.

    Parameters
    ----------
    kernel : callable
        Takes as many float64 arrays as there are inputs and returns one of the same length, as
        `ferrotran.special.erf` does.
    *inputs : arkouda.pdarray of float64
        Of one length.
    segment : int, optional
        Elements that are here at once. The default is 2**20, or what the client transfers at once
        if that is less.

    Returns
    -------
    arkouda.pdarray of float64
        Of the same length.

    Raises
    ------
    ValueError
        If there is no input, the inputs differ in length, a dtype is not float64, or `segment` is
        below 1 or above what the client transfers at once.
    """
    if not inputs:
        raise ValueError("`inputs` is empty, expected at least one array")
    sizes = [x.size for x in inputs]
    if len(set(sizes)) > 1:
        raise ValueError(f"`inputs` have {sizes} elements, expected one length")
    for k, x in enumerate(inputs):
        if x.dtype != np.float64:
            raise ValueError(f"`inputs[{k}]` is of {x.dtype}, expected float64")
    most = transfer_limit() // ITEM
    length = min(SEGMENT, most) if segment is None else segment
    if not 1 <= length <= most:
        raise ValueError(f"`segment` is {length}, expected 1 to {most}, which the client transfers")
    result = ak.zeros(sizes[0], dtype=ak.float64)
    for piece in pieces(sizes[0], length):
        result[piece] = ak.array(kernel(*(x[piece].to_ndarray() for x in inputs)))
    return result


def main() -> None:
    """Take erf and a two-argument function of arrays that the server makes."""
    if "ARKOUDA_SERVER" not in os.environ:
        sys.exit("ARKOUDA_SERVER is not set: host:port of an arkouda server")
    connect(os.environ["ARKOUDA_SERVER"])
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    x = ak.linspace(-4.0, 4.0, n)

    y = apply(ft.special.erf, x)
    total = float(y.sum())  # on the server
    print(f"erf of {n:,} numbers on the server; their sum is {total:.3g}")

    bell = apply(lambda x, y: np.exp(-x * x) * (1.0 - y * y), x, y)
    print(f"exp(-x^2) (1 - erf(x)^2): at most {float(bell.max()):.6f}")
    ak.disconnect()


if __name__ == "__main__":
    main()
