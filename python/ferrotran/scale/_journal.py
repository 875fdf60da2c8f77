"""Which chunks are finished, kept beside the output so that a later run goes on from there.

A journal is the folder ``.ferrotran`` of a zarr array, or ``<file>.ferrotran`` beside a memmap:
``job.json`` with the fingerprint of the job and a random name, and a folder of that name with one
small file for each finished chunk, written after the chunk.
"""

from __future__ import annotations

import errno
import json
import math
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from ferrotran.scale._arrays import Operand
from ferrotran.scale._errors import Index, chunk_error
from ferrotran.scale._plan import Plan
from ferrotran.scale._stores import PARTIAL, Folder, Location, open_store

JOB = "job.json"


class Journal:
    """The journal of one job; workers call `mark`, the caller everything else."""

    def __init__(self, output: Operand) -> None:
        self.output = output
        self.name = ""
        self._folder: Folder | None = None

    def folder(self) -> Folder:
        """Return the folder that holds the journal."""
        if self._folder is None:
            data = self.output.array()
            if isinstance(data, np.memmap):
                place = Location(f"{Path(str(data.filename)).absolute()}.ferrotran")
                self._folder = Folder(open_store(place, read_only=False), "")
            else:
                prefix = f"{data.path}/.ferrotran" if data.path else ".ferrotran"
                self._folder = Folder(data.store, prefix)
        return self._folder

    def begin(self, fingerprint: dict[str, Any], resume: bool) -> set[Index]:
        """Start or go on; return the chunks that are finished.

        Raises
        ------
        ValueError
            If the journal is of another job.
        """
        folder = self.folder()
        text = folder.get(JOB)
        old = None if text is None else json.loads(text)
        if old is not None:
            self.sweep()
        if resume and old is not None:
            differ(
                old["fingerprint"],
                fingerprint,
                "the unfinished job beside `output` is another one (resume=False starts over)",
            )
            self.name = old["name"]
            # A worker of the run before may be writing yet.
            names = (name for name in folder.names(self.name) if not name.endswith(PARTIAL))
            return {parse(name) for name in names}
        folder.clear()
        self.name = uuid.uuid4().hex
        record = {"name": self.name, "fingerprint": fingerprint}
        folder.put(JOB, json.dumps(record, indent=1).encode())
        return set()

    def current(self) -> bool:
        """Whether the journal is still that of this job."""
        text = None if self.output.local else self.folder().get(JOB)
        return self.output.local or (text is not None and json.loads(text)["name"] == self.name)

    def mark(self, index: Index) -> None:
        """Note that a chunk is finished."""
        self.folder().put(f"{self.name}/{marker(index)}", b"done\n")

    def sweep(self) -> None:
        """Remove files that writers who died have left half-written."""
        if not isinstance(self.output.array(), np.ndarray):
            self.folder().sweep(self.output.array().path, PARTIAL)

    def end(self, plan: Plan) -> None:
        """Remove the journal, once it has every chunk of the plan.

        Raises
        ------
        OSError
            If it is not there.
        ChunkError
            If it lacks a chunk: the file system was away when that was written.
        """
        folder = self.folder()
        if folder.get(JOB) is None:
            raise OSError(
                errno.EIO,
                "the journal is gone: some chunks may have been written where the output was "
                "before its file system was unmounted, or another job has ended on it",
                self.output.where(),
            )
        listed = set(folder.names(self.name)) if math.prod(plan.grid) else set()
        for index in plan.tasks():
            name = marker(index)
            # The list of a store with several servers may be that of one of them.
            if name not in listed and folder.get(f"{self.name}/{name}") is None:
                why = "its mark has gone: its file system was away when it was written"
                raise chunk_error(index, plan.output_region(index), "finishing", why)
        folder.remove(JOB)  # what a store may leave of the rest then counts for nothing
        folder.clear()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_folder": None}


def refuse_unfinished(x: Operand) -> None:
    """Raise if an input is the output of a job that has not finished.

    Its missing chunks would be read as fill values.
    """
    data = x.array()
    if isinstance(data, np.memmap):
        place = Path(f"{Path(str(data.filename)).absolute()}.ferrotran")
        begun = data.filename is not None and (place / JOB).exists()
    elif isinstance(data, np.ndarray):
        return
    else:
        begun = Journal(x).folder().get(JOB) is not None
    if begun:
        raise ValueError(
            f"`{x.name}` is the output of a job that is not finished, at {x.where()}: finish it "
            "with resume=True, or remove its journal (.ferrotran)"
        )


def marker(index: Index) -> str:
    """Return the name of the file that stands for a finished chunk."""
    return ".".join(map(str, index)) or "all"


def parse(name: str) -> Index:
    """Return the index that a marker's name stands for."""
    return () if name == "all" else tuple(int(i) for i in name.split("."))


def differ(old: dict[str, Any], new: dict[str, Any], what: str) -> None:
    """Raise if two fingerprints are not the same."""
    new = json.loads(json.dumps(new))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            raise ValueError(f"{what}: `{name}` is {old.get(name)} in one, {new.get(name)} here")


def durable(output: Operand) -> bool:
    """Whether an output outlives its process, so that a journal beside it makes sense."""
    if isinstance(output.data, np.memmap):
        return output.data.filename is not None and output.data.mode in ("r+", "w+")
    return not output.local
