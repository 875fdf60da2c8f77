"""An interpreter that exits while daemon threads compute: the process ends, with status 0."""

import pytest
from house import PUBLIC

NAMES = {name for _, name in PUBLIC}

# What each daemon thread does for ever, and the name it needs.
WORK = {
    "a ufunc": ("erf", "ft.special.erf(x, out=y)"),
    "a gufunc": (
        "solve_tridiagonal",
        "ft.linalg.solve_tridiagonal(m[:, 1:], m + 9, m[:, 1:], m)",
    ),
    "an integrand in Python": ("quad", "ft.integrate.quad(lambda t: t * t, 0.0, 1.0)"),
    "an integrand that calls a ufunc": (
        "quad",
        "ft.integrate.quad(lambda t: float(ft.special.erf(x[:20_000])[0]), 0.0, 1.0)",
    ),
    "a C pointer to an integrand in Python": ("quad", "ft.integrate.quad(callback, 0.0, 1.0)"),
    "a batch of such": (
        "quad_batch",
        "ft.integrate.quad_batch(callback, np.zeros(20_000), 1.0, workers=2)",
    ),
    "a stencil": ("heat2d", "ft.stencil.heat2d(m, 1.0, 0.1, 1000)"),
}

SCRIPT = """
import ctypes, sys, threading, time
import numpy as np
import ferrotran as ft

x = np.linspace(0.5, 4.0, 3_000_000)
y = np.empty_like(x)
m = np.ones((20_000, 50))

@ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
def callback(t):
    return t * t

def for_ever():
    while True:
        WORK

class SlowToDie:
    # The interpreter is shutting down and the GIL free: daemon threads that ask for it now are
    # ended inside their native frames.
    def __del__(self, sleep=time.sleep):
        sleep(0.3)

sys.slow_to_die = SlowToDie()
for _ in range(3):
    threading.Thread(target=for_ever, daemon=True).start()
time.sleep(0.2)
print("ok", flush=True)
"""


@pytest.mark.parametrize("work", WORK)
def test_daemon_threads_end_with_the_process(work, run_script):
    name, call = WORK[work]
    if name not in NAMES:
        pytest.skip(f"no {name}")
    for _ in range(3):
        done = run_script(SCRIPT.replace("WORK", call), warnings="ignore")
        assert done.stderr == ""
