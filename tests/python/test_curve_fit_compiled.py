"""`curve_fit` with compiled models: every kind, with derivatives and without; NIST's sets."""

import csv
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest
from ferrotran.optimize import OptimizeWarning, curve_fit
from house import same_bits

DOUBLES = ctypes.POINTER(ctypes.c_double)
SIZES = [ctypes.c_ssize_t, ctypes.c_ssize_t]
MODEL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, *SIZES, *[DOUBLES] * 4)
NIST = Path(__file__).parents[1] / "data" / "nist"

SOURCE = """
#include <math.h>
#include <stddef.h>
#include <time.h>

int decay(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
          double *jac) {
    for (ptrdiff_t i = 0; i < m; i++) {
        double e = exp(-p[1] * x[i]);
        y[i] = p[0] * e;
        if (jac) jac[i] = e, jac[m + i] = -p[0] * x[i] * e;
    }
    return 0;
}
int values(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
           double *jac) {
    return decay(ctx, m, n, x, p, y, NULL);
}
int plane(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
          double *jac) {
    double shift = ctx ? *(double *)ctx : 0;
    for (ptrdiff_t i = 0; i < m; i++) y[i] = shift + p[0] + p[1] * x[i] + p[2] * x[m + i];
    return 0;
}
int refuse(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
           double *jac) {
    return x[0] > 0.5 ? 7 : decay(ctx, m, n, x, p, y, jac);
}
int nap(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
        double *jac) {
    struct timespec time = {0, 2000000};
    nanosleep(&time, NULL);
    return decay(ctx, m, n, x, p, y, jac);
}
"""


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("models")
    (folder / "f.c").write_text(SOURCE)
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", folder / "f.so", folder / "f.c", "-lm"]
    subprocess.run(command, check=True)
    library = ctypes.CDLL(str(folder / "f.so"))
    names = ("decay", "values", "plane", "refuse", "nap")
    return {name: ctypes.cast(getattr(library, name), MODEL) for name in names}


X = np.linspace(0, 4, 40)
RATES = np.linspace(0.5, 2.0, 200)
Y = 2.0 * np.exp(-RATES[:, None] * X) + 0.01 * np.random.default_rng(6).standard_normal((200, 40))
START = [1.0, 1.0]


def python(x, a, b):
    return a * np.exp(-b * x)


def python_jac(x, a, b):
    e = np.exp(-b * x)
    return np.stack([e, -a * x * e], axis=1)


@pytest.mark.parametrize("name", ["decay", "values"])
def test_a_compiled_model_is_its_python_twin(name, compiled):
    found = curve_fit(compiled[name], X, Y[0], START)
    expected = curve_fit(python, X, Y[0], START, jac=python_jac if name == "decay" else None)
    # The same search; exp differs by an ulp, which differences magnify to 1e-8.
    assert found[0] == pytest.approx(expected[0], rel=1e-12 if name == "decay" else 1e-6)
    assert found[1] == pytest.approx(expected[1], rel=1e-9 if name == "decay" else 1e-5)


def test_derivatives_that_are_not_given_are_differences(compiled):
    count = {
        name: curve_fit(compiled[name], X, Y[0], START, full_output=True)[2]["nfev"]
        for name in ("decay", "values")
    }
    assert count["values"] > count["decay"]
    ignored = curve_fit(compiled["decay"], X, Y[0], START, jac="2-point")
    assert same_bits(ignored[0], curve_fit(compiled["values"], X, Y[0], START)[0])


def test_low_level_callables_and_capsules(compiled):
    scipy = pytest.importorskip("scipy")
    signature = (
        "int (void *, ptrdiff_t, ptrdiff_t, const double *, const double *, double *, double *)"
    )
    grid = np.stack([X, X**2])
    y = 1.5 + 2.0 * X - 0.5 * X**2
    shift = ctypes.c_double(1.0)
    data = ctypes.cast(ctypes.pointer(shift), ctypes.c_void_p)
    low = scipy.LowLevelCallable(compiled["plane"], user_data=data, signature=signature)
    for f in (low, tuple.__getitem__(low, 0)):
        popt, _ = curve_fit(f, grid, y, [0.0, 0.0, 0.0])
        assert popt == pytest.approx([0.5, 2.0, -0.5], abs=1e-6)
    popt, _ = curve_fit(compiled["plane"], grid, y, [0.0, 0.0, 0.0])
    assert popt == pytest.approx([1.5, 2.0, -0.5], abs=1e-6)
    # Two predictors of each member's own.
    many = np.stack([grid, grid - 1])
    popt, _ = curve_fit(compiled["plane"], many, np.stack([y, y]), [0.0, 0.0, 0.0])
    assert popt[1] == pytest.approx([3.0, 2.0, -0.5], abs=1e-6)


def test_numba_cfuncs():
    numba = pytest.importorskip("numba")
    types = numba.types
    doubles = types.CPointer(types.float64)
    signature = types.intc(types.voidptr, types.intp, types.intp, *[doubles] * 4)

    @numba.cfunc(signature)
    def decay(ctx, m, n, x, p, y, jac):
        rows = numba.carray(jac, (n, m))
        derivatives = rows.ctypes.data != 0
        for i in range(m):
            e = np.exp(-p[1] * x[i])
            y[i] = p[0] * e
            if derivatives:
                rows[0, i], rows[1, i] = e, -p[0] * x[i] * e
        return 0

    expected = curve_fit(python, X, Y[0], START, jac=python_jac)[0]
    for f in (decay, decay.ctypes):
        assert curve_fit(f, X, Y[0], START)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["decay", "values"])
def test_a_batch_has_the_bits_of_one_by_one(name, compiled):
    loop = [curve_fit(compiled[name], X, y, START) for y in Y]
    for workers in (1, 2, 7, None):
        batch = curve_fit(compiled[name], X, Y, START, workers=workers)
        for many, ones in zip(batch, zip(*loop, strict=True), strict=True):
            assert same_bits(many, ones)


def test_correlated_errors(compiled):
    cov = np.eye(40) * 1e-4 + 5e-5
    found = curve_fit(compiled["decay"], X, Y[0], START, cov)
    expected = curve_fit(python, X, Y[0], START, cov, jac=python_jac)
    assert found[0] == pytest.approx(expected[0], rel=1e-9)
    assert found[1] == pytest.approx(expected[1], rel=1e-6)


def test_a_model_that_refuses_fails_its_own_fit(compiled):
    x = np.stack([X, X + 1, X])
    with pytest.warns(OptimizeWarning, match="1 of 3 fits failed, the first at 1: The model"):
        popt, _, _, _, ier = curve_fit(compiled["refuse"], x, Y[:3], START, full_output=True)
    assert list(ier[[0, 1]] > 0) == [True, False]
    assert ier[1] == -1
    assert same_bits(popt[2], curve_fit(compiled["decay"], X, Y[2], START)[0])
    with pytest.raises(RuntimeError, match="The model returned an error code"):
        curve_fit(compiled["refuse"], X + 1, Y[0], START)


def test_a_ctypes_callback_into_python_works_from_the_pool():
    @MODEL
    def line(ctx, m, n, x, p, y, jac):
        for i in range(m):
            y[i] = p[0] + p[1] * x[i]
        return 0

    y = np.arange(100.0)[:, None] + 2 * X
    popt, _ = curve_fit(line, X, y, [0.0, 0.0], workers=4)
    assert popt[:, 0] == pytest.approx(np.arange(100.0), abs=1e-6)


def test_what_is_wrong_with_a_compiled_model_is_said(compiled):
    with pytest.raises(TypeError, match=r"`f` is a ctypes function without types"):
        curve_fit(ctypes.CDLL(None).cos, X, Y[0], START)
    wrong = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: x)
    with pytest.raises(TypeError, match=r"`f` has the signature double\(double\), expected int"):
        curve_fit(wrong, X, Y[0], START)
    with pytest.raises(ValueError, match="`f` is a null pointer"):
        curve_fit(MODEL(), X, Y[0], START)
    with pytest.raises(ValueError, match="of a compiled model: give `p0`"):
        curve_fit(compiled["decay"], X, Y[0])


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
def test_ctrl_c_stops_a_slow_model(compiled):
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    start = time.perf_counter()
    with pytest.raises(ft.BatchInterrupted) as caught:
        curve_fit(compiled["nap"], X, np.tile(Y, (20, 1)), START)  # two minutes of naps
    assert time.perf_counter() - start < 10
    popt = caught.value.result[0]
    done = np.isfinite(popt[:, 0])
    assert 0 < done.sum() < 4000
    expected = np.tile(curve_fit(compiled["decay"], X, Y, START)[0], (20, 1))
    assert same_bits(popt[done], expected[done])


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
def test_ctrl_c_in_a_single_slow_fit_is_a_plain_interrupt(compiled):
    def one_after_the_other():
        while True:
            curve_fit(compiled["nap"], X, Y[0], START)

    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        one_after_the_other()
    assert caught.type is KeyboardInterrupt


def rational(x, *b):
    if len(b) == 7:
        numerator = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
        return numerator / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)
    return (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2)


def peaks(x, *b):
    bells = (b[k] * np.exp(-(((x - b[k + 1]) / b[k + 2]) ** 2)) for k in (2, 5))
    return b[0] * np.exp(-b[1] * x) + sum(bells)


SETS = {
    "Misra1a": lambda x, a, b: a * (1 - np.exp(-b * x)),
    "Chwirut2": lambda x, a, b, c: np.exp(-a * x) / (b + c * x),
    "Gauss1": peaks,
    "Gauss3": peaks,
    "Hahn1": rational,
    "Kirby2": rational,
    "Thurber": rational,
    "Rat43": lambda x, a, b, c, d: a / (1 + np.exp(b - c * x)) ** (1 / d),
    "Eckerle4": lambda x, a, b, c: a / b * np.exp(-0.5 * ((x - c) / b) ** 2),
}


def columns(name, wanted):
    with (NIST / wanted).open() as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == name]
    return lambda key: np.array([float(row[key]) for row in rows])


@pytest.mark.parametrize("start", ["start1", "start2"])
@pytest.mark.parametrize("name", SETS)
def test_certified_values_are_found(name, start):
    data, parameters = columns(name, "data.csv"), columns(name, "parameters.csv")
    tolerances = {"ftol": 1e-14, "xtol": 1e-12}
    with np.errstate(all="ignore"):
        popt, pcov = curve_fit(SETS[name], data("x"), data("y"), parameters(start), **tolerances)
    # Differences let 5 digits of the parameters be sure, and 4 of their errors.
    assert popt == pytest.approx(parameters("certified"), rel=1e-5)
    assert np.sqrt(np.diag(pcov)) == pytest.approx(parameters("deviation"), rel=1e-4)
