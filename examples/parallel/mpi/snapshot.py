"""Files of the whole grid, written and read by all ranks at once (MPI-IO).

A file is in NumPy's format, one record: the step, what the run was asked for, and the grid. So
it is a picture of the field for ``numpy.load(file)["u"]`` and all that a restart needs. Its bytes
do not depend on the number of ranks, nor on the language of the program.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import ranks
from block import Block
from mpi4py import MPI


class State(NamedTuple):
    """What a file says besides the cells."""

    step: int
    dt: float
    diffusivity: float
    edges: str


def record(shape: tuple[int, int]) -> np.dtype:
    """Return the type of the one record of a file."""
    head = [("step", "<i8"), ("dt", "<f8"), ("diffusivity", "<f8"), ("edges", "S16")]
    return np.dtype([*head, ("u", "<f8", shape)])


def header(shape: tuple[int, int]) -> bytes:
    """Return the bytes before the record, format 1.0 of ``numpy.lib.format``."""
    text = f"{{'descr': {record(shape).descr}, 'fortran_order': False, 'shape': (), }}"
    room = -(len(text) + 11) % 64
    text += " " * room + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode("ascii")


def _offset(shape: tuple[int, int]) -> int:
    """Where the cells begin."""
    return len(header(shape)) + record(shape).fields["u"][1]


def _view(file: MPI.File, block: Block) -> tuple[Any, MPI.Datatype]:
    """Show each rank its block of the file; return what describes it in memory."""
    in_file = MPI.DOUBLE.Create_subarray(block.shape, block.size, block.start).Commit()
    file.Set_view(_offset(block.shape), MPI.DOUBLE, in_file, "native")
    in_memory = block.subarray(block.own)
    return [block.u, 1, in_memory], in_file


def write(path: Path, block: Block, state: State) -> None:
    """Write a file, collectively; it has its name only when it is whole."""
    part, comm, status = path.with_suffix(".part"), block.cart, MPI.Status()
    ranks.on_root(comm, lambda: path.parent.mkdir(parents=True, exist_ok=True))
    file = MPI.File.Open(comm, os.fspath(part), MPI.MODE_CREATE | MPI.MODE_WRONLY)
    file.Set_size(_offset(block.shape) + 8 * block.shape[0] * block.shape[1])
    if comm.rank == 0:
        meta = np.zeros((), record((0, 0)))
        for name, value in state._asdict().items():
            meta[name] = value
        head = header(block.shape) + meta.tobytes()
        file.Write_at(0, head, status)
        if (found := status.Get_count(MPI.BYTE)) != len(head):
            raise OSError(f"{path} took {found} of the {len(head)} bytes before the cells")
    memory, in_file = _view(file, block)
    file.Write_at_all(0, memory, status)
    _all(path, "took", status, block)
    file.Sync()
    file.Close()
    memory[2].Free()
    in_file.Free()
    ranks.on_root(comm, lambda: part.replace(path))


def _all(path: Path, verb: str, status: MPI.Status, block: Block) -> None:
    """Raise if not all cells of the block went through: Open MPI says so nowhere else."""
    found, expected = status.Get_count(MPI.DOUBLE), block.size[0] * block.size[1]
    if found != expected:
        full = "; is the disk full?" if verb == "took" else ""
        raise OSError(f"{path} {verb} {found} of the {expected} cells of a block{full}")


def _head(path: Path) -> tuple[tuple[int, int], State]:
    """Read shape and state; the error says what the file is instead."""
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            _, _, dtype = np.lib.format.read_array_header_1_0(file)
            shape = dtype["u"].shape if dtype.names and "u" in dtype.names else ()
            if len(shape) != 2 or dtype != record(shape):
                raise ValueError(f"it holds {dtype}")
            meta = np.frombuffer(file.read(record((0, 0)).itemsize), record((0, 0)))[0]
    except ValueError as error:
        raise ValueError(f"{path} is not a file of this program: {error}") from error
    expected = _offset(shape) + 8 * shape[0] * shape[1]
    if (found := path.stat().st_size) != expected:
        raise ValueError(f"{path} has {found} bytes, expected {expected}")
    state = State(int(meta["step"]), *(float(meta[k]) for k in ("dt", "diffusivity")), "")
    return shape, state._replace(edges=meta["edges"].decode("ascii"))


def head(path: Path, comm: MPI.Comm) -> tuple[tuple[int, int], State]:
    """Return the shape of the grid and the state in a file, on all ranks."""
    return ranks.on_root(comm, lambda: _head(path))


def read(path: Path, block: Block) -> None:
    """Fill the block, collectively, whatever ranks wrote the file."""
    file = MPI.File.Open(block.cart, os.fspath(path), MPI.MODE_RDONLY)
    memory, in_file = _view(file, block)
    status = MPI.Status()
    file.Read_at_all(0, memory, status)
    _all(path, "gave", status, block)
    file.Close()
    memory[2].Free()
    in_file.Free()
