"""`quad` with Python callables: SciPy's meaning of everything, and what bad input gets."""

import math
import platform
import warnings
from concurrent.futures import ThreadPoolExecutor

import ferrotran as ft
import numpy as np
import pytest
from ferrotran.integrate import IntegrationWarning, quad, quad_batch
from hypothesis import given
from hypothesis import strategies as st
from quad_families import FAMILIES, rows

inf = math.inf


def reason(result):
    """Map a full output to QUADPACK's `ier`, from SciPy's words or ours."""
    if len(result) == 3:
        return 0
    words = {
        "maximum number of subdivisions": 1,
        "roundoff error": 2,
        "xtremely bad": 3,
        "not converge": 4,
        "divergent": 5,
    }
    return max(ier for text, ier in words.items() if text in result[3])


# Name, integrand, limits, options.
CASES = [
    ("exp", math.exp, 0, 1, {}),
    ("reversed", math.exp, 1, 0, {}),
    ("one evaluation is exact", lambda x: 3.0, -1, 4, {}),
    ("zero", lambda x: 0.0, 0, 1, {}),
    ("gauss", lambda x: math.exp(-x * x), -inf, inf, {}),
    ("half gauss", lambda x: math.exp(-x * x), inf, 0, {}),
    ("lorentz", lambda x: 1 / (1 + x * x), -inf, 2, {}),
    ("slow decay", lambda x: 1 / x, 1, inf, {}),
    ("sinc", lambda x: math.sin(x) / x, 0, inf, {}),
    ("pole", lambda x: 1 / (x - 0.5) ** 2 if x != 0.5 else 0, 0, 1, {"points": [0.5]}),
    ("step", lambda x: float(x > 1 / 3), 0, 1, {}),
    ("step with point", lambda x: float(x > 1 / 3), 0, 1, {"points": [1 / 3]}),
    ("root", lambda x: abs(x - 0.3) ** 0.5, 0, 1, {}),
    ("two points", lambda x: abs(x - 0.3) ** -0.5 + abs(x - 0.7) ** -0.3, 0, 1,
     {"points": [0.7, 0.3, 0.3, 5]}),
    ("logarithms", lambda x: math.log(abs((x - 1) * (x * x - 2))), 0, 3,
     {"points": np.array([1, math.sqrt(2)]), "epsabs": 0, "epsrel": 1e-10}),
    ("points reversed", lambda x: abs(x - 0.3) ** 0.5, 1, 0, {"points": (0.3,)}),
    ("dense oscillation", lambda x: math.sin(1 / x), 0, 1, {"limit": 200}),
    ("fast oscillation", lambda x: math.cos(1e4 * x) * x, 0, 1, {}),
    ("tight", lambda x: math.exp(-x) * math.sin(50 * x), 0, 10, {"epsabs": 0, "epsrel": 1.2e-14}),
    ("limit 2", lambda x: abs(x - 0.1) ** 0.5, 0, 1, {"limit": 2}),
    ("arguments", lambda x, p, q: x**p + q, 0, 1, {"args": (0.3, 2)}),
    ("one argument", lambda x, p: x**p, 0, 1, {"args": -0.5}),
]  # fmt: skip
MEMBERS = [(1, -0.65), (1, 1.3), (2, 6.0), (3, 5.5), (7, 0.3), (10, 0.4)]
MEMBERS += [(11, 0.6), (12, 7.0), (13, 4.0), (14, 2.0), (15, 3.0), (16, 0.4)]
for number, parameter in MEMBERS:
    a, b, points, f = FAMILIES[number]
    CASES.append((f"family {number}", f, a, b, {"args": (parameter,), "points": points}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_agrees_with_scipy(case):
    scipy_quad = pytest.importorskip("scipy.integrate").quad
    _, f, a, b, options = case
    ours = quad(f, a, b, full_output=1, **options)
    theirs = scipy_quad(f, a, b, full_output=1, **options)
    # Within the sum of both claims, which is what either can promise.
    assert abs(ours[0] - theirs[0]) <= ours[1] + theirs[1]
    assert reason(ours) == reason(theirs)
    assert set(ours[2]) == set(theirs[2])
    # The aim: at most 5 % more evaluations; one bisection is the unit.
    assert ours[2]["neval"] <= max(1.05 * theirs[2]["neval"], theirs[2]["neval"] + 60)
    if platform.machine() not in ("x86_64", "AMD64"):
        return
    # There neither side fuses multiply and add, and both follow QUADPACK's order of operations:
    # the steps are the same, and the last bits of the sums differ at most.
    # The extrapolation may magnify an ulp some hundred times.
    assert abs(ours[0] - theirs[0]) <= 1e-13 * abs(theirs[0])
    assert abs(ours[1] - theirs[1]) <= 0.05 * theirs[1]
    last = ours[2]["last"]
    assert last == theirs[2]["last"]
    assert ours[2]["neval"] == theirs[2]["neval"]
    # As sets: where two halves have the same error, the last bits decide on the order.
    keys = ["alist", "blist"] + ["level"] * ("pts" in ours[2])
    sets = [set(zip(*(r[2][key][:last] for key in keys), strict=True)) for r in (ours, theirs)]
    assert sets[0] == sets[1]
    if "pts" in ours[2]:
        parts = len(ours[2]["pts"]) - 1
        assert (ours[2]["pts"] == theirs[2]["pts"]).all()
        assert (ours[2]["ndin"] == theirs[2]["ndin"][:parts]).all()


def test_families_need_no_more_evaluations_than_scipy():
    scipy_quad = pytest.importorskip("scipy.integrate").quad
    ours = theirs = 0
    for number, parameter, _ in rows():
        a, b, points, f = FAMILIES[number]
        options = dict(args=(parameter,), points=points, epsabs=0, epsrel=1e-8, limit=200)
        try:
            info = scipy_quad(f, a, b, full_output=1, **options)[2]
        except ZeroDivisionError:
            continue
        theirs += info["neval"]
        ours += quad(f, a, b, full_output=1, **options)[2]["neval"]
    assert ours <= 1.05 * theirs


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 20))
def test_reversed_limits_change_the_sign(a, b, p):
    def f(x):
        return math.cos(p * x)

    forth, back = quad(f, a, b), quad(f, b, a)
    assert back == (-forth[0], forth[1])


def test_an_empty_range_is_zero_without_a_call():
    assert quad(lambda x: 1 / 0, 2, 2) == (0.0, 0.0)
    value, abserr, info = quad(lambda x: 1 / 0, inf, inf, full_output=1, limit=3)
    assert (value, abserr, info["neval"], info["last"]) == (0.0, 0.0, 0, 0)
    assert all(len(info[key]) == 3 for key in ("alist", "blist", "rlist", "elist", "iord"))


def test_a_missed_tolerance_warns_at_the_caller():
    with pytest.warns(IntegrationWarning, match="maximum number of subdivisions") as caught:
        quad(lambda x: abs(x - 0.1) ** 0.5, 0, 1, limit=2)
    assert caught[0].filename == __file__
    assert "`limit` is 2" in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        *_, message = quad(lambda x: abs(x - 0.1) ** 0.5, 0, 1, limit=2, full_output=True)
        assert "maximum number" in message
        with pytest.raises(IntegrationWarning):
            quad(lambda x: abs(x - 0.1) ** 0.5, 0, 1, limit=2)
    assert issubclass(IntegrationWarning, UserWarning)


def test_one_interval_is_enough_when_it_converges():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert quad(math.exp, 0, 1, limit=1)[0] == pytest.approx(math.e - 1)


def test_a_huge_limit_costs_nothing():
    assert quad(lambda x: x**0.3, 0, 1, limit=10**8)[0] == pytest.approx(1 / 1.3)
    with pytest.raises(ValueError, match=r"`limit` is .*fits in memory"):
        quad(math.exp, 0, 1, limit=2**62)


def test_nan_and_infinity():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (lambda x: math.nan, lambda x: math.nan if x < 0.01 else x**-0.5):
            value, abserr = quad(f, 0, 1)
            assert math.isnan(value)
            assert math.isnan(abserr)
        for a, b in ((math.nan, 1), (0, math.nan)):
            assert math.isnan(quad(math.exp, a, b)[0])
    value, abserr, _, message = quad(lambda x: inf if x == 0 else 1.0, -1, 1, full_output=1)
    assert (value, abserr) == (inf, inf)
    assert "badly" in message


def test_quad_inside_quad():
    def inner(x):
        return quad(lambda y: math.exp(-x * y), 0, x)[0]

    nested, _ = quad(inner, 0, 2)
    direct, _ = quad(lambda x: -math.expm1(-x * x) / x, 0, 2)
    assert nested == pytest.approx(direct, abs=1e-7)


def test_complex_integrands():
    value, abserr = quad(lambda x: np.exp(1j * x), 0, 1, complex_func=True)
    assert value == pytest.approx((np.exp(1j) - 1) / 1j)
    assert isinstance(abserr, complex)
    *_, both = quad(lambda x: np.exp(1j * x), 0, 1, complex_func=True, full_output=1)
    assert both["real"][0]["neval"] == both["imag"][0]["neval"] == 21
    with pytest.raises(TypeError, match=r"`func` returned complex.*complex_func"):
        quad(lambda x: 1j * x, 0, 1)


@pytest.mark.parametrize(
    "error", [ValueError("mine"), KeyError("k"), KeyboardInterrupt(), SystemExit(3)]
)
def test_an_exception_comes_out_as_itself(error):
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        if calls == 30:
            raise error
        return x**0.5

    with pytest.raises(type(error)) as caught:
        quad(f, 0, 1)
    assert caught.value is error
    assert calls == 30
    assert f.__name__ in [entry.name for entry in caught.traceback]


@pytest.mark.parametrize("value", ["a", None, [1.0], 1j, np.ones(2), object()])
def test_a_wrong_type_names_the_integrand(value):
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"`func` returned {kind}, expected a float") as caught:
        quad(lambda x: value, 0, 1)
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize("value", [1, True, np.float32(1), np.array(1.0)])
def test_what_converts_to_a_float_is_a_value(value):
    assert quad(lambda x: value, 0, 2)[0] == 2.0


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"epsabs": 0, "epsrel": 1e-15}, ValueError, "`epsrel` is 0.0*1, expected at least 50"),
        ({"epsabs": math.nan}, ValueError, "`epsabs` is NaN"),
        ({"limit": 0}, ValueError, "`limit` is 0"),
        ({"limit": -3}, ValueError, "`limit` is -3"),
        ({"limit": 2.5}, TypeError, "'limit'"),
        ({"limit": 2, "points": [0.2, 0.3]}, ValueError, "`limit` is 2, expected .* points"),
        ({"points": ["x"]}, TypeError, "`points` is"),
        ({"b": inf, "points": [0.5]}, ValueError, "`points` is 0.5, expected .* infinite"),
        ({"weight": "cos", "wvar": 1}, ValueError, "`weight` is 'cos', expected None"),
        ({"func": 3}, TypeError, "`func` is int, expected a callable"),
        ({"a": "x"}, TypeError, "'a'"),
        ({"b": np.zeros(2)}, TypeError, "'b'"),
    ],
)
def test_bad_input_names_the_argument(options, error, match):
    with pytest.raises(error, match=match):
        quad(**({"func": math.exp, "a": 0, "b": 1} | options))


def test_sixteen_threads_at_once_give_the_same_bits():
    def run(_):
        return [quad(lambda x, p: math.cos(p * math.sin(x)), 0, 3, args=(p,)) for p in range(20)]

    alone = run(0)
    with ThreadPoolExecutor(16) as pool:
        assert all(result == alone for result in pool.map(run, range(16)))


def test_a_batch_of_a_python_callable_is_a_loop_of_quad():
    powers, ends = np.array([[0.5], [1.5]]), np.array([1.0, 2.0, 3.0])
    batch = quad_batch(lambda x, p: x**p, 0, ends, args=(powers,))
    assert isinstance(batch, ft.integrate.QuadBatch)
    assert batch.value.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            one = quad(lambda x, p: x**p, 0, ends[j], args=(powers[i, 0],), full_output=1)
            assert (batch.value[i, j], batch.abserr[i, j]) == one[:2]
            assert batch.neval[i, j] == one[2]["neval"]
    assert not batch.status.any()
    with pytest.raises(ZeroDivisionError):
        quad_batch(lambda x, p: 1 / 0, 0, 1, args=(powers,))


def test_scalars_and_nothing_are_batches_too():
    one = quad_batch(math.exp, 0, 1)
    assert one.value.shape == ()
    assert float(one.value) == quad(math.exp, 0, 1)[0]
    assert quad_batch(math.exp, 0, np.empty((0, 3))).value.shape == (0, 3)
    strided = np.arange(10.0)[::-3]
    assert (
        quad_batch(math.exp, 0, strided).value == [quad(math.exp, 0, b)[0] for b in strided]
    ).all()


def test_a_batch_warns_once():
    with pytest.warns(IntegrationWarning, match="2 of 3 integrals") as caught:
        batch = quad_batch(lambda x, p: abs(x - p) ** 1.5, 0, 1, args=([0.1, 0.0, 0.2],), limit=6)
    assert len(caught) == 1
    assert list(batch.status) == [1, 0, 1]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"a": [0, 1], "b": [1, 2, 3]}, ValueError, r"shapes \(\(2,\), \(3,\)\)"),
        ({"a": "x"}, TypeError, "`a` is x"),
        ({"args": ("x",)}, TypeError, "`args` is x"),
        ({"workers": 0}, ValueError, "`workers` is 0"),
        ({"workers": -2}, ValueError, "`workers` is -2"),
        ({"limit": 0}, ValueError, "`limit` is 0"),
    ],
)
def test_bad_input_of_a_batch_names_the_argument(options, error, match):
    arguments = {"func": lambda x, *args: x, "a": 0, "b": 1} | options
    with pytest.raises(error, match=match):
        quad_batch(**arguments)
