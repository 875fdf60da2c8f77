"""Ctrl-C that is heard at once. Standard library only.

The kernel may deliver a signal to any thread of the process. Python notes it and leaves it to the
main thread, which does not wake up for it while it waits for another thread or for a process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE = 0.05  # seconds in which the main thread notices by itself


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Wake the main thread when SIGINT went to another one; `KeyboardInterrupt` comes of it."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    main = threading.get_ident()
    noticed = threading.Event()

    def notice(number: int, frame: Any) -> None:
        noticed.set()
        raise KeyboardInterrupt

    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def forward() -> None:
        while (number := os.read(reader, 1)) != b"\0":
            if number == bytes([signal.SIGINT]) and not noticed.wait(PATIENCE):
                signal.pthread_kill(main, signal.SIGINT)
            noticed.clear()

    thread = threading.Thread(target=forward, name="ctrl-c", daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, notice)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        os.write(writer, b"\0")
        thread.join()
        os.close(reader)
        os.close(writer)


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Let Ctrl-C not cut off what is being written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def in_thread(work: Callable[[], Any], stop: Callable[[], None], grace: float = 1.0) -> None:
    """Run `work` in a thread, and wait for it where Ctrl-C can be heard.

    After Ctrl-C `stop` is called, and the thread has `grace` seconds to hand over what it has;
    one in a long native call is left behind.
    """
    raised: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            done.set()

    threading.Thread(target=body, name="compare", daemon=True).start()
    try:
        done.wait()
    except KeyboardInterrupt:
        stop()
        done.wait(grace)
        raise
    if raised:
        raise raised[0]
