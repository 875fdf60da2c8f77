"""Helpers of the tests of stores and faults."""

import os
import subprocess
import threading
import time
from contextlib import contextmanager

import ferrotran as ft
import numpy as np
import pytest
from ferrotran.scale import map_chunks

j0 = ft.special.j0


def need(missing):
    """Skip where a tool is absent; the message names it."""
    if missing:
        pytest.skip(missing)


@contextmanager
def tmpfs(folder, size):
    """Mount a file system of so many bytes, as root."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs"]
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount refuses a tmpfs: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def bind(behind, point):
    """Mount a folder at another place, as root; give functions that mount and unmount it."""
    if os.geteuid() != 0:
        pytest.skip("mounting a folder needs root")

    def mount():
        done = subprocess.run(["mount", "--bind", behind, point], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mount refuses to bind: {done.stderr.strip()}")

    def unmount():
        subprocess.run(["umount", "--lazy", point], check=True)

    mount()
    try:
        yield mount, unmount
    finally:
        # `os.path.ismount` does not see a folder of the same disk.
        subprocess.run(["umount", "--lazy", point], capture_output=True)


def chunks_in(folder):
    """The files of finished chunks."""
    return [p for p in (folder / "c").rglob("*") if p.is_file() and p.suffix != ".partial"]


@contextmanager
def when(folder, count, action):
    """Meanwhile wait for so many chunks in a folder, then act."""

    def watch():
        end = time.monotonic() + 60
        while time.monotonic() < end and not stop.is_set():
            if len(chunks_in(folder)) >= count:
                action()
                return
            time.sleep(0.001)

    stop = threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def finish(source, target, x, **options):
    """Resume, and check the bits; return the report."""
    report = map_chunks(j0, source, target, resume=True, **options)
    assert np.array_equal(report.output[...], j0(x))
    return report
