"""What a kernel of the comparison is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

#: The order in which languages are listed.
LANGUAGES = ("fortran", "c", "rust", "chapel", "numba", "numpy", "python")


@dataclasses.dataclass(frozen=True)
class Language:
    """A kernel in one language.

    Attributes
    ----------
    run : callable
        ``run(threads, *prepared)`` returns the answer.
    parallel : bool
        Whether `threads` may be more than 1.
    prepare : callable, optional
        Turns the inputs into what the language works on, outside the time taken: lists for
        Python, memory for the result. Without it the inputs are used as they are.
    note : str
        What a reader of the figures should know.
    """

    run: Callable[..., Any]
    parallel: bool = False
    prepare: Callable[..., tuple[Any, ...]] | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Kernel:
    """The same work in every language.

    Attributes
    ----------
    name, what, workload : str
        What it is called, what it stresses, and what it does; ``{size}`` stands for the size.
    quick, full : int
        Sizes: the first takes pure Python some 0.1 s, the second some seconds.
    sizes : tuple of int
        Sizes at which speed is shown against size, from small to large.
    largest : int or None
        The largest size that all languages take; None for no limit.
    inputs : callable
        ``inputs(size)`` returns a tuple of arrays and numbers, the same for every language and
        every call.
    languages : dict of str to Language
        Those that are there, in the order of `LANGUAGES`; Chapel only where it was built, numba
        only where it is installed.
    tolerance : callable
        ``tolerance(size)`` is the largest difference relative to the largest magnitude of the
        answer; 0 asks for equality.
    why : str
        Where the tolerance comes from.
    """

    name: str
    what: str
    workload: str
    quick: int
    full: int
    inputs: Callable[[int], tuple[Any, ...]]
    languages: Mapping[str, Language]
    sizes: tuple[int, ...] = ()
    largest: int | None = None
    tolerance: Callable[[int], float] = lambda size: 0.0
    why: str = "integers: equality"

    def bind(
        self, language: str, size: int, threads: int = 1, *, inputs: tuple[Any, ...] | None = None
    ) -> Callable[[], Any]:
        """Return a function without arguments that does the work once and returns the answer.

        Parameters
        ----------
        language : str
            A key of `languages`.
        size : int
            Size of the work, at least 0.
        threads : int, optional
            Number of threads.
        inputs : tuple, optional
            What `inputs` has returned for this size, so that languages can share it.

        Raises
        ------
        ValueError
            If the language is not there, or `threads` is more than it can use.
        """
        if language not in self.languages:
            there = ", ".join(self.languages)
            raise ValueError(f"`language` is {language!r}, {self.name} has {there}")
        entry = self.languages[language]
        if threads < 1 or (threads > 1 and not entry.parallel):
            limit = "at least 1" if entry.parallel else "1"
            raise ValueError(f"`threads` is {threads}, expected {limit} for {language}")
        prepared = self.inputs(size) if inputs is None else inputs
        if entry.prepare is not None:
            prepared = entry.prepare(*prepared)
        return lambda: entry.run(threads, *prepared)

    def check(self, expected: Any, found: Any, size: int) -> str | None:
        """Compare two answers.

        Returns
        -------
        str or None
            None if they agree, else both values where they differ most.
        """
        a, b = np.asarray(expected), np.asarray(found)
        if a.shape != b.shape:
            return f"shape {b.shape}, expected {a.shape}"
        if a.size == 0:
            return None
        if a.dtype.kind in "biu" and b.dtype.kind in "biu":
            wrong = a != b
            worst = np.unravel_index(np.argmax(wrong), a.shape)
            agree = not wrong.any()
        else:
            with np.errstate(invalid="ignore"):
                difference = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
            worst = np.unravel_index(np.argmax(difference), a.shape)  # a NaN is the largest
            finite = np.abs(a[np.isfinite(a)])
            scale = finite.max() if finite.size else 0.0
            agree = bool(difference[worst] <= self.tolerance(size) * scale)
        if agree:
            return None
        place = f" at {tuple(map(int, worst))}" if a.shape else ""
        got, wanted = b[worst].item(), a[worst].item()
        return f"{got!r}{place}, expected {wanted!r} within {self.tolerance(size):g}"


def languages(**entries: Language | None) -> dict[str, Language]:
    """Sort entries by `LANGUAGES` and drop those that are not there."""
    found = {name: entries.get(name) for name in LANGUAGES}
    return {name: entry for name, entry in found.items() if entry is not None}


def native(function: Callable[..., Any], *, parallel: bool = True) -> dict[str, Language]:
    """Fortran, C and Rust of a function ``function(language, *inputs, threads)``."""

    def entry(language: str) -> Language:
        if parallel:
            return Language(lambda threads, *x: function(language, *x, threads), parallel=True)
        return Language(lambda threads, *x: function(language, *x))

    return {name: entry(name) for name in ("fortran", "c", "rust")}


def serial(function: Callable[..., Any], **rest: Any) -> Language:
    """An entry that runs in one thread."""
    return Language(lambda threads, *x: function(*x), **rest)


def compiled(function: Any, **rest: Any) -> Language | None:
    """Return the entry of numba, or None where it is not installed."""
    if function is None:
        return None
    return Language(function, parallel=function.all is not None, **rest)


def lists(*inputs: Any) -> tuple[Any, ...]:
    """Arrays as lists, for pure Python."""
    return tuple(x.tolist() if isinstance(x, np.ndarray) else x for x in inputs)
