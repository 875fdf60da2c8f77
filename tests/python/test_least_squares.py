"""`least_squares` with Python callables: against SciPy, and what bad input gets."""

import functools
import gc
import math
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ferrotran.optimize import OptimizeResult, least_squares
from house import same_bits

inf = math.inf
EPS = np.finfo(float).eps


def rosenbrock(x):
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def rosenbrock_jac(x):
    return np.array([[-20 * x[0], 10], [-1, 0]])


T = np.linspace(0, 4, 40)
NOISE = np.random.default_rng(5).standard_normal(40)


def decay(x):
    return x[0] * np.exp(-x[1] * T) + x[2] - (2.5 * np.exp(-1.3 * T) + 0.5 + 0.1 * NOISE)


def decay_jac(x):
    e = np.exp(-x[1] * T)
    return np.stack([e, -x[0] * T * e, np.ones_like(T)], axis=1)


def powell(x):
    a, b, c, d = x
    return [a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2]


def trig(x):
    n = x.size
    return n - np.cos(x).sum() + np.arange(1, n + 1) * (1 - np.cos(x)) - np.sin(x)


def bard(x):
    y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
    u = np.arange(1, 16)
    v = 16 - u
    return np.array(y) - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


# Name, residuals, Jacobian, start. Moré, Garbow, Hillstrom, doi:10.1145/355934.355936.
CASES = [
    ("rosenbrock", rosenbrock, rosenbrock_jac, [-1.2, 1.0]),
    ("decay", decay, decay_jac, [1.0, 1.0, 0.0]),
    ("powell singular", powell, None, [3.0, -1.0, 0.0, 1.0]),
    ("trigonometric", trig, None, np.full(5, 0.2)),
    ("bard", bard, None, [1.0, 1.0, 1.0]),
    ("linear", lambda x: np.array([[1, 2], [3, 4], [5, 7.0]]) @ x - 1, None, [1.0, 1.0]),
]


@pytest.mark.parametrize(
    ("case", "analytic"),
    [
        pytest.param(case, analytic, id=f"{case[0]}-{analytic}")
        for case in CASES
        for analytic in (False, True)
        if case[2] or not analytic
    ],
)
def test_agrees_with_scipy(case, analytic):
    scipy_least_squares = pytest.importorskip("scipy.optimize").least_squares
    _, f, jac, x0 = case
    ours = least_squares(f, x0, jac if analytic else "2-point")
    theirs = scipy_least_squares(f, x0, jac if analytic else "2-point", method="lm")
    assert ours.success
    assert theirs.success
    # Both stop within ftol of the least cost; theirs is no lower by more than that. A least cost
    # of 0 is reached by both up to the square of xtol.
    assert ours.cost <= theirs.cost * (1 + 1e-7) + 1e-15
    assert set(theirs) <= set(ours) | {"message"}
    for name in ("x", "fun", "jac", "grad", "active_mask"):
        assert ours[name].shape == theirs[name].shape, name
    if theirs.cost > 1e-9:
        # There x is determined to about the root of ftol, and far better in practice.
        assert ours.x == pytest.approx(theirs.x, rel=1e-4, abs=1e-6)
        # The derivatives: differences err by the root of eps.
        assert ours.jac == pytest.approx(theirs.jac, rel=1e-4, abs=1e-6)
    if analytic:
        assert abs(ours.nfev - theirs.nfev) <= 2
        assert ours.njev > 0
    else:
        assert ours.njev is None


def test_the_result_is_consistent():
    found = least_squares(decay, [1.0, 1.0, 0.0], decay_jac)
    assert isinstance(found, OptimizeResult)
    assert same_bits(found.fun, decay(found.x))
    assert same_bits(found.jac, decay_jac(found.x))
    assert found.cost == pytest.approx(0.5 * (found.fun**2).sum(), rel=1e-14)
    assert found.optimality == pytest.approx(np.abs(found.jac.T @ found.fun).max(), rel=1e-6)
    # The inverse errs by the condition of J^T J, here below 1e3.
    assert found.cov @ (found.jac.T @ found.jac) == pytest.approx(np.eye(3), abs=1e3 * EPS)
    assert found["x"] is found.x
    assert "message: '`" in repr(found)
    assert "cov" in dir(found)
    with pytest.raises(AttributeError, match="no 'xx', it has x, cost"):
        _ = found.xx


@pytest.mark.parametrize("bounds", [
    ([-2.0, 1.5], inf), (-inf, [0.5, 3.0]), ([-3, -3], [0.5, 0.2]), ([-1.5, -inf], [0.9, inf]),
])  # fmt: skip
@pytest.mark.parametrize("jac", ["2-point", rosenbrock_jac])
def test_bounds_agree_with_scipys_other_methods(bounds, jac):
    scipy_least_squares = pytest.importorskip("scipy.optimize").least_squares
    x0 = np.clip([-1.0, 0.1], *np.broadcast_arrays(*bounds, np.zeros(2))[:2])
    seen = []

    def f(x):
        seen.append(x)
        return rosenbrock(x)

    ours = least_squares(f, x0, jac, bounds)
    theirs = scipy_least_squares(rosenbrock, x0, jac, bounds, method="dogbox", xtol=1e-12)
    assert ours.success
    assert ours.cost <= theirs.cost * (1 + 1e-7) + 1e-15
    assert ours.x == pytest.approx(theirs.x, rel=1e-4, abs=1e-6)
    assert (ours.active_mask == theirs.active_mask).all()
    # The bounds hold wherever the residuals are asked for.
    assert (np.array(seen) >= bounds[0]).all()
    assert (np.array(seen) <= bounds[1]).all()


def test_scipys_bounds_object_and_scalars_are_taken():
    bounds = pytest.importorskip("scipy.optimize").Bounds([-2, 1.5], [inf, inf])
    by_object = least_squares(rosenbrock, [-1.2, 2.0], bounds=bounds)
    by_pair = least_squares(rosenbrock, [-1.2, 2.0], bounds=([-2, 1.5], inf))
    assert same_bits(by_object.x, by_pair.x)


def test_arguments_are_passed_on():
    def f(x, a, b=0.0):
        return x - a - b

    assert least_squares(f, 0.0, args=(2.0,)).x == pytest.approx([2.0])
    found = least_squares(f, 0.0, jac=lambda x, a, b: 1.0, args=(2.0,), kwargs={"b": 3.0})
    assert found.x == pytest.approx([5.0])
    assert found.jac.shape == (1, 1)


@pytest.mark.parametrize(
    ("option", "status"),
    [("gtol", 1), ("ftol", 2), ("xtol", 3)],
)
def test_each_tolerance_alone_ends_the_search(option, status):
    tolerances = {"ftol": None, "xtol": None, "gtol": None, option: 1e-8}
    assert least_squares(decay, [1.0, 1.0, 0.0], decay_jac, **tolerances).status == status


def test_too_few_evaluations_are_no_success():
    found = least_squares(rosenbrock, [-1.2, 1.0], rosenbrock_jac, max_nfev=5)
    assert (found.status, found.success, found.nfev) == (0, False, 5)
    assert "maximum number" in found.message


def test_scales_and_steps_matter():
    plain = least_squares(decay, [1.0, 1.0, 0.0])
    for options in ({"x_scale": [3.0, 1.0, 1.0]}, {"x_scale": 2.0}, {"diff_step": 1e-6}):
        assert least_squares(decay, [1.0, 1.0, 0.0], **options).x == pytest.approx(
            plain.x, rel=1e-5
        )
    assert same_bits(least_squares(decay, [1.0, 1.0, 0.0], x_scale="jac").x, plain.x)


@pytest.mark.parametrize("jac", ["2-point", rosenbrock_jac])
def test_weights_multiply_residuals_and_jacobian(jac):
    weights = np.array([0.1, 3.0])
    by_hand = jac if isinstance(jac, str) else lambda x: weights[:, None] * jac(x)
    found = least_squares(rosenbrock, [-1.2, 1.0], jac, weights=weights)
    expected = least_squares(lambda x: weights * rosenbrock(x), [-1.2, 1.0], by_hand)
    for name in ("x", "fun", "jac", "cov"):
        assert same_bits(found[name], expected[name])
    assert found.nfev == expected.nfev


def test_a_report_is_printed_on_request(capsys):
    least_squares(rosenbrock, [-1.2, 1.0])
    assert capsys.readouterr().out == ""
    least_squares(rosenbrock, [-1.2, 1.0], verbose=1)
    assert "final cost" in capsys.readouterr().out


def test_a_point_that_is_not_finite_shortens_the_step():
    def f(x):
        with np.errstate(invalid="ignore"):
            return np.array([np.log(x[0]) - 3.0, x[0] - 20.0])

    assert least_squares(f, [0.1]).x == pytest.approx([math.exp(3)], rel=0.01)


def test_a_singular_jacobian_has_no_covariance():
    found = least_squares(lambda x: np.array([x[0] + x[1], x[0] + x[1], 1.0]), [1.0, 2.0])
    assert found.success
    assert np.isnan(found.cov).all()


@pytest.mark.parametrize("convert", [
    list, tuple, np.float32, lambda r: r.astype(">f8"), lambda r: np.repeat(r, 2)[::2],
    lambda r: np.ma.asarray(r), lambda r: r[::-1][::-1],
])  # fmt: skip
def test_results_of_any_type_and_layout(convert):
    found = least_squares(lambda x: convert(decay(x)), [1.0, 1.0, 0.0], decay_jac)
    # Single precision moves the minimum by its epsilon over the condition.
    assert found.x == pytest.approx(least_squares(decay, [1.0, 1.0, 0.0], decay_jac).x, rel=1e-4)


def test_starts_of_any_type_and_layout_are_left_alone():
    x0 = np.array([-1.2, 0.0, 1.0, 0.0])[::2]
    x0.flags.writeable = False
    expected = least_squares(rosenbrock, [-1.2, 1.0]).x
    assert same_bits(least_squares(rosenbrock, x0).x, expected)
    assert list(x0) == [-1.2, 1.0]
    assert least_squares(lambda x: x - 3, 2).x == pytest.approx([3.0])

    def spoil(x):
        r = rosenbrock(x)
        x[:] = np.nan
        return r

    assert same_bits(least_squares(spoil, [-1.2, 1.0]).x, expected)


@pytest.mark.parametrize(
    "error", [ValueError("mine"), KeyError("k"), KeyboardInterrupt(), SystemExit(3)]
)
@pytest.mark.parametrize("where", ["fun", "jac"])
def test_an_exception_comes_out_as_itself(error, where):
    calls = 0

    def failing(f, x):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise error
        return f(x)

    f = functools.partial(failing, rosenbrock) if where == "fun" else rosenbrock
    jac = functools.partial(failing, rosenbrock_jac) if where == "jac" else rosenbrock_jac
    with pytest.raises(type(error)) as caught:
        least_squares(f, [-1.2, 1.0], jac)
    assert caught.value is error
    assert calls == 4


def changing(x, counter=[0]):  # noqa: B006  (it counts calls)
    counter[0] += 1
    return np.ones(3 + counter[0] // 3)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"fun": 3}, TypeError, "not callable"),
        ({"fun": lambda x: "abc"}, TypeError, "`fun` returned str"),
        ({"fun": lambda x: None}, TypeError, "`fun` returned NoneType"),
        ({"fun": lambda x: 1j * x}, ValueError, "`fun` returned complex"),
        ({"fun": lambda x: np.ones((2, 2))}, ValueError, r"`fun` must .* shape \[2, 2\]"),
        ({"fun": lambda x: np.empty(0)}, ValueError, "residuals as parameters"),
        ({"fun": lambda x: x[:1]}, ValueError, "residuals as parameters"),
        ({"fun": changing}, ValueError, "`fun` returned 4 residuals, expected 3 as at first"),
        ({"fun": lambda x: x * math.nan}, ValueError, "not finite in the initial point"),
        ({"jac": lambda x: np.ones((3, 2))}, ValueError, r"`jac` .* \[3, 2\], expected \(2, 2\)"),
        ({"jac": lambda x: np.ones(3)}, ValueError, r"`jac` .* \[3\], expected \(2, 2\)"),
        ({"jac": lambda x: {}}, TypeError, "`jac` returned dict"),
        ({"jac": "3-point"}, ValueError, "`jac` is '3-point'"),
        ({"jac": "cs"}, ValueError, "`jac` is 'cs'"),
        ({"jac": None}, ValueError, "`jac` is None"),
        ({"x0": []}, ValueError, r"`x0` is \[\]"),
        ({"x0": [1, math.nan]}, ValueError, "`x0` is"),
        ({"x0": [inf, 1]}, ValueError, "`x0` is"),
        ({"x0": "abc"}, TypeError, "`x0` is str"),
        ({"x0": [1, 2j]}, ValueError, "`x0` is complex"),
        ({"x0": [[1, 2]]}, ValueError, "`x0` has shape"),
        ({"bounds": (1, 0)}, ValueError, "parameter 0 are 1.0 and 0.0"),
        ({"bounds": ([-5, 1], [5, 1])}, ValueError, "parameter 1 are 1.0 and 1.0"),
        ({"bounds": ([-5, -5, -5], inf)}, ValueError, r"lower bounds have shape \(3,\)"),
        ({"bounds": (-inf, [2, math.nan])}, ValueError, "NaN among the upper"),
        ({"bounds": 3}, ValueError, "2 elements"),
        ({"bounds": (1, 2, 3)}, ValueError, "2 elements"),
        ({"bounds": (2, 3)}, ValueError, "outside of provided bounds"),
        ({"method": "trf"}, ValueError, "`method` is 'trf', expected 'lm'"),
        ({"loss": "huber"}, ValueError, "`loss` is 'huber'"),
        ({"loss": abs}, ValueError, "`loss` is"),
        ({"tr_solver": "lsmr"}, ValueError, "`tr_solver` is"),
        ({"tr_options": {}}, ValueError, "`tr_options` is"),
        ({"jac_sparsity": np.eye(2)}, ValueError, "`jac_sparsity` is"),
        ({"callback": print}, ValueError, "`callback` is"),
        ({"workers": 2}, ValueError, "`workers` is 2"),
        ({"verbose": 2}, ValueError, "`verbose` is 2"),
        ({"x_scale": "auto"}, ValueError, "`x_scale` is 'auto'"),
        ({"x_scale": [1, 2, 3]}, ValueError, r"`x_scale` has shape \(3,\)"),
        ({"x_scale": [1, 0]}, ValueError, "positive"),
        ({"weights": [1, 2, 3]}, ValueError, "`weights` has length 3, expected 2"),
        ({"weights": [1, -2]}, ValueError, "`weights` is .* at least 0"),
        ({"weights": [1, math.nan]}, ValueError, "`weights` is"),
        ({"weights": 2}, ValueError, r"`weights` has shape \(\), expected 1 dimension"),
        ({"weights": "abc"}, TypeError, "`weights` is str"),
        ({"ftol": -1}, ValueError, "`ftol` is -1"),
        ({"gtol": math.nan}, ValueError, "`gtol` is nan"),
        ({"ftol": None, "xtol": 1e-17, "gtol": 0}, ValueError, "At least one of the tolerances"),
        ({"max_nfev": 0}, ValueError, "`max_nfev` is 0"),
        ({"max_nfev": 2.5}, ValueError, "`max_nfev` is 2.5"),
        ({"diff_step": 0}, ValueError, "`diff_step` is 0"),
        ({"diff_step": [1e-8, 1e-8]}, ValueError, "`diff_step` is an array"),
    ],
)
def test_bad_input_names_the_argument(options, error, match):
    with pytest.raises(error, match=match):
        least_squares(**({"fun": rosenbrock, "x0": [-1.2, 1.0]} | options))


def test_a_search_inside_a_search():
    def outer(x):
        inner = least_squares(lambda y: y - x[0], [0.0])
        return np.array([inner.x[0] - 2.0, 0.1 * x[0]])

    assert least_squares(outer, [0.0]).x == pytest.approx([2 / 1.01], rel=1e-6)


def test_sixteen_threads_at_once_give_the_same_bits():
    def run(_):
        found = [least_squares(decay, [1.0, 1.0, c], decay_jac) for c in np.linspace(0, 1, 20)]
        return np.array([f.x for f in found]), np.array([f.cov for f in found])

    alone = run(0)
    with ThreadPoolExecutor(16) as pool:
        for found in pool.map(run, range(16)):
            assert same_bits(found[0], alone[0])
            assert same_bits(found[1], alone[1])


def test_nothing_leaks():
    class Residuals:
        def __call__(self, x):
            return rosenbrock(x)

    f = Residuals()
    watched = weakref.ref(f)
    least_squares(f, [-1.2, 1.0])
    del f
    gc.collect()
    assert watched() is None
