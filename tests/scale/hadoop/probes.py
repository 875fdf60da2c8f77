"""Ufuncs in Python that look at, or end, the process they run in; executors import them by name."""

import os
import signal
import sys
import time

import ferrotran as ft
import numpy as np


def threads(x):
    return float(ft.get_num_threads())


def die_at_three(x):
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(x)


def raise_at_three(x):
    if x == 3:
        raise ArithmeticError("three")
    return float(x)


def slow(x):
    time.sleep(0.5)
    return float(x) + 1.0


OPTIONS = {"casting": "unsafe"}
"""They return objects, which `map_chunks` casts to the type of the output."""


def ufunc(function):
    """Make it a ufunc that pickle finds by its name in this module."""
    made = np.frompyfunc(function, 1, 1)
    made.__module__ = __name__
    setattr(sys.modules[__name__], made.__name__, made)
    return made


THREADS, DIE, RAISE, SLOW = map(ufunc, (threads, die_at_three, raise_at_three, slow))
