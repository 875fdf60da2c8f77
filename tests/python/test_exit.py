"""An interpreter that exits while daemon threads compute: the process ends, with status 0."""

import pytest

pytestmark = pytest.mark.any_isa

# What each daemon thread does for ever.
WORK = {
    "a ufunc": "ft.special.erf(x, out=y)",
    "a gufunc": "ft.linalg.solve_tridiagonal(m[:, 1:], m + 9, m[:, 1:], m)",
    "a stencil": "ft.stencil.heat2d(m, 1.0, 0.1, 1000)",
    "an integrand in Python": "ft.integrate.quad(lambda t: t * t, 0.0, 1.0)",
    "an integrand that calls a ufunc": "ft.integrate.quad(lambda t: erf(x[:20_000])[0], 0, 1)",
    "a C pointer to an integrand in Python": "ft.integrate.quad(callback, 0.0, 1.0)",
    "a batch of such": "ft.integrate.quad_batch(callback, zeros, 1.0, workers=2)",
    "a right-hand side in Python": "solve_ivp(lambda t, y: [-v for v in y], (0, 5), [1.0, 2.0])",
    "an ensemble of such": "solve_ivp(lambda t, y: -y, (0, 5), m[:50], vectorized=True)",
    "an ensemble of systems": "solve_ivp(ft.integrate.systems.lorenz, (0, 9), m[:99, :3])",
    "a C pointer to a right-hand side in Python": "solve_ivp(rhs, (0, 5), m[:99, :1], workers=2)",
    "residuals in Python": "ft.optimize.least_squares(lambda t: t - 1.0, 0.0)",
    "a batch of fits": "ft.optimize.curve_fit('polynomial', x[:50], m, [0.0, 0.0], workers=2)",
    "fits of a C pointer to Python": "ft.optimize.curve_fit(model, x[:50], m[:9], [0.0])",
}

SCRIPT = """
import ctypes, sys, threading, time
import numpy as np
import ferrotran as ft

x = np.linspace(0.5, 4.0, 3_000_000)
y = np.empty_like(x)
m = np.ones((20_000, 50))
zeros = np.zeros(20_000)
erf = ft.special.erf

@ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
def callback(t):
    return t * t

doubles = ctypes.POINTER(ctypes.c_double)

@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, *[ctypes.c_ssize_t] * 2, *[doubles] * 4)
def model(ctx, m, n, x, p, y, jac):
    for i in range(m):
        y[i] = p[0] + x[i]
    return 0

@ctypes.CFUNCTYPE(None, ctypes.c_double, doubles, doubles, doubles)
def rhs(t, y, dydt, p):
    dydt[0] = -y[0]

solve_ivp = ft.integrate.solve_ivp

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
    for _ in range(3):
        done = run_script(SCRIPT.replace("WORK", WORK[work]), warnings="ignore")
        assert done.stderr == ""
