"""The compiled functions as Python functions of arrays: `rainflow(signal, width, bins)`."""

import ctypes

import numpy as np

ERRORS = {
    1: "`signal` has a value that is not finite, or above 1e9 times `width`",
    2: "`bins` is too small for the largest range",
}


def check(status):
    """Make an exception of a status: neither C nor Fortran has any."""
    if status != 0:
        raise ValueError(ERRORS[status])


def ctypes_c(path, hold_gil=False):
    """Load the C function."""
    loader = ctypes.PyDLL if hold_gil else ctypes.CDLL
    reals = np.ctypeslib.ndpointer(np.float64, ndim=1, flags="C_CONTIGUOUS")
    ints = np.ctypeslib.ndpointer(np.int32, ndim=1, flags="C_CONTIGUOUS")
    native = loader(str(path)).rainflow_c
    size, real = ctypes.c_ssize_t, ctypes.c_double
    native.argtypes = [size, reals, real, size, reals, ints]
    native.restype = ctypes.c_int

    def rainflow(signal, width, bins):
        counts, work = np.empty(bins), np.empty(len(signal), np.int32)
        check(native(len(signal), signal, width, bins, counts, work))
        return counts

    return rainflow


def ctypes_f(path):
    """Load the Fortran function: the same, but for the status."""
    reals = np.ctypeslib.ndpointer(np.float64, ndim=1, flags="C_CONTIGUOUS")
    ints = np.ctypeslib.ndpointer(np.int32, ndim=1, flags="C_CONTIGUOUS")
    native = ctypes.CDLL(str(path)).rainflow_f
    size, real, status = ctypes.c_ssize_t, ctypes.c_double, ctypes.POINTER(ctypes.c_int)
    native.argtypes = [size, reals, real, size, reals, ints, status]
    native.restype = None

    def rainflow(signal, width, bins):
        counts, work = np.empty(bins), np.empty(len(signal), np.int32)
        status = ctypes.c_int()
        native(len(signal), signal, width, bins, counts, work, status)
        check(status.value)
        return counts

    return rainflow


def f2py_c(module):
    """Wrap the C function of the module that f2py made."""

    def rainflow(signal, width, bins):
        status, counts = module.rainflow_c(signal, width, bins)
        check(status)
        return counts

    return rainflow


def f2py_f(module):
    """Wrap the Fortran function of the module that f2py made."""

    def rainflow(signal, width, bins):
        counts, status = module.rainflow_f(signal, width, bins)
        check(status)
        return counts

    return rainflow
