"""A batch of tridiagonal systems, a quadrature, erf, and an error, through cffi."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ferrotran_cffi import ffi, lib  # python build_cffi.py

BATCH, N = 3, 4


def check(status: int) -> None:
    """Raise what the library says of the last call."""
    if status != lib.FT_OK:
        raise ValueError(ffi.string(lib.ft_last_error_message()).decode())


class Integrand:
    """A Python function on its way through C, and what it raised."""

    def __init__(self, f: Callable[[float], float]) -> None:
        self.f = f
        self.raised: BaseException | None = None


@ffi.def_extern(error=1)
def integrand(ctx: Any, x: float, y: Any) -> int:
    """Call the function that `ctx` leads to; nothing that it raises crosses C."""
    self = ffi.from_handle(ctx)
    try:
        y[0] = self.f(x)
    except BaseException as error:
        self.raised = error
        return 1
    return 0


def quad(f: Callable[[float], float], a: float, b: float) -> Any:
    """Integrate a Python function."""
    own = Integrand(f)
    handle = ffi.new_handle(own)  # lives until the call is over
    result = ffi.new("struct ft_quad_result *")
    status = lib.ft_quad(lib.integrand, handle, a, b, ffi.NULL, result)
    if own.raised is not None:
        raise own.raised
    check(status)
    return result


def print_row(x: Iterable[float]) -> None:
    """Print numbers so that no digit is lost."""
    print("".join(f"{v:22.17f}" for v in x))


check(lib.ft_check_header())

off = ffi.new("double[]", [-1.0] * (BATCH * (N - 1)))
d = ffi.new("double[]", [2.0 + k for k in range(BATCH) for _ in range(N)])
b = ffi.new("double[]", [1.0 + i for _ in range(BATCH) for i in range(N)])
x = ffi.new("double[]", BATCH * N)
pivoting, null = lib.FT_PIVOTING_PARTIAL, ffi.NULL
check(lib.ft_solve_tridiagonal_batch(BATCH, N, off, d, off, b, pivoting, x, null, null))
print("tridiagonal systems")
for k in range(BATCH):
    print_row(x[k * N : (k + 1) * N])

c = 2.0
area = quad(lambda t: c / ((1.0 + t) * math.sqrt(t)), 0.0, math.inf)
print(f"quadrature\n{area.value:22.17f}, {area.evaluations} evaluations")

points = ffi.new("double[]", [0.5, 1.0, 1.5, 2.0, 2.5])
values = ffi.new("double[]", 5)
check(lib.ft_erf(5, points, 1, values, 1))
print("erf")
print_row(values)

# A step that is too long; D and the spacing of the grid are 1.
u = ffi.new("double[]", N * N)
status = lib.ft_heat2d(N, N, u, N, null, 0, 0.5, 1, null, u, N)
print(f"error: {ffi.string(lib.ft_last_error_message()).decode()}")
assert status == lib.FT_UNSTABLE
