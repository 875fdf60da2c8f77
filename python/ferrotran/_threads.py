"""The number of threads for one block of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ferrotran._ferrotran import _restore_threads_here, _set_threads_here


@contextmanager
def threads(n: int, /) -> Iterator[None]:
    """Set the number of threads for calls from this thread, for one block.

    Other Python threads keep theirs. It also decorates a function.

    Parameters
    ----------
    n : int
        1 to 1024.

    Raises
    ------
    ValueError
        If `n` is not in that range.

    See Also
    --------
    set_num_threads : The same for the whole process, for good.

    Examples
    --------
    >>> import ferrotran as ft
    >>> with ft.threads(1):
    ...     ft.get_num_threads()
    1
    """
    before = _set_threads_here(n)
    try:
        yield
    finally:
        _restore_threads_here(before)


threads.__module__ = "ferrotran"
