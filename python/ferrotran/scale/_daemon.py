"""Blocking calls of stores on daemon threads.

Python waits at its exit for the threads of `asyncio.to_thread`. A call to a store that never
answers would keep the process alive after `map_chunks` has raised `TimeoutError`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper  # type: ignore[import-untyped]

P = ParamSpec("P")
T = TypeVar("T")


async def in_daemon(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Await a blocking call, made on a daemon thread of its own."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(how: Callable[[Any], None], what: Any) -> None:
        if not future.done():
            how(what)

    def run() -> None:
        answer: tuple[Callable[[Any], None], Any]
        try:
            answer = (future.set_result, call(*args, **kwargs))
        except BaseException as error:
            answer = (future.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            loop.call_soon_threadsafe(settle, *answer)

    threading.Thread(target=run, name="ferrotran-scale-store", daemon=True).start()
    return await future


def daemonic(call: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return the function as a coroutine function that runs on a daemon thread."""

    @functools.wraps(call)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return await in_daemon(call, *args, **kwargs)

    return wrapper


class DaemonFileSystem(AsyncFileSystemWrapper):
    """fsspec's asynchronous face of a synchronous file system, on daemon threads."""

    def _wrap_all_sync_methods(self) -> None:
        super()._wrap_all_sync_methods()
        for name, method in list(vars(self).items()):
            if inspect.iscoroutinefunction(method) and hasattr(method, "__wrapped__"):
                setattr(self, name, daemonic(method.__wrapped__))
