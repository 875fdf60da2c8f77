"""Ensembles: shapes, bits of one by one, failed members, progress, Ctrl-C."""

import sys

import numpy as np
import pytest
from ferrotran.integrate import IntegrationWarning, StiffnessWarning, solve_ivp, systems
from house import same_bits

METHODS = ["RK45", "DOP853", "Radau"]
TIMES = np.linspace(0, 2, 9)


def lorenz(t, y, sigma, rho, beta):
    return [sigma * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - beta * y[2]]


def columns(t, y, sigma, rho, beta):
    assert t.shape == sigma.shape == y.shape[1:]
    return np.array(lorenz(t, y, sigma, rho, beta))


RIGHT_HAND_SIDES = {
    "built in": (systems.lorenz, {}),
    "python": (lorenz, {}),
    "columns": (columns, {"vectorized": True}),
}


@pytest.mark.parametrize("name", RIGHT_HAND_SIDES)
@pytest.mark.parametrize("method", METHODS)
def test_a_batch_has_the_bits_of_a_loop_for_any_number_of_threads(name, method, rng):
    fun, options = RIGHT_HAND_SIDES[name]
    y0, rho = rng.uniform(0.5, 1.5, (19, 3)), rng.uniform(20, 30, 19)
    common = {"method": method, "t_eval": TIMES, "rtol": 1e-5, "atol": 1e-6}
    # One by one with the formulas of the same order of operations.
    loop = [
        solve_ivp(systems.lorenz, (0, 2), y, args=(10.0, r, 8 / 3), **common)
        for y, r in zip(y0, rho, strict=True)
    ]
    for workers in (1, 2, 7, -1, None):
        batch = solve_ivp(
            fun, (0, 2), y0, args=(10.0, rho, 8 / 3), workers=workers, **common, **options
        )
        assert same_bits(batch.t, TIMES)
        assert batch.success.all()
        for k, one in enumerate(loop):
            if method == "Radau" and name != "built in":
                # Jacobians by differences come to the same.
                assert batch.y[k] == pytest.approx(one.y, rel=1e-3, abs=1e-3)
            else:
                assert same_bits(batch.y[k], np.ascontiguousarray(one.y))
                assert batch.nfev[k] == one.nfev


def test_shapes_broadcast(rng):
    y0 = rng.uniform(0.5, 1.5, (4, 1, 3))
    rho = np.linspace(20, 30, 5)
    batch = solve_ivp(systems.lorenz, (0, 1), y0, args=(10, rho, 8 / 3), t_eval=[0.5, 1.0])
    assert batch.y.shape == (4, 5, 3, 2)
    for name in ("status", "nfev", "njev", "nlu", "success"):
        assert batch[name].shape == (4, 5), name
    one = solve_ivp(systems.lorenz, (0, 1), y0[2, 0], args=(10, rho[3], 8 / 3), t_eval=[0.5, 1.0])
    assert same_bits(batch.y[2, 3], np.ascontiguousarray(one.y))
    # Without times the two ends.
    ends = solve_ivp(systems.lorenz, (0, 1), y0)
    assert list(ends.t) == [0.0, 1.0]
    assert ends.y.shape == (4, 1, 3, 2)
    assert same_bits(ends.y[..., 0], y0)


def test_empty_ensembles():
    for fun in (systems.lorenz, lambda t, y: y):
        none = solve_ivp(fun, (0, 1), np.ones((0, 3)))
        assert none.y.shape == (0, 3, 2)
        assert none.status.shape == (0,)
    nothing = solve_ivp(lambda t, y: y, (0, 1), np.ones((4, 0)))
    assert nothing.y.shape == (4, 0, 2)
    assert nothing.success.all()
    still = solve_ivp(systems.lorenz, (1, 1), np.ones((2, 3)))
    assert (still.y == 1).all()
    few = solve_ivp(systems.lorenz, (0, 1), np.ones((2, 3)), t_eval=[])
    assert few.y.shape == (2, 3, 0)


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_complex_members(method, vectorized):
    rates = np.array([1j, -1.0, 0.5 - 2j])
    y0 = np.array([[1 + 1j, 2]] * 3)

    def fun(t, y, re, im):
        return (re + 1j * im) * y

    batch = solve_ivp(
        fun, (0, 1), y0, method, vectorized=vectorized, args=(rates.real, rates.imag), rtol=1e-8,
        atol=1e-10,
    )  # fmt: skip
    assert batch.y.shape == (3, 2, 2)
    assert batch.y[:, :, -1] == pytest.approx(np.exp(rates)[:, None] * y0, rel=1e-6)


def test_backward_and_forward_again(rng):
    y0 = rng.uniform(0.5, 1.5, (10, 3))
    tight = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-12}
    there = solve_ivp(systems.lorenz, (0, 0.5), y0, **tight).y[..., -1]
    back = solve_ivp(systems.lorenz, (0.5, 0), there, t_eval=[0.25, 0], **tight)
    assert back.y[..., -1] == pytest.approx(y0, abs=1e-8)


def blow_up(t, y):
    # Infinite at 1 / y0.
    return y * y


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_failed_member_leaves_the_others(vectorized):
    starts = np.array([0.1, 2.1, np.nan, 0.2, np.inf, 0.3])
    with pytest.warns(IntegrationWarning) as caught:
        batch = solve_ivp(
            blow_up, (0, 1), starts[:, None], "DOP853", TIMES / 2, vectorized=vectorized
        )
    assert len(caught) == 1
    assert caught[0].filename == __file__
    text = str(caught[0].message)
    assert "1 of 6 members: Required step size is less than spacing between numbers." in text
    assert "2 of 6 members: The state or its derivative is not finite at the start." in text
    assert batch.message == text
    assert list(batch.status) == [0, -1, -2, 0, -2, 0]
    assert list(batch.success) == [True, False, False, True, False, True]
    good = [0, 3, 5]
    exact = 1 / (1 / starts[good][:, None] - TIMES / 2)
    assert batch.y[good, 0] == pytest.approx(exact, rel=1e-3)
    # NaN behind the pole at 0.476, numbers before it.
    assert list(np.isnan(batch.y[1, 0])) == list(TIMES / 2 > 0.476)
    assert np.isinf(batch.y[4, 0, 0])
    assert np.isnan(batch.y[4, 0, 1:]).all()
    alone = solve_ivp(blow_up, (0, 1), starts[good][:, None], "DOP853", TIMES / 2)
    assert same_bits(alone.y, batch.y[good])


def test_steps_run_out():
    with pytest.warns(IntegrationWarning, match="3 of 3 members: .*`max_steps`"):
        batch = solve_ivp(systems.lorenz, (0, 100), np.ones((3, 3)), max_steps=10)
    assert (batch.status == -4).all()
    assert np.isnan(batch.y[..., -1]).all()


def test_one_of_a_million():
    rates = np.ones(1_000_000)
    rates[123_456] = np.nan
    with pytest.warns(IntegrationWarning, match="1 of 1000000 members"):
        batch = solve_ivp(systems.van_der_pol, (0, 0.1), [[2.0, 0.0]], args=(rates,))
    assert batch.status[123_456] == -2
    assert batch.success.sum() == 999_999
    assert np.isnan(batch.y[123_456, :, -1]).all()
    assert np.isfinite(np.delete(batch.y, 123_456, axis=0)).all()


def test_stiff_members_are_counted():
    with pytest.warns(StiffnessWarning, match="2 of 3 members are stiff to DOP853") as caught:
        batch = solve_ivp(
            systems.van_der_pol, (0, 0.5), [[2.0, 0.0]], "DOP853", args=([1e4, 1.0, 2e4],)
        )
    assert caught[0].filename == __file__
    assert batch.success.all()
    assert "stiff" in batch.message


def test_jacobians_in_python_know_the_member():
    seen = set()

    def jac(t, y, rate):
        seen.add(rate)
        return [[-rate]]

    batch = solve_ivp(
        lambda t, y, rate: -rate * y, (0, 1), [[1.0]], "Radau", args=([1.0, 100.0],), jac=jac
    )
    assert seen == {1.0, 100.0}
    assert batch.y[:, 0, -1] == pytest.approx(np.exp([-1.0, -100.0]), abs=1e-3)
    with pytest.raises(ValueError, match="`jac` is a Python object"):
        solve_ivp(systems.robertson, (0, 1), [[1.0, 0, 0]], "Radau", jac=jac)


@pytest.mark.parametrize("name", RIGHT_HAND_SIDES)
def test_progress_is_told(name):
    fun, options = RIGHT_HAND_SIDES[name]
    told = []

    def progress(done, total):
        told.append((done, total))

    solve_ivp(
        fun, (0, 20), np.ones((30, 3)), args=(10.0, 28.0, 8 / 3), progress=progress, **options
    )
    assert told[-1] == (30, 30)
    done = [d for d, _ in told]
    assert done == sorted(set(done))

    def raises(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        solve_ivp(
            fun, (0, 20), np.ones((30, 3)), args=(10.0, 28.0, 8 / 3), progress=raises, **options
        )


def test_a_bar_is_shown(capfd):
    solve_ivp(systems.lorenz, (0, 1), np.ones((30, 3)), progress=True)
    shown = capfd.readouterr().err
    assert "30/30" in shown
    solve_ivp(systems.lorenz, (0, 1), np.ones((30, 3)))
    assert capfd.readouterr().err == ""


INTERRUPTED = """
import os, signal, sys, threading, time
import numpy as np
import ferrotran as ft
from ferrotran.integrate import solve_ivp, systems

def lorenz(t, y, rho):
    return np.array([10 * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]])

# The first members are short work, the later ones never end; they would be chaotic for hours.
rho = np.full(100_000, 28.0)
rho[:16] = 0.0
threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.perf_counter()
common = {"t_eval": [1e5], "rtol": 1e-3, "atol": 1e-3, "method": "DOP853"}
try:
    CALL
except ft.BatchInterrupted as stopped:
    assert time.perf_counter() - start < 6
    assert isinstance(stopped, KeyboardInterrupt)
    result = stopped.result
    assert result.y.shape == (100_000, 3, 1)
    finished = result.status == 0
    assert DONE <= finished.sum() < 100_000, finished.sum()
    assert np.isfinite(result.y[finished]).all()
    assert (result.status[~finished] == -6).all()
    assert np.isnan(result.y[~finished]).all()
    assert "100000 members: The ensemble was stopped" in result.message
    print("ok")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
@pytest.mark.parametrize("options", ["", "workers=1", "workers=3", "progress=lambda d, n: None"])
@pytest.mark.parametrize(
    ("call", "done"),
    [
        ("solve_ivp(systems.lorenz, (0, 1e5), np.ones((1, 3)), args=(10, rho, 8 / 3), ", 0),
        ("solve_ivp(lorenz, (0, 0.02), np.ones((1, 3)), args=(rho,), ", 100),
        ("solve_ivp(lorenz, (0, 0.02), np.ones((1, 3)), args=(rho,), vectorized=True, ", 100),
    ],
)
def test_ctrl_c_keeps_what_is_finished(call, done, options, run_script):
    code = INTERRUPTED.replace("CALL", f"{call} **common, {options})").replace("DONE", str(done))
    if "0.02" in call:
        code = code.replace("[1e5]", "[0.02]")
    run_script(code)
