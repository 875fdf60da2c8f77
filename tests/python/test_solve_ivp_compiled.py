"""`solve_ivp` with compiled right-hand sides: every kind and signature, threads, forks."""

import ctypes
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ferrotran.integrate import IntegrationWarning, solve_ivp, systems
from house import same_bits

DOUBLES = ctypes.POINTER(ctypes.c_double)
SCALAR = ctypes.CFUNCTYPE(None, ctypes.c_double, DOUBLES, DOUBLES, DOUBLES)
LANES = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t, *[DOUBLES] * 4
)

SOURCE = """
#include <stddef.h>
#include <time.h>

void scalar(double t, const double *y, double *dydt, const double *p) {
    dydt[0] = y[1];
    dydt[1] = -p[0] * y[0] + t * p[1];
}
int lanes(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *t, const double *y, double *dydt,
          const double *p) {
    if (m > 8 || n != 2) return 3;
    for (ptrdiff_t k = 0; k < m; k++) {
        dydt[k] = y[m + k];
        dydt[m + k] = -p[k] * y[k] + t[k] * p[m + k];
    }
    return 0;
}
int scaled(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *t, const double *y, double *dydt,
           const double *p) {
    for (ptrdiff_t i = 0; i < m * n; i++) dydt[i] = *(double *)ctx * y[i];
    return 0;
}
int refuse(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *t, const double *y, double *dydt,
           const double *p) {
    for (ptrdiff_t i = 0; i < m * n; i++) dydt[i] = y[i];
    for (ptrdiff_t k = 0; k < m; k++) if (t[k] > 0.5) return 42;
    return 0;
}
void scalar_jac(double t, const double *y, double *jac, const double *p) {
    jac[0] = 0, jac[1] = 1, jac[2] = -p[0], jac[3] = 0;
}
int lanes_jac(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *t, const double *y, double *jac,
              const double *p) {
    for (ptrdiff_t k = 0; k < m; k++)
        jac[k] = 0, jac[m + k] = 1, jac[2 * m + k] = -p[k], jac[3 * m + k] = 0;
    return 0;
}
void nap(double t, const double *y, double *dydt, const double *p) {
    struct timespec time = {0, 1000000};
    nanosleep(&time, NULL);
    dydt[0] = y[1];
    dydt[1] = -y[0];
}
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("systems")
    (folder / "f.c").write_text(SOURCE)
    # No fused operations, so that the vectorised one has the bits of the other.
    flags = ["-O2", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", folder / "f.so", folder / "f.c"], check=True)
    return folder / "f.so"


@pytest.fixture(scope="session")
def compiled(library):
    loaded = ctypes.CDLL(str(library))
    kinds = {name: SCALAR for name in ("scalar", "scalar_jac", "nap")}
    kinds |= {name: LANES for name in ("lanes", "lanes_jac", "scaled", "refuse")}
    return {name: ctypes.cast(getattr(loaded, name), kind) for name, kind in kinds.items()}


def python(t, y, a, b):
    return [y[1], -a * y[0] + t * b]


SPAN, Y0, ARGS = (0.0, 10.0), [1.0, 0.5], (2.0, 0.1)
METHODS = ["RK45", "DOP853", "Radau"]


@pytest.mark.parametrize("name", ["scalar", "lanes"])
@pytest.mark.parametrize("method", METHODS)
def test_ctypes_functions_have_the_bits_of_python(name, method, compiled):
    ours = solve_ivp(compiled[name], SPAN, Y0, method, args=ARGS)
    # The same operations in the same order.
    expected = solve_ivp(python, SPAN, Y0, method, args=ARGS)
    assert same_bits(ours.t, expected.t)
    assert same_bits(ours.y, expected.y)
    assert (ours.nfev, ours.njev, ours.nlu) == (expected.nfev, expected.njev, expected.nlu)


@pytest.mark.parametrize("name", ["scalar", "lanes"])
def test_low_level_callables_and_capsules(name, compiled):
    scipy = pytest.importorskip("scipy")
    low = scipy.LowLevelCallable(compiled[name])
    expected = solve_ivp(python, SPAN, Y0, args=ARGS)
    for f in (low, tuple.__getitem__(low, 0)):
        assert same_bits(solve_ivp(f, SPAN, Y0, args=ARGS).y, expected.y)


def test_user_data_arrive_as_the_context(compiled):
    scipy = pytest.importorskip("scipy")
    rate = ctypes.c_double(-2.0)
    data = ctypes.cast(ctypes.pointer(rate), ctypes.c_void_p)
    low = scipy.LowLevelCallable(compiled["scaled"], user_data=data)
    found = solve_ivp(low, (0, 1), [1.0, 3.0], "DOP853", rtol=1e-10, atol=1e-12)
    assert found.y[:, -1] == pytest.approx(np.exp(-2) * np.array([1, 3]))
    many = solve_ivp(low, (0, 1), [[1.0, 3.0]] * 20, "DOP853", rtol=1e-10, atol=1e-12)
    assert same_bits(many.y[7], found.y[:, [0, -1]])


@pytest.mark.parametrize("kind", ["scalar", "lanes"])
def test_numba_cfuncs(kind):
    numba = pytest.importorskip("numba")
    types = numba.types
    doubles = types.CPointer(types.float64)
    if kind == "scalar":

        @numba.cfunc(types.void(types.float64, doubles, doubles, doubles))
        def f(t, y, dydt, p):
            dydt[0] = y[1]
            dydt[1] = -p[0] * y[0] + t * p[1]

    else:

        @numba.cfunc(types.intc(types.voidptr, types.intp, types.intp, *[doubles] * 4))
        def f(ctx, m, n, t, y, dydt, p):
            for k in range(m):
                dydt[k] = y[m + k]
                dydt[m + k] = -p[k] * y[k] + t[k] * p[m + k]
            return 0

    expected = solve_ivp(python, SPAN, Y0, args=ARGS)
    for form in (f, f.ctypes):
        found = solve_ivp(form, SPAN, Y0, args=ARGS)
        # The compiler may fuse products and sums.
        assert found.y[:, -1] == pytest.approx(expected.y[:, -1], rel=1e-12)


def test_complex_states_are_pairs_of_numbers():
    f = SCALAR(
        lambda t, y, dydt, p: (dydt.__setitem__(0, -y[1]), dydt.__setitem__(1, y[0]), None)[2]
    )
    found = solve_ivp(f, (0, 1), [1 + 0j], "DOP853", rtol=1e-10, atol=1e-12)
    assert found.y[0, -1] == pytest.approx(np.exp(1j))


def test_events_and_jacobians_in_python_beside_a_compiled_function(compiled):
    seen = []

    def event(t, y, a, b):
        seen.append((a, b))
        return y[0]

    common = {"args": ARGS, "events": event}
    found, expected = (solve_ivp(f, SPAN, Y0, **common) for f in (compiled["scalar"], python))
    assert same_bits(found.t_events[0], expected.t_events[0])
    assert found.t_events[0].size > 3
    assert set(seen) == {ARGS}

    def jac(t, y, a, b):
        return [[0, 1], [-a, 0]]

    for f in (compiled["scalar"], compiled["lanes"]):
        found = solve_ivp(f, SPAN, Y0, "Radau", args=ARGS, jac=jac)
        expected = solve_ivp(python, SPAN, Y0, "Radau", args=ARGS, jac=jac)
        assert same_bits(found.y, expected.y)
        with pytest.raises(ZeroDivisionError):
            solve_ivp(f, SPAN, Y0, "Radau", args=ARGS, jac=lambda t, y, a, b: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            solve_ivp(f, SPAN, Y0, args=ARGS, events=lambda t, y, a, b: 1 / 0)


@pytest.mark.parametrize("jac", ["scalar_jac", "lanes_jac"])
@pytest.mark.parametrize("name", ["scalar", "lanes"])
def test_compiled_jacobians(name, jac, compiled):
    options = {"method": "Radau", "args": ARGS, "jac": compiled[jac]}
    expected = solve_ivp(
        python, SPAN, Y0, "Radau", args=ARGS, jac=lambda t, y, a, b: [[0, 1], [-a, 0]]
    )
    found = solve_ivp(compiled[name], SPAN, Y0, **options)
    assert same_bits(found.y, expected.y)
    assert (found.nfev, found.njev) == (expected.nfev, expected.njev)
    many = solve_ivp(compiled[name], SPAN, [Y0] * 5, **options)
    assert same_bits(many.y[3], np.ascontiguousarray(expected.y[:, [0, -1]]))
    with pytest.raises(ValueError, match="`jac` is a compiled function, but `fun` is a Python"):
        solve_ivp(python, SPAN, Y0, **options)


def test_what_a_compiled_jacobian_does_wrong(compiled):
    options = {"method": "Radau", "args": ARGS}
    with pytest.raises(RuntimeError, match="`jac` stopped the integration: it returned 42"):
        solve_ivp(compiled["lanes"], (1, 2), Y0, jac=compiled["refuse"], **options)
    wrong = ctypes.CFUNCTYPE(None, ctypes.c_double)(lambda t: None)
    with pytest.raises(TypeError, match=r"`jac` has the signature void\(double\), expected"):
        solve_ivp(compiled["scalar"], SPAN, Y0, jac=wrong, **options)
    with pytest.raises(TypeError, match="`jac` is a ctypes function without types"):
        solve_ivp(compiled["scalar"], SPAN, Y0, jac=ctypes.CDLL(None).cos, **options)


def test_an_error_code_comes_out(compiled):
    with pytest.raises(RuntimeError, match="`fun` stopped the integration: it returned 42"):
        solve_ivp(compiled["refuse"], (0, 1), [1.0, 2.0])
    with pytest.warns(IntegrationWarning, match="returned an error code"):
        many = solve_ivp(compiled["refuse"], (0, 1), [[1.0, 2.0]] * 3)
    assert set(many.status.tolist()) <= {-5, -6}
    assert not many.success.any()


def test_a_ctypes_callback_into_python_works_from_the_pool():
    # Slow, but it must not deadlock: each call takes the GIL.
    f = SCALAR(lambda t, y, dydt, p: dydt.__setitem__(0, -p[0] * y[0]))
    rates = np.linspace(0, 2, 50)
    many = solve_ivp(f, (0, 1), [[1.0]], args=(rates,), workers=4, rtol=1e-6)
    assert np.allclose(many.y[:, 0, -1], np.exp(-rates), rtol=1e-5)


def test_solve_ivp_inside_a_right_hand_side():
    def outer(t, y):
        inner = solve_ivp(lambda s, x: x, (0, 1), [1.0], rtol=1e-8, atol=1e-8)
        return -inner.y[:, -1] * y

    found = solve_ivp(outer, (0, 1), [1.0], rtol=1e-8, atol=1e-10)
    assert found.y[0, -1] == pytest.approx(np.exp(-np.e), rel=1e-6)


def test_sixteen_threads_at_once_give_the_same_bits(compiled):
    rates = np.linspace(1, 5, 100)

    def run(_):
        many = solve_ivp(compiled["lanes"], SPAN, [Y0], args=(rates, 0.1), workers=3)
        own = solve_ivp(python, SPAN, Y0, "Radau", args=ARGS)
        one = solve_ivp(systems.lorenz, (0, 5), [1.0, 1.0, 1.0], "DOP853")
        return many.y, own.y, one.y

    alone = run(0)
    with ThreadPoolExecutor(16) as pool:
        for result in pool.map(run, range(16)):
            assert all(same_bits(a, b) for a, b in zip(result, alone, strict=True))


def test_the_gil_is_free_meanwhile(compiled):
    # Sixteen naps overlap, although there are fewer cores.
    def nap(_):
        return solve_ivp(compiled["nap"], (0, 3), [1.0, 0.0]).nfev

    start = time.perf_counter()
    nap(0)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(nap, range(16)))
    assert time.perf_counter() - start < 8 * alone


def test_a_forked_child_integrates_after_its_parent(run_script):
    if not hasattr(signal, "SIGCHLD"):
        pytest.skip("no fork here")
    code = """
        import os
        import numpy as np
        from ferrotran.integrate import solve_ivp, systems

        def work():
            y0 = np.linspace(1, 2, 300).reshape(100, 3)
            return solve_ivp(systems.lorenz, (0, 3), y0, "DOP853", workers=2).y

        before = work()
        child = os.fork()
        if child == 0:
            os._exit(0 if (work() == before).all() else 1)
        assert os.waitpid(child, 0)[1] == 0
        print("ok")
    """
    run_script(code, warnings="ignore")
