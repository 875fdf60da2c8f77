"""`solve_ivp` for one problem: results, options, events and dense output, against SciPy."""

import pickle
import warnings

import numpy as np
import pytest
from ferrotran.integrate import OdeResult, StiffnessWarning, solve_ivp, systems

scipy = pytest.importorskip("scipy")
theirs = pytest.importorskip("scipy.integrate").solve_ivp

METHODS = ["RK45", "DOP853", "Radau"]
TIGHT = {"rtol": 1e-10, "atol": 1e-12}
SPAN = (0.0, 10.0)


def oscillator(t, y):
    return [y[1], -y[0]]


def predator(t, y, a, b, c, d):
    return np.array([a * y[0] - b * y[0] * y[1], -c * y[1] + d * y[0] * y[1]])


def ring(t, y, couplings):
    return couplings @ y + np.sin(t)


COUPLINGS = -np.eye(5) + 0.3 * np.roll(np.eye(5), 1, axis=0)
PROBLEMS = {
    "oscillator": (oscillator, SPAN, [1.0, 0.0], None),
    "backward": (oscillator, (3.0, -7.0), [1.0, 0.5], None),
    "predator": (predator, (0, 15), [10, 5], (1.5, 1, 3, 1)),
    "an array as argument": (ring, SPAN, np.arange(5.0), (COUPLINGS,)),
    "explicit time": (lambda t, y: [np.cos(t) - 0.1 * y[0]], SPAN, [0.0], None),
    "integers": (lambda t, y: [1, 2], (0, 1), [0, 0], ()),
    "complex": (lambda t, y: (1j - 0.1) * y, SPAN, [1 + 0j, 2 - 1j], None),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_solutions_are_those_of_scipy(name, method):
    fun, span, y0, args = PROBLEMS[name]
    t = np.linspace(*span, 57)
    # SciPy's Radau takes no complex numbers; the reference is ten digits better anyway.
    best = theirs(fun, span, y0, "DOP853", t_eval=t, args=args, rtol=1e-12, atol=1e-13)
    rtol = 1e-6
    found = solve_ivp(fun, span, y0, method, t_eval=t, args=args, rtol=rtol, atol=1e-9)
    assert found.success
    assert found.t.tobytes() == t.tobytes()
    assert (found.y.dtype, found.y.shape) == (best.y.dtype, best.y.shape)
    # The local error is held to the tolerance; over these spans it grows less than 1000 times.
    assert np.abs(found.y - best.y).max() < 1000 * rtol * np.abs(best.y).max()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("options", [{}, {"t_eval": [1.0, 2.5]}, {"dense_output": True}])
def test_results_have_the_fields_of_scipy(method, options):
    ours, other = (f(oscillator, SPAN, [1.0, 0.0], method, **options) for f in (solve_ivp, theirs))
    assert isinstance(ours, OdeResult)
    assert set(ours) == set(other)
    for name in other:
        assert (ours[name] is None) == (other[name] is None), name
        assert getattr(ours, name) is ours[name]
    assert (ours.status, ours.success, ours.message) == (0, True, other.message)
    assert ours.y.shape == (2, ours.t.size)
    assert ours.nfev > 0
    assert (ours.njev > 0, ours.nlu > 0) == ((method == "Radau"),) * 2
    assert "message: 'The solver" in repr(ours)
    assert set(other) <= set(dir(ours))
    with pytest.raises(AttributeError, match="nothing"):
        _ = ours.nothing


@pytest.mark.parametrize("method", ["RK45", "DOP853"])
def test_explicit_methods_take_about_as_many_steps_as_scipy(method):
    fun, span, y0, args = PROBLEMS["predator"]
    for rtol in (1e-3, 1e-6, 1e-9):
        ours, other = (
            f(fun, span, y0, method, args=args, rtol=rtol, atol=rtol) for f in (solve_ivp, theirs)
        )
        # The same formulas; the step controllers differ.
        assert 0.6 < ours.nfev / other.nfev < 1.7


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["oscillator", "backward", "complex"])
def test_dense_output_is_the_solution(name, method):
    fun, span, y0, args = PROBLEMS[name]
    found = solve_ivp(fun, span, y0, method, dense_output=True, args=args, rtol=1e-6, atol=1e-8)
    t = np.linspace(*span, 101)
    exact = theirs(fun, span, y0, "DOP853", t_eval=t, args=args, rtol=1e-12, atol=1e-13).y
    sol = found.sol
    # The interpolants of RK45 and Radau have lower order than the methods.
    assert np.abs(sol(t) - exact).max() < 1e-3 * np.abs(exact).max()
    assert np.allclose(sol(found.t), found.y, rtol=1e-13, atol=1e-13)
    assert sol(t[3]).shape == (len(y0),)
    assert sol(list(t)).shape == (len(y0), t.size)
    assert sol(t)[:, 3].tobytes() == sol(t[3]).tobytes()
    assert sol([]).shape == (len(y0), 0)
    assert sol(t[::-1])[:, ::-1].tobytes() == sol(t).tobytes()
    assert (sol.t_min, sol.t_max) == (min(span), max(span))
    assert sol.ts.tobytes() == found.t.tobytes()
    assert sol.n_segments == found.t.size - 1
    with pytest.raises(ValueError, match=r"1-D array"):
        sol([[1.0]])
    # The times of t_eval come from the same interpolants.
    at = solve_ivp(fun, span, y0, method, t_eval=t[1:-1], args=args, rtol=1e-6, atol=1e-8)
    assert at.y.tobytes() == sol(at.t).tobytes()


def ground(t, y):
    return y[0]


def apex(t, y):
    return y[1]


def fall(t, y):
    return [y[1], -9.81]


@pytest.mark.parametrize("method", METHODS)
def test_events_are_found_where_they_are(method):
    def land(t, y):
        return y[0]

    land.terminal, land.direction = True, -1
    found = solve_ivp(fall, (0, np.inf), [0, 10.0], method, events=[land, apex], dense_output=True)
    assert (found.status, found.success) == (1, True)
    assert found.message == "A termination event occurred."
    # Parabolas are exact in all three methods; the zero is located to some ulps.
    assert found.t_events[0] == pytest.approx([20 / 9.81], rel=1e-12)
    assert found.t_events[1] == pytest.approx([10 / 9.81], rel=1e-12)
    assert found.y_events[0].shape == found.y_events[1].shape == (1, 2)
    assert found.y_events[1][0, 0] == pytest.approx(50 / 9.81, rel=1e-12)
    assert found.t[-1] == found.t_events[0][0]
    assert np.allclose(found.sol(found.t[-1]), found.y[:, -1], atol=1e-12)


def test_events_count_directions_and_occurrences():
    def zero(t, y):
        return y[0]

    for direction, expected in ((0, np.pi * np.arange(0.5, 3)), (1, [1.5 * np.pi])):
        zero.direction = direction
        found = solve_ivp(oscillator, SPAN, [1.0, 0.0], "DOP853", events=zero, **TIGHT)
        assert found.t_events[0] == pytest.approx(expected, abs=1e-8)
    zero.direction, zero.terminal = 0, 2
    found = solve_ivp(oscillator, (0, 100), [1.0, 0.0], "DOP853", events=zero, **TIGHT)
    assert found.status == 1
    assert found.t_events[0] == pytest.approx([0.5 * np.pi, 1.5 * np.pi], abs=1e-8)
    nothing = solve_ivp(oscillator, SPAN, [1.0, 0.0], events=lambda t, y: 1.0)
    assert [e.shape for e in (*nothing.t_events, *nothing.y_events)] == [(0,), (0,)]
    assert solve_ivp(oscillator, SPAN, [1.0, 0.0], events=[]).t_events == []


def test_an_event_at_the_start_is_none():
    # SciPy calls it one, so that a stone that starts on the ground would be stopped there.
    found = solve_ivp(fall, (0, 5), [0, 10.0], events=ground)
    assert found.t_events[0] == pytest.approx([20 / 9.81])


def test_events_see_arguments_and_complex_states():
    seen = []

    def real(t, y, rate):
        seen.append((y.dtype, rate))
        return y[0].real

    found = solve_ivp(
        lambda t, y, rate: rate * y,
        (0, 3),
        [1 + 0j],
        args=(1j,),
        events=real,
        rtol=1e-9,
        atol=1e-12,
    )
    assert set(seen) == {(np.dtype(complex), 1j)}
    assert found.t_events[0] == pytest.approx([np.pi / 2], abs=1e-7)
    assert found.y_events[0].shape == (1, 1)
    assert found.y_events[0][0, 0] == pytest.approx(1j, abs=1e-7)


def stiff(t, y):
    return np.array([-1000 * (y[0] - np.cos(t)), y[0] - y[1]])


def stiff_jac(t, y):
    return np.array([[-1000.0, 0.0], [1.0, -1.0]])


JACOBIANS = {
    "none": {},
    "callable": {"jac": stiff_jac},
    "constant": {"jac": stiff_jac(0, 0)},
    "nested lists": {"jac": stiff_jac(0, 0).tolist()},
    "sparse": {"jac": lambda t, y: scipy.sparse.csc_matrix(stiff_jac(t, y))},
    "constant sparse": {"jac": scipy.sparse.csr_matrix(stiff_jac(0, 0))},
    "band": {"lband": 1, "uband": 0},
    "packed": {"lband": 1, "uband": 0, "jac": lambda t, y: [[-1000.0, -1.0], [1.0, 0.0]]},
    "sparsity": {"jac_sparsity": [[1, 0], [1, 1]]},
}


@pytest.mark.parametrize("name", JACOBIANS)
def test_jacobians_of_every_kind(name):
    found = solve_ivp(stiff, SPAN, [0.0, 0.0], "Radau", rtol=1e-8, atol=1e-8, **JACOBIANS[name])
    # y0 is cos(t) to 1e-3, then y1' = y0 - y1.
    exact = theirs(stiff, SPAN, [0.0, 0.0], "Radau", rtol=1e-10, atol=1e-12, jac=stiff_jac)
    assert found.success
    assert found.y[:, -1] == pytest.approx(exact.y[:, -1], abs=1e-7)
    assert found.nlu > 0
    assert (found.njev == 0) == name.endswith(("constant", "constant sparse", "lists"))


def test_a_complex_jacobian():
    matrix = np.array([[-50 + 1j, 2.0], [0.5j, -1.0]])
    exact = scipy.linalg.expm(matrix) @ [1, 1j]
    for options in ({}, {"jac": matrix}, {"jac": lambda t, y: matrix}, {"lband": 1, "uband": 1}):
        found = solve_ivp(
            lambda t, y: matrix @ y, (0, 1), [1, 1j], "Radau", rtol=1e-9, atol=1e-11, **options
        )
        assert found.y[:, -1] == pytest.approx(exact, abs=1e-8)


def test_a_band_of_a_long_chain():
    # A diffusion equation of 60 points: full and banded matrices give the same to roundoff.
    n = 60
    a = n**2 * (np.eye(n, k=1) + np.eye(n, k=-1) - 2 * np.eye(n))
    y0 = np.sin(np.pi * np.arange(1, n + 1) / (n + 1))
    common = {"method": "Radau", "rtol": 1e-7, "atol": 1e-9}
    full = solve_ivp(lambda t, y: a @ y, (0, 0.1), y0, jac=a, **common)
    for options in ({"lband": 1, "uband": 1}, {"jac_sparsity": a}):
        band = solve_ivp(lambda t, y: a @ y, (0, 0.1), y0, **common, **options)
        assert band.y[:, -1] == pytest.approx(full.y[:, -1], abs=1e-8)
        # Three differences make a tridiagonal matrix.
        assert band.nfev < full.nfev + 10 * band.njev


@pytest.mark.parametrize("method", METHODS)
def test_vectorised_functions_get_columns(method):
    shapes = set()

    def columns(t, y):
        shapes.add(y.shape)
        return np.vstack([y[1], -y[0]])

    one = solve_ivp(columns, SPAN, [1.0, 0.0], method, vectorized=True)
    assert shapes <= {(2, k) for k in range(1, 5)}
    assert one.y.tobytes() == solve_ivp(oscillator, SPAN, [1.0, 0.0], method).y.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_steps_obey_their_limits(method):
    found = solve_ivp(oscillator, SPAN, [1.0, 0.0], method, max_step=0.25, first_step=0.125)
    steps = np.diff(found.t)
    assert steps[0] == 0.125
    assert steps.max() <= 0.25 * (1 + 1e-15)
    few = solve_ivp(oscillator, (0, 1000), [1.0, 0.0], method, max_steps=20)
    assert (few.status, few.success) == (-1, False)
    assert "max_steps" in few.message
    assert 1 < few.t.size <= 21


def test_stiffness_is_noticed():
    with pytest.warns(StiffnessWarning, match=r"'Radau' may need far fewer"):
        found = solve_ivp(stiff, (0, 10), [0.0, 0.0], "DOP853")
    assert found.success
    assert found.message.startswith("The solver successfully reached the end")
    assert "stiff" in found.message
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solve_ivp(stiff, (0, 10), [0.0, 0.0], "Radau")
        solve_ivp(oscillator, (0, 100), [1.0, 0.0])


@pytest.mark.parametrize("name", ["lorenz", "van_der_pol", "robertson", "three_body"])
def test_built_in_systems_are_their_formulas(name, rng):
    system = getattr(systems, name)
    y0 = {"lorenz": [1, 1, 1], "van_der_pol": [2, 0], "robertson": [1, 0, 0]}.get(
        name, [0.994, 0, 0, -2.00158510637908252240537862224]
    )
    span = (0, {"van_der_pol": 100.0, "robertson": 100.0}.get(name, 1.0))
    method = "Radau" if name in ("van_der_pol", "robertson") else "DOP853"
    args = tuple(system.parameters.values())
    for more in ((), args):
        found = solve_ivp(system, span, y0, method, args=more, rtol=1e-9, atol=1e-12)
        python = solve_ivp(lambda t, y: system(t, y), span, y0, method, rtol=1e-9, atol=1e-12)
        assert found.y[:, -1] == pytest.approx(python.y[:, -1], rel=1e-7)
    assert pickle.loads(pickle.dumps(system)) is system
    assert repr(system).startswith(f"<System {name}(t, y, ")
    states = rng.uniform(0.5, 1.5, (system.components, 4))
    assert np.shape(system(0.0, states)) == states.shape


def test_empty_and_degenerate_problems():
    for method in METHODS:
        none = solve_ivp(lambda t, y: np.zeros(0), (0, 10), [], method, dense_output=True)
        assert (none.status, none.y.shape[0]) == (0, 0)
        assert none.sol(3.0).shape == (0,)
        still = solve_ivp(oscillator, (2, 2), [1.0, 2.0], method)
        assert (still.status, list(still.y[:, -1])) == (0, [1.0, 2.0])
        few = solve_ivp(oscillator, SPAN, [1.0, 2.0], method, t_eval=[])
        assert (few.status, few.t.shape, few.y.shape) == (0, (0,), (2, 0))


def test_states_of_any_layout_stay_as_they_are():
    y0 = np.arange(20.0).reshape(4, 5)[:, 2][::-1]
    y0.setflags(write=False)

    def greedy(t, y):
        y *= 2  # its own copy
        return -y

    one = solve_ivp(greedy, (0, 1), y0)
    two = solve_ivp(lambda t, y: -2 * y, (0, 1), y0.copy())
    assert one.y.tobytes() == two.y.tobytes()
    small = solve_ivp(lambda t, y: -y, (0, 1), np.float32([1, 2]))
    assert small.y.dtype == np.float64
