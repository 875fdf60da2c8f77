"""Which chunks are finished, kept beside the output so that a later run goes on from there.

A journal is the folder ``.ferrotran`` of a zarr array, or ``<file>.ferrotran`` beside a memmap:
``job.json`` with the fingerprint of the job and a random name, and a folder of that name with one
small file for each finished chunk, written after the chunk.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from ferrotran.scale._arrays import Operand
from ferrotran.scale._errors import Index
from ferrotran.scale._stores import Folder, Location, open_store

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
            return {parse(name) for name in folder.names(self.name)}
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
        self.folder().put(f"{self.name}/{'.'.join(map(str, index)) or 'all'}", b"done\n")

    def sweep(self) -> None:
        """Remove files that writers who died have left half-written."""
        if not isinstance(self.output.array(), np.ndarray):
            from ferrotran.scale._atomic import PARTIAL

            self.folder().sweep(self.output.array().path, PARTIAL)

    def end(self) -> None:
        """Remove the journal."""
        self.folder().clear()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_folder": None}


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
