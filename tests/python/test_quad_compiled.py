"""`quad` and `quad_batch` with compiled integrands: every kind, context, signature; threads."""

import ctypes
import math
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ferrotran.integrate import IntegrationWarning, quad, quad_batch
from house import same_bits

DOUBLES = ctypes.POINTER(ctypes.c_double)
PLAIN = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
PLAIN_DATA = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_void_p)
ARRAY = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, DOUBLES)
ARRAY_DATA = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, DOUBLES, ctypes.c_void_p)
NODES = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_ssize_t, DOUBLES, DOUBLES)
C_TYPES = {
    "plain": PLAIN,
    "plain_data": PLAIN_DATA,
    "array": ARRAY,
    "array_data": ARRAY_DATA,
    "nodes": NODES,
}

SOURCE = """
#include <math.h>
#include <stddef.h>
#include <time.h>

double plain(double x) { return cos(3 * sin(x)); }
double plain_data(double x, void *data) { return cos(*(double *)data * sin(x)); }
double array(int n, double *xx) { return n == 2 ? cos(xx[1] * sin(xx[0])) : NAN; }
double array_data(int n, double *xx, void *data) {
    return n == 1 ? cos(*(double *)data * sin(xx[0])) : cos(xx[1] * sin(xx[0]));
}
int nodes(void *ctx, ptrdiff_t n, const double *x, double *y) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = cos(*(double *)ctx * sin(x[i]));
    return 0;
}
int refuse(void *ctx, ptrdiff_t n, const double *x, double *y) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i];
    return *(double *)ctx > 2 ? 42 : 0;
}
int nap(void *ctx, ptrdiff_t n, const double *x, double *y) {
    struct timespec time = {0, 5000000};
    nanosleep(&time, NULL);
    for (ptrdiff_t i = 0; i < n; i++) y[i] = sin(1 / x[i]);
    return 0;
}
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("integrands")
    (folder / "f.c").write_text(SOURCE)
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", folder / "f.so", folder / "f.c", "-lm"]
    subprocess.run(command, check=True)
    return folder / "f.so"


@pytest.fixture(scope="session")
def compiled(library):
    loaded = ctypes.CDLL(str(library))
    return {name: ctypes.cast(getattr(loaded, name), kind) for name, kind in C_TYPES.items()} | {
        name: ctypes.cast(getattr(loaded, name), NODES) for name in ("refuse", "nap")
    }


def python(x, p=3.0):
    return math.cos(p * math.sin(x))


EXPECTED = quad(python, 0, 3)
THREE = ctypes.c_double(3.0)
DATA = ctypes.cast(ctypes.pointer(THREE), ctypes.c_void_p)


def close(found):
    # The same nodes and libm; sin and cos may be inlined differently: some ulps.
    assert found[0] == pytest.approx(EXPECTED[0], rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("name", C_TYPES)
def test_ctypes_functions_of_every_signature(name, compiled):
    args = () if name == "plain" else (3.0,)
    close(quad(compiled[name], 0, 3, args=args))


@pytest.mark.parametrize("name", C_TYPES)
def test_low_level_callables_of_every_signature(name, compiled):
    scipy = pytest.importorskip("scipy")
    args = (3.0,) if name == "array" else ()
    data = DATA if name in ("plain_data", "array_data", "nodes") else None
    low = scipy.LowLevelCallable(compiled[name], user_data=data)
    close(quad(low, 0, 3, args=args))
    # The same through a bare capsule, which is what a LowLevelCallable holds.
    close(quad(tuple.__getitem__(low, 0), 0, 3, args=args))
    if name != "nodes":
        theirs = pytest.importorskip("scipy.integrate").quad(low, 0, 3, args=args)
        close(theirs)


def test_signatures_are_read_as_c():
    scipy = pytest.importorskip("scipy")
    take = ctypes.pythonapi.PyCapsule_New
    take.restype, take.argtypes = (
        ctypes.py_object,
        [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p],
    )
    function = PLAIN(lambda x: x)
    address = ctypes.cast(function, ctypes.c_void_p)
    for text in (b"double(double)", b"double  ( const double )"):
        assert quad(take(address, text, None), 0, 2)[0] == pytest.approx(2.0)
    wrong = [b"float (float)", b"double (double, double)", b""]
    wrong.append(b"int (void *, int, double *, double *)")
    for text in wrong:
        with pytest.raises(ValueError, match=r"`func` has the signature .*expected double"):
            quad(take(address, text, None), 0, 2)
    with pytest.raises(ValueError, match="signature"):
        quad(scipy.LowLevelCallable(function, signature="void (int)"), 0, 1)


@pytest.mark.parametrize("name", ["plain", "array", "nodes"])
def test_numba_cfuncs(name):
    numba = pytest.importorskip("numba")
    types = numba.types
    doubles = types.CPointer(types.float64)
    if name == "plain":
        f = numba.cfunc(types.float64(types.float64))(lambda x: math.cos(3 * math.sin(x)))
    elif name == "array":
        f = numba.cfunc(types.float64(types.intc, doubles))(
            lambda n, xx: math.cos(xx[1] * math.sin(xx[0]))
        )
    else:

        @numba.cfunc(types.intc(types.voidptr, types.intp, doubles, doubles))
        def f(ctx, n, x, y):
            p = numba.carray(ctx, 1, np.float64)[0]
            for i in range(n):
                y[i] = math.cos(p * math.sin(x[i]))
            return 0

    args = () if name == "plain" else (3.0,)
    close(quad(f, 0, 3, args=args))
    close(quad(f.ctypes, 0, 3, args=args))


def test_what_is_wrong_with_a_compiled_integrand_is_said(compiled):
    with pytest.raises(TypeError, match="set its `argtypes` and `restype`"):
        quad(ctypes.CDLL(None).cos, 0, 1)
    single = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_float)(lambda x: x)
    with pytest.raises(TypeError, match=r"signature float\(float\), expected double \(double\)"):
        quad(single, 0, 1)
    with pytest.raises(ValueError, match="`args` has 1 members, but `func` has no place"):
        quad(compiled["plain"], 0, 1, args=(1.0,))
    with pytest.raises(TypeError, match="`args` contains x, expected floats"):
        quad(compiled["array"], 0, 1, args=("x",))
    with pytest.raises(RuntimeError, match="it returned 42, expected 0"):
        quad(compiled["refuse"], 0, 1, args=(3.0,))
    with pytest.raises(ValueError, match="`complex_func` is True"):
        quad(compiled["plain"], 0, 1, complex_func=True)


PARAMETERS = np.linspace(0.0, 300.0, 1001)


@pytest.mark.parametrize("name", ["array", "nodes", "plain_data", "array_data"])
def test_a_batch_has_the_bits_of_a_loop_for_any_number_of_threads(name, compiled):
    f, ends = compiled[name], np.linspace(0.5, 3.0, 1001)
    loop = [quad(f, 0, b, args=(p,), full_output=1) for b, p in zip(ends, PARAMETERS, strict=True)]
    for workers in (1, 2, 7, -1, None):
        batch = quad_batch(f, 0, ends, args=(PARAMETERS,), workers=workers)
        assert same_bits(batch.value, [one[0] for one in loop])
        assert same_bits(batch.abserr, [one[1] for one in loop])
        assert list(batch.neval) == [one[2]["neval"] for one in loop]


def test_a_batch_broadcasts_its_parameters(compiled):
    p, b = np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0])
    batch = quad_batch(compiled["array"], 0, b, args=(p,))
    assert batch.value.shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        assert batch.value[i, j] == quad(compiled["array"], 0, b[j], args=(p[i, 0],))[0]


def test_break_points_count_where_they_are_inside(compiled):
    ends = np.array([1.0, 2.0, np.nan])
    batch = quad_batch(compiled["array"], 0, ends, args=(3.0,), points=[1.5])
    for b, value, neval in zip(ends, batch.value[:2], batch.neval, strict=False):
        one = quad(compiled["array"], 0, b, args=(3.0,), points=[1.5], full_output=1)
        assert (value, neval) == (one[0], one[2]["neval"])
    assert list(batch.neval) == [21, 42, 0]
    assert np.isnan(batch.value[2])


def test_a_member_that_refuses_leaves_the_others(compiled):
    with pytest.warns(IntegrationWarning, match="2 of 4 integrals"):
        batch = quad_batch(compiled["refuse"], 0, 1, args=([1.0, 3.0, 2.0, 4.0],))
    assert list(batch.status) == [0, 7, 0, 7]
    assert list(np.isnan(batch.value)) == [False, True, False, True]
    assert batch.value[0] == pytest.approx(0.5)


def test_a_ctypes_callback_into_python_works_from_the_pool():
    # Slow, but it must not deadlock: each call takes the GIL.
    f = ARRAY(lambda n, xx: xx[1] * xx[0])
    batch = quad_batch(f, 0, 1, args=(np.arange(500.0),), workers=4)
    assert np.allclose(batch.value, np.arange(500.0) / 2)


def test_quad_inside_a_compiled_quad():
    inner = PLAIN(lambda x: quad(lambda y: math.exp(-x * y), 0, x)[0])
    direct, _ = quad(lambda x: -math.expm1(-x * x) / x, 0, 2)
    assert quad(inner, 0, 2)[0] == pytest.approx(direct, abs=1e-7)


def test_sixteen_threads_at_once_give_the_same_bits(compiled):
    def run(_):
        many = quad_batch(compiled["nodes"], 0, 3, args=(PARAMETERS,))
        few = [quad(compiled["nodes"], 0, 3, args=(p,))[0] for p in range(50)]
        return many.value, np.array(few)

    alone = run(0)
    with ThreadPoolExecutor(16) as pool:
        for result in pool.map(run, range(16)):
            assert same_bits(result[0], alone[0])
            assert same_bits(result[1], alone[1])


def test_the_gil_is_free_meanwhile(compiled):
    # Sixteen naps of one thread each overlap, although there are fewer cores.
    start = time.perf_counter()
    quad(compiled["nap"], 0, 1, limit=10, full_output=1)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: quad(compiled["nap"], 0, 1, limit=10, full_output=1), range(16)))
    assert time.perf_counter() - start < 8 * alone


INTERRUPTED = """
import ctypes, os, signal, sys, threading, time
import numpy as np
from ferrotran.integrate import quad, quad_batch

doubles = ctypes.POINTER(ctypes.c_double)
f = ctypes.CDLL(LIBRARY).nap
f.restype = ctypes.c_int
f.argtypes = (ctypes.c_void_p, ctypes.c_ssize_t, doubles, doubles)
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.perf_counter()
try:
    CALL
except KeyboardInterrupt:
    # A minute of naps, stopped after the one in progress.
    assert time.perf_counter() - start < 5
    print("ok")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
@pytest.mark.parametrize(
    "call",
    [
        "quad(f, 0, 1, limit=12000, epsabs=0, epsrel=1e-13)",
        "quad_batch(f, 0, 1, args=(np.ones(1000),))",
        "quad_batch(f, 0, 1, args=(np.ones(1000),), workers=1)",
        "quad(lambda x: time.sleep(0.01) or np.sin(1 / x), 0, 1, limit=5000)",
    ],
)
def test_ctrl_c_stops_it(call, library, run_script):
    code = INTERRUPTED.replace("LIBRARY", repr(str(library))).replace("CALL", call)
    run_script(code)


def test_a_forked_child_integrates_after_its_parent(library, run_script):
    if not hasattr(signal, "SIGCHLD"):
        pytest.skip("no fork here")
    code = """
        import ctypes, os, sys
        import numpy as np
        from ferrotran.integrate import quad_batch

        f = ctypes.CDLL(sys.argv[1]).array
        f.restype = ctypes.c_double
        f.argtypes = (ctypes.c_int, ctypes.POINTER(ctypes.c_double))
        p = np.linspace(0, 300, 2000)
        before = quad_batch(f, 0, 3, args=(p,), workers=2).value
        child = os.fork()
        if child == 0:
            same = (quad_batch(f, 0, 3, args=(p,), workers=2).value == before).all()
            os._exit(0 if same else 1)
        assert os.waitpid(child, 0)[1] == 0
        print("ok")
    """
    run_script(code, str(library), warnings="ignore")
