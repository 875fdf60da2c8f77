"""A batch of tridiagonal systems, a quadrature, erf, and an error, through ctypes."""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_ssize_t, c_void_p

BATCH, N = 3, 4
HEADER = 1000  # the version that these prototypes are of, 0.1.0, as FT_VERSION_NUMBER has it
UNSTABLE = 80
INTEGRAND = ctypes.CFUNCTYPE(c_int, c_void_p, c_double, POINTER(c_double))


class QuadResult(ctypes.Structure):
    """struct ft_quad_result."""

    _fields_ = (
        ("value", c_double),
        ("abs_error", c_double),
        ("evaluations", c_ssize_t),
        ("subintervals", c_ssize_t),
        ("status", c_int),
    )


def load() -> ctypes.CDLL:
    """Load the library that pkg-config knows, by the name that stands for its interface."""
    command = ["pkg-config", "--variable=libdir", "ferrotran"]
    folder = subprocess.check_output(command, text=True).strip()
    library = ctypes.CDLL(f"{folder}/libferrotran.so.0.1")
    real, size, void = POINTER(c_double), c_ssize_t, c_void_p
    for name, *arguments in (
        ("ft_check_version", c_int),
        ("ft_solve_tridiagonal_batch", *[size] * 2, *[real] * 4, c_int, real, void, void),
        ("ft_quad", INTEGRAND, void, c_double, c_double, void, POINTER(QuadResult)),
        ("ft_erf", size, real, size, real, size),
        ("ft_heat2d", *[size] * 2, real, size, real, size, c_double, size, void, real, size),
    ):
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_int
    library.ft_last_error_message.restype = c_char_p
    return library


def check(status: int) -> None:
    """Raise what the library says of the last call."""
    if status:
        raise ValueError(lib.ft_last_error_message().decode())


def quad(f: Callable[[float], float], a: float, b: float) -> QuadResult:
    """Integrate a Python function; what it raises comes out again, but does not cross C."""
    raised = []

    def call(ctx: int | None, x: float, y: ctypes._Pointer[c_double]) -> int:
        try:
            y[0] = f(x)
        except BaseException as error:
            raised.append(error)
            return 1
        return 0

    result = QuadResult()
    status = lib.ft_quad(INTEGRAND(call), None, a, b, None, byref(result))
    if raised:
        raise raised[0]
    check(status)
    return result


def print_row(x: Sequence[float]) -> None:
    """Print numbers so that no digit is lost."""
    print("".join(f"{v:22.17f}" for v in x))


lib = load()
check(lib.ft_check_version(HEADER))

off = (c_double * (BATCH * (N - 1)))(*[-1.0] * (BATCH * (N - 1)))
d = (c_double * (BATCH * N))(*[2.0 + k for k in range(BATCH) for _ in range(N)])
b = (c_double * (BATCH * N))(*[1.0 + i for _ in range(BATCH) for i in range(N)])
x = (c_double * (BATCH * N))()
check(lib.ft_solve_tridiagonal_batch(BATCH, N, off, d, off, b, 0, x, None, None))
print("tridiagonal systems")
for k in range(BATCH):
    print_row(x[k * N : (k + 1) * N])

c = 2.0
area = quad(lambda t: c / ((1.0 + t) * math.sqrt(t)), 0.0, math.inf)
print(f"quadrature\n{area.value:22.17f}, {area.evaluations} evaluations")

points = (c_double * 5)(0.5, 1.0, 1.5, 2.0, 2.5)
values = (c_double * 5)()
check(lib.ft_erf(5, points, 1, values, 1))
print("erf")
print_row(values)

# A step that is too long; D and the spacing of the grid are 1.
u = (c_double * (N * N))()
status = lib.ft_heat2d(N, N, u, N, None, 0, 0.5, 1, None, u, N)
print(f"error: {lib.ft_last_error_message().decode()}")
assert status == UNSTABLE
