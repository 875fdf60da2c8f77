"""What a comparison finds: the only definition of the JSON that it leaves.

`Results` and the classes below it mirror the JSON key by key. A key whose value is unknown is
null, never missing; only a route that was not measured has fewer (`RouteResult`). Standard
library only.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol

from ferrotran_compare._decode import DecodeError, decode
from ferrotran_compare.machine import Machine
from ferrotran_compare.timing import Ratio, Time

SCHEMA = 1
PARTS = ("languages", "routes", "threads")
#: The properties of a route, and what they are called where there is room for it.
PROPERTIES = {
    "gil": "GIL in a long call",
    "broadcasting": "broadcasts",
    "strided": "strided input",
    "dtype": "wrong dtype",
    "exceptions": "exception of a callback",
    "stubs": "types",
    "pythons": "Pythons of one wheel",
}


class CompareError(Exception):
    """Something that the user can mend; the message is all that is shown."""


@dataclasses.dataclass(frozen=True)
class Options:
    """What was asked for. `source` is the checkout for the routes; it is not in the JSON.

    `only` has names of kernels and routes, empty for all. `threads` is empty when not given: each
    part then has a list of its own.
    """

    parts: list[str] = dataclasses.field(default_factory=lambda: list(PARTS))
    quick: bool = False
    only: list[str] = dataclasses.field(default_factory=list)
    size: int | None = None
    threads: list[int] = dataclasses.field(default_factory=list)
    source: Path | None = dataclasses.field(default=None, metadata={"json": False})

    def chosen(self, known: list[str] | tuple[str, ...]) -> list[str]:
        """Return those of the known names that are asked for, in their order."""
        return [name for name in known if not self.only or name in self.only]


class Progress(Protocol):
    """What a part of the comparison reports to."""

    def step(self, what: str, share: float) -> None:
        """Say what is being done, and which share of the part is done, from 0 to 1."""

    def keep(self, result: KernelResult | RouteResult | ThreadsResult) -> None:
        """Hand over what is finished, so that Ctrl-C does not lose it.

        A kernel or a route is added to those that are there; a `ThreadsResult` replaces the one
        before, so it may be handed over after each of its entries.
        """


class Part(Protocol):
    """What the modules `languages`, `routes` and `threads` offer to the command."""

    #: The names that `--only` knows; empty where there is nothing to choose.
    NAMES: tuple[str, ...]

    def ready(self, options: Options) -> None:
        """Raise `CompareError` if the part cannot run at all; called before any work."""

    def run(self, options: Options, progress: Progress) -> Any:
        """Do the work; what `Progress.keep` was given is returned too.

        `CompareError` ends the part, and the others go on.
        """


@dataclasses.dataclass
class LanguageEntry:
    """One language with a number of threads."""

    language: str
    threads: int
    note: str
    time: Time
    ratio: Ratio  # over the fastest entry of the kernel
    speedup: Ratio | None  # the same language's time in one thread over this; None in one thread
    tied: bool  # cannot be ranked against the entry before it


@dataclasses.dataclass
class SizeEntry:
    """One point of speed against size."""

    size: int
    language: str
    threads: int
    time: Time


@dataclasses.dataclass
class Disagreement:
    """An answer that is wrong, or a run that failed; it is not timed."""

    language: str
    threads: int
    size: int
    text: str  # both values, or the error


@dataclasses.dataclass
class KernelResult:
    """One kernel; `entries` go from the fastest to the slowest."""

    kernel: str
    what: str
    workload: str
    size: int
    tolerance: float
    why: str
    missing: dict[str, str]
    disagreements: list[Disagreement]
    entries: list[LanguageEntry]
    sizes: list[SizeEntry]


@dataclasses.dataclass
class CallEntry:
    """A call through a route; `n` is None for a scalar."""

    call: str
    n: int | None
    time: Time
    ratio: Ratio  # over the fastest route of this call
    tied: bool  # cannot be ranked against the route before it, sorted by time


@dataclasses.dataclass
class RouteResult:
    """A route: `missing` (commands that install it), `failed` (why), or all the rest.

    The JSON has only the keys of the form that it is.
    """

    route: str
    missing: list[str] | None = None
    failed: str | None = None
    build: Time | None = None
    module_bytes: int | None = None
    import_: Time | None = dataclasses.field(default=None, metadata={"key": "import"})
    calls: list[CallEntry] | None = None
    lines: dict[str, int] | None = None
    properties: dict[str, str] | None = None
    checks: dict[str, str] | None = None


@dataclasses.dataclass
class ThreadEntry:
    """One way to use several workers."""

    way: str
    workers: int
    time: Time
    speedup: Ratio | None  # the same way's time with one worker over this
    ratio: Ratio  # over the fastest entry


@dataclasses.dataclass
class ThreadsResult:
    """The same job in several ways, against the number of workers."""

    what: str
    workload: str
    python: str
    free_threaded: bool
    gil_enabled: bool
    cores: int
    entries: list[ThreadEntry]


@dataclasses.dataclass
class Results:
    """A whole comparison; a part that was not asked for is None."""

    complete: bool
    started: str
    seconds: float
    options: Options
    machine: Machine
    tools: dict[str, dict[str, str]]
    languages: list[KernelResult] | None = None
    routes: list[RouteResult] | None = None
    threads: ThreadsResult | None = None


def to_json(value: Any) -> Any:
    """Turn dataclasses into what `json` writes."""
    if dataclasses.is_dataclass(value):
        fields = [f for f in dataclasses.fields(value) if f.metadata.get("json", True)]
        pairs = {f.metadata.get("key", f.name): getattr(value, f.name) for f in fields}
        if isinstance(value, RouteResult):
            pairs = _form(value, pairs)
        return {key: to_json(item) for key, item in pairs.items()}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def _form(route: RouteResult, pairs: dict[str, Any]) -> dict[str, Any]:
    for name in ("missing", "failed"):
        if pairs[name] is not None:
            return {"route": route.route, name: pairs[name]}
    return {key: item for key, item in pairs.items() if key not in ("missing", "failed")}


def save(results: Results, path: Path) -> None:
    """Write the JSON such that `path` never holds half of it."""
    text = json.dumps({"schema": SCHEMA, **to_json(results)}, indent=1, allow_nan=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step; what is not a regular file is written to as it is."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load(path: Path) -> Results:
    """Read the JSON of an earlier comparison.

    Raises
    ------
    CompareError
        If the file cannot be read, is no JSON, or is not what `save` writes; the message says
        where.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise CompareError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # of JSON, and of UTF-8
        raise CompareError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict) or "schema" not in found:
        raise CompareError(f"{path}: no `schema`, expected the JSON of `ferrotran compare`")
    schema = found.pop("schema")
    if schema != SCHEMA:
        raise CompareError(f"{path}: `schema` is {schema!r}, expected {SCHEMA}")
    try:
        return decode(Results, found)
    except DecodeError as error:
        raise CompareError(f"{path}: {error}") from None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")
