"""`solve_ivp` and bad input: what is refused, in which words, and what fails without harm."""

import signal
import sys
import warnings

import numpy as np
import pytest
from ferrotran.integrate import solve_ivp, systems

SPAN = (0.0, 1.0)


def decay(t, y):
    return -y


def refused(error, match, *args, **options):
    fun, span, y0, *rest = args or (decay, SPAN, [1.0, 2.0])
    with pytest.raises(error, match=match):
        solve_ivp(fun, span, y0, *rest, **options)


def test_methods_that_are_missing_are_named():
    scipy = pytest.importorskip("scipy.integrate")
    for method in ("RK23", "BDF", "LSODA", "radau", None, scipy.RK45):
        refused(ValueError, r"`method` is .*, expected 'RK45', 'DOP853' or 'Radau'", method=method)


def test_times_are_checked():
    refused(ValueError, "`t_span` is", decay, (np.nan, 1), [1.0])
    refused(ValueError, "`t_span` is", decay, (0, np.nan), [1.0])
    refused(ValueError, "`t_span` is", decay, (-np.inf, 1), [1.0])
    refused(ValueError, "t_span", decay, (0, np.inf), [1.0])
    refused(ValueError, "unpack", decay, (0, 1, 2), [1.0])
    refused(ValueError, "not within `t_span`", t_eval=[0.5, 2.0])
    refused(ValueError, "not within `t_span`", t_eval=[0.5, np.nan])
    refused(ValueError, "not properly sorted", t_eval=[0.5, 0.25])
    refused(ValueError, "not properly sorted", t_eval=[0.5, 0.5])
    refused(ValueError, "not properly sorted", decay, (1, 0), [1.0], t_eval=[0.25, 0.5])
    refused(ValueError, "`t_eval` must be 1-dimensional", t_eval=[[0.5]])


def test_states_are_checked():
    refused(ValueError, "`y0` must be 1-dimensional", decay, SPAN, 1.0)
    refused(TypeError, "`y0` is .*expected array_like of numbers", decay, SPAN, ["a"])
    refused(
        ValueError, "All components of the initial state `y0` must be finite", decay, SPAN, [np.inf]
    )
    refused(ValueError, "`y0` has 2 real components, expected 3", systems.lorenz, SPAN, [1.0, 2.0])
    refused(ValueError, "`y0` has 3 complex", systems.lorenz, SPAN, [1j, 2.0, 3.0])


def test_options_are_checked():
    refused(ValueError, "`first_step` must be positive", first_step=0.0)
    refused(ValueError, "`first_step` must be positive", first_step=np.nan)
    refused(ValueError, "`first_step` exceeds bounds", first_step=2.0)
    refused(ValueError, "`max_step` must be positive", max_step=-1.0)
    refused(ValueError, "`max_steps` is 0, expected at least 1", max_steps=0)
    refused(ValueError, r"`atol` has wrong shape: \(3,\), expected \(\) or \(2,\)", atol=np.ones(3))
    refused(ValueError, "`atol` must be positive", atol=[1e-3, -1e-3])
    refused(ValueError, "`atol` is NaN", atol=np.nan)
    refused(ValueError, "`rtol` is NaN", rtol=np.nan)
    refused(ValueError, "`workers` is 0", decay, SPAN, [[1.0]], workers=0)
    refused(TypeError, "`progress` is 3, expected True", decay, SPAN, [[1.0]], progress=3)
    refused(TypeError, "Supplied 'args' cannot be unpacked", args=3)
    with pytest.warns(UserWarning, match=r"no effect for a chosen solver: `jac`, `nonsense`"):
        solve_ivp(decay, SPAN, [1.0], jac=None, nonsense=1)
    with pytest.warns(UserWarning, match=r"no effect for a chosen solver: `min_step`") as found:
        solve_ivp(decay, SPAN, [1.0], "Radau", jac=None, min_step=0)
    assert found[0].filename == __file__
    with pytest.warns(UserWarning, match="At least one element of `rtol` is too small") as found:
        tiny = solve_ivp(decay, SPAN, [1.0], rtol=1e-20)
    assert found[0].filename == __file__
    assert tiny.success


def test_jacobians_are_checked():
    def radau(error, match, **options):
        refused(error, match, decay, SPAN, [1.0, 2.0], "Radau", **options)

    radau(
        ValueError,
        r"`jac` is expected to have shape \(2, 2\), but actually has \(3, 3\)",
        jac=np.eye(3),
    )
    radau(ValueError, r"actually has \(2,\)", jac=lambda t, y: y)
    radau(TypeError, "`jac` is complex", jac=1j * np.eye(2))
    radau(ValueError, r"shape \(1, 2\), its band packed", lband=0, jac=np.eye(2))
    radau(ValueError, "`lband` is 2, expected 0 to 1", lband=2)
    radau(ValueError, "`uband` is -1", uband=-1)
    radau(ValueError, r"`jac_sparsity` has shape \(3, 3\)", jac_sparsity=np.eye(3))
    radau(ZeroDivisionError, "division", jac=lambda t, y: 1 / 0)


def test_events_are_checked():
    def event(t, y):
        return y[0] - 1.5

    refused(TypeError, r"`events\[1\]` is 3, expected a callable", events=[event, 3])
    refused(
        TypeError, r"`events\[0\]` returned NoneType, expected a float", events=lambda t, y: None
    )
    refused(ZeroDivisionError, "division", events=lambda t, y: 1 / 0)
    for terminal in (-1, 2.5):
        event.terminal = terminal
        refused(ValueError, "must be a boolean or positive integer", events=event)


BAD = {
    "raises": (lambda t, y: 1 / 0, ZeroDivisionError, "division"),
    "raises later": (lambda t, y: {}["x"] if t > 0.5 else -y, KeyError, "x"),
    "None": (lambda t, y: None, TypeError, "`fun` returned NoneType, expected array_like"),
    "text": (lambda t, y: "ab", TypeError, "`fun` returned str"),
    "ragged": (lambda t, y: [1, [2, 3]], ValueError, "inhomogeneous|sequence"),
    "too long": (lambda t, y: [1, 2, 3], ValueError, r"`fun` returned shape \[3\], expected \[2\]"),
    "too short": (lambda t, y: y[:1], ValueError, r"`fun` returned shape \[1\], expected \[2\]"),
    "scalar": (lambda t, y: 1.0, ValueError, r"`fun` returned shape \[\], expected \[2\]"),
    "matrix": (lambda t, y: np.eye(2), ValueError, r"\[2, 2\], expected \[2\]"),
    "column": (lambda t, y: y[:, None], ValueError, r"\[2, 1\], expected \[2\]"),
    "complex": (lambda t, y: 1j * y, TypeError, "complex numbers, expected floats; make `y0`"),
    "complex list": (lambda t, y: [1j, 2], TypeError, "complex numbers, expected floats"),
    "arguments": (lambda t: t, TypeError, "positional argument"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau"])
def test_what_fun_does_wrong_comes_out(name, method):
    fun, error, match = BAD[name]
    refused(error, match, fun, SPAN, [1.0, 2.0], method)
    # The same in an ensemble.
    refused(error, match, fun, SPAN, [[1.0, 2.0]] * 3, method)


def test_what_is_no_right_hand_side():
    refused(
        TypeError, "`fun` is int, expected a callable, a scipy.LowLevelCallable", 3, SPAN, [1.0]
    )
    refused(TypeError, "`fun` is str, expected a callable", "lorenz", SPAN, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau"])
def test_right_hand_sides_that_blow_up(method):
    # y = 1/(1 - t) is infinite at 1.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = solve_ivp(lambda t, y: y**2, (0, 2), [1.0], method, max_steps=100_000)
    assert (found.status, found.success) == (-1, False)
    assert found.message == "Required step size is less than spacing between numbers."
    # The step shrinks with the distance: it is below one ulp where the error is some ulps.
    assert found.t[-1] == pytest.approx(1.0, abs=1e-2)
    never = solve_ivp(lambda t, y: y * np.nan, SPAN, [1.0], method)
    assert (never.status, never.t.size) == (-1, 1)
    assert "not finite at the start" in never.message
    later = solve_ivp(lambda t, y: -y if t < 0.5 else y * np.nan, SPAN, [1.0], method)
    assert later.status == -1
    assert later.t[-1] == pytest.approx(0.5, abs=1e-6)
    assert np.isfinite(later.y).all()


def test_a_singular_jacobian_does_no_harm():
    # y0' does not depend on y: the Jacobian is singular, the matrices of the method are not.
    found = solve_ivp(lambda t, y: [1.0, y[0]], SPAN, [0.0, 0.0], "Radau", jac=[[0, 0], [1, 0]])
    assert found.y[:, -1] == pytest.approx([1.0, 0.5])


def test_compiled_functions_with_objects_as_arguments():
    import ctypes

    doubles = ctypes.POINTER(ctypes.c_double)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_double, doubles, doubles, doubles)
    f = kind(lambda t, y, dydt, p: None)
    refused(TypeError, r"`args\[1\]` is x, expected floats", f, SPAN, [1.0], args=(1.0, "x"))
    refused(
        TypeError, r"`args\[0\]` is 'x', expected array_like of float", f, SPAN, [[1.0]], args="x"
    )
    wrong = ctypes.CFUNCTYPE(None, ctypes.c_double)(lambda t: None)
    refused(
        TypeError, r"has the signature void\(double\), expected void \(double", wrong, SPAN, [1.0]
    )


def test_arguments_of_an_ensemble():
    refused(
        ValueError, "`dense_output` is for one problem", decay, SPAN, [[1.0]], dense_output=True
    )
    refused(
        ValueError, "`events` is for one problem", decay, SPAN, [[1.0]], events=lambda t, y: 1.0
    )
    refused(
        ValueError,
        r"`args` has the shapes \[\(3,\)\], expected shapes that broadcast against \(2,\)",
        decay,
        SPAN,
        [[1.0], [2.0]],
        args=([1, 2, 3],),
    )
    refused(
        ValueError,
        "`args` has 2 members, expected 3: sigma, rho, beta",
        systems.lorenz,
        SPAN,
        np.ones((2, 3)),
        args=(1, 2),
    )


INTERRUPTED = """
import os, signal, threading, time
import numpy as np
import ferrotran as ft
from ferrotran.integrate import solve_ivp, systems

threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.perf_counter()
try:
    CALL
except KeyboardInterrupt:
    assert time.perf_counter() - start < 5
    print("ok")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
@pytest.mark.parametrize(
    "call",
    [
        "solve_ivp(lambda t, y: -y, (0, 1e9), [1.0], max_step=1e-3)",
        "solve_ivp(lambda t, y: -y, (0, 1e9), [1.0], 'Radau', max_step=1e-3)",
        "solve_ivp(systems.lorenz, (0, 1e9), [1.0, 1, 1], 'DOP853', t_eval=[1e9])",
        "solve_ivp(systems.lorenz, (0, 1e9), [1.0, 1, 1], t_eval=[], events=lambda t, y: 1.0)",
        "solve_ivp(systems.robertson, (0, 1e9), [1.0, 0, 0], 'Radau', max_step=0.1, t_eval=[1e9])",
    ],
)
def test_ctrl_c_stops_one_problem(call, run_script):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    run_script(INTERRUPTED.replace("CALL", call))
