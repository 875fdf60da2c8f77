"""`curve_fit` of one set of data: SciPy's meaning of everything, and what bad input gets."""

import functools
import math
import warnings

import numpy as np
import pytest
from ferrotran.optimize import OptimizeWarning, curve_fit, models
from house import same_bits

inf, nan = math.inf, math.nan
EPS = np.finfo(float).eps

X = np.linspace(0, 4, 50)
NOISE = np.random.default_rng(7).standard_normal(50)


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def decay_jac(x, a, b, c):
    e = np.exp(-b * x)
    return np.stack([e, -a * x * e, np.ones_like(x)], axis=1)


Y = decay(X, 2.5, 1.3, 0.5) + 0.1 * NOISE
SIGMA = 0.05 + 0.05 * X
TRIDIAGONAL = np.diag(SIGMA**2) + np.diag(np.full(49, 1e-3), 1) + np.diag(np.full(49, 1e-3), -1)
OPTIONS = {
    "plain": {},
    "start": {"p0": [1.0, 2.0, 0.0]},
    "jacobian": {"jac": decay_jac},
    "transposed jacobian": {"jac": lambda x, *p: decay_jac(x, *p).T, "col_deriv": 1},
    "errors": {"sigma": SIGMA},
    "absolute errors": {"sigma": SIGMA, "absolute_sigma": True},
    "one error": {"sigma": 0.1, "absolute_sigma": True},
    "covariance": {"sigma": TRIDIAGONAL, "absolute_sigma": True},
    "covariance, jacobian": {"sigma": TRIDIAGONAL, "jac": decay_jac},
    "tolerances": {"ftol": 1e-10, "xtol": 1e-6, "gtol": 1e-12, "maxfev": 500},
    "factor and scale": {"factor": 1.0, "diag": [1.0, 2.0, 3.0]},
    "wide steps": {"epsfcn": 1e-12},
    "bounds": {"bounds": ([0, 0, 0.6], [3, 2, 1])},
    "bounds, jacobian": {"bounds": (0, [2.0, inf, inf]), "jac": decay_jac},
    "bounds and maxfev": {"bounds": (0, 10), "maxfev": 100},
}


def within(ours, theirs, share=1e-3):
    """Assert parameters within a share of the standard errors, and errors within that share."""
    errors = np.sqrt(np.diag(theirs[1]))
    assert (np.abs(ours[0] - theirs[0]) <= share * errors).all()
    if np.isfinite(errors).all():
        assert np.sqrt(np.diag(ours[1])) == pytest.approx(errors, rel=share)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("model", [decay, "exponential"])
def test_agrees_with_scipy(name, model):
    theirs = pytest.importorskip("scipy.optimize").curve_fit
    options = OPTIONS[name]
    ours = dict(options)
    if model != decay:
        ours.pop("jac", None)
        ours.pop("col_deriv", None)
    # Both stop where the sum of squares changes by 1.5e-8: its root over the freedom is 1e-4 of a
    # standard error. The covariance belongs to the result here, to one step before it there. At a
    # bound SciPy's methods stay inside, so that the others shift by more.
    share = 0.02 if "bounds" in options else 1e-3
    found = curve_fit(model, X, Y, **ours)
    expected = theirs(decay, X, Y, **options)
    if "bounds" in options:
        free = np.abs(expected[0] - found[0]) <= 1e-6 + share * np.sqrt(np.diag(expected[1]))
        assert free.all()
        lower, upper = np.broadcast_arrays(*options["bounds"], np.zeros(3))[:2]
        assert ((lower <= found[0]) & (found[0] <= upper)).all()
    else:
        within(found, expected, share)


def test_full_output():
    popt, _, info, mesg, ier = curve_fit(decay, X, Y, sigma=SIGMA, full_output=True)
    assert set(info) == {"nfev", "fvec", "cost"}
    assert info["nfev"] > 5
    # One rounding each for difference and quotient.
    assert info["fvec"] == pytest.approx((decay(X, *popt) - Y) / SIGMA, rel=1e-12, abs=1e-14)
    assert info["cost"] == pytest.approx(0.5 * (info["fvec"] ** 2).sum(), rel=1e-12)
    assert isinstance(mesg, str)
    assert ier in (1, 2, 3, 4)
    built_in = curve_fit("exponential", X, Y, sigma=SIGMA, full_output=True)
    assert built_in[2]["fvec"] == pytest.approx(info["fvec"], abs=1e-4)
    assert built_in[2]["fvec"].shape == X.shape
    assert len(curve_fit(decay, X, Y)) == 2


@pytest.mark.parametrize("model", [decay, "exponential"])
def test_no_freedom_no_covariance(model):
    x, y = X[[0, 20, 45]], Y[[0, 20, 45]]
    with pytest.warns(OptimizeWarning, match="could not be estimated") as caught:
        popt, pcov = curve_fit(model, x, y, p0=[2.0, 1.0, 0.5])
    assert caught[0].filename == __file__
    assert np.isfinite(popt).all()
    assert np.isinf(pcov).all()
    # With errors in the units of the data the covariance is known.
    pcov = curve_fit(model, x, y, [2.0, 1.0, 0.5], sigma=0.1, absolute_sigma=True)[1]
    assert np.isfinite(pcov).all()


def test_an_open_parameter_has_no_covariance():
    with pytest.warns(OptimizeWarning, match="could not be estimated"):
        _, pcov = curve_fit(lambda x, a, b: a * x, X, Y)
    assert np.isinf(pcov).all()


@pytest.mark.parametrize("model", [decay, "exponential"])
def test_a_fit_that_fails_raises(model):
    with pytest.raises(RuntimeError, match=r"Optimal parameters not found: .*maxfev"):
        curve_fit(model, X, Y, p0=[1.0, 1.0, 0.0], maxfev=3)
    with pytest.raises(RuntimeError, match="not finite"):
        curve_fit(model, X, Y, p0=[nan, 1.0, 0.0])
    # exp overflows, and a step back does not exist.
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(RuntimeError):
        curve_fit(model, X, Y, p0=[1.0, -1e4, 0.0])


@pytest.mark.parametrize("sigma", [None, SIGMA, 0.1, TRIDIAGONAL])
@pytest.mark.parametrize("model", [decay, "exponential"])
def test_nan_is_refused_or_left_out(model, sigma):
    x, y = X.copy(), Y.copy()
    x[3], y[40] = nan, nan
    good = np.isfinite(x) & np.isfinite(y)
    p0 = [2.0, 1.0, 0.5]
    for options in ({}, {"check_finite": True, "nan_policy": "omit"}):
        with pytest.raises(ValueError, match="`xdata` must not contain infs or NaNs"):
            curve_fit(model, x, y, p0, sigma, **options)
    with pytest.raises(ValueError, match="contains nan"):
        curve_fit(model, x, y, p0, sigma, nan_policy="raise")
    with pytest.raises(ValueError, match="propagate"):
        curve_fit(model, x, y, p0, sigma, nan_policy="propagate")
    with pytest.raises(ValueError, match="nan_policy must be one of"):
        curve_fit(model, x, y, p0, sigma, nan_policy="drop")
    found = curve_fit(model, x, y, p0, sigma, nan_policy="omit", full_output=True)
    rest = sigma if np.ndim(sigma) == 0 else sigma[good]
    rest = rest if np.ndim(sigma) < 2 else rest[:, good]
    expected = curve_fit(model, x[good], y[good], p0, rest, full_output=True)
    assert same_bits(found[0], expected[0])
    assert same_bits(found[1], expected[1])
    assert same_bits(found[2]["fvec"], expected[2]["fvec"])
    with pytest.raises(RuntimeError, match="not finite"):
        curve_fit(model, x, y, p0, sigma, check_finite=False)
    with pytest.raises(TypeError, match="number of data points=2"):
        curve_fit(model, X, np.where(X > 0.1, nan, Y), p0, nan_policy="omit")


@pytest.mark.parametrize("name", models.__all__[1:])
def test_built_in_models_are_their_formulas(name):
    formulas = {
        "gaussian": lambda x, a, m, s, c: a * np.exp(-((x - m) ** 2) / (2 * s * s)) + c,
        "lorentzian": lambda x, a, m, w, c: a / (1 + ((x - m) / w) ** 2) + c,
        "pseudo_voigt": lambda x, a, m, w, f, c: (
            a * (f / (1 + ((x - m) / w) ** 2) + (1 - f) * 2 ** -(((x - m) / w) ** 2)) + c
        ),
        "exponential": lambda x, a, k, c: a * np.exp(-k * x) + c,
        "double_exponential": lambda x, a, k, b, q, c: a * np.exp(-k * x) + b * np.exp(-q * x) + c,
        "power": lambda x, a, b, c: a * x**b + c,
        "logistic": lambda x, a, m, k, c: a / (1 + np.exp(-k * (x - m))) + c,
        "polynomial": lambda x, *p: np.polynomial.polynomial.polyval(x, p),
        "sine": lambda x, a, f, h, c: a * np.sin(2 * np.pi * f * x + h) + c,
    }
    model, formula = getattr(models, name), formulas[name]
    n = len(model.parameters) or 4
    p = np.array([1.5, 0.7, 0.4, 0.3, 0.2])[:n]
    x = np.linspace(0.1, 3, 41)
    values = model(x, *p)
    # Some ulps of the largest term on either side.
    assert values == pytest.approx(formula(x, *p), abs=32 * EPS * 4)
    jac = model.jac(x, *p)
    assert jac.shape == (41, n)
    for j in range(n):
        # Central differences: h^2 and eps / h, both about 1e-10.
        step = np.eye(n)[j] * 1e-5
        slope = (formula(x, *(p + step)) - formula(x, *(p - step))) / 2e-5
        assert jac[:, j] == pytest.approx(slope, rel=1e-6, abs=1e-7)
    p0 = None if model.parameters else np.zeros(n)
    popt, _ = curve_fit(name, x, values, p0)
    assert model(x, *popt) == pytest.approx(values, abs=1e-7)
    assert same_bits(popt, curve_fit(model, x, values, p0)[0])
    if model.parameters:
        start = model.guess(x, values)
        assert start.shape == (n,)
        assert same_bits(curve_fit(model, x, values, start)[0], popt)


def test_models_broadcast_and_are_scipys_too():
    centers = np.array([[0.0], [1.0], [2.0]])
    x = np.linspace(-1, 3, 5)
    many = models.gaussian(x, 1.0, centers, 0.5, 0.0)
    assert many.shape == (3, 5)
    for row, center in zip(many, centers[:, 0], strict=True):
        assert same_bits(row, models.gaussian(x, 1.0, center, 0.5, 0.0))
    assert models.gaussian(0.5, 1.0, 0.5, 2.0, 0.25) == 1.25
    assert models.gaussian(x, x, x, 1.0, 0.0) == pytest.approx(x)
    assert models.gaussian.jac(x, 1.0, centers, 0.5, 0.0).shape == (3, 5, 4)
    assert models.gaussian.guess(x, many).shape == (3, 4)
    theirs = pytest.importorskip("scipy.optimize").curve_fit
    y = models.exponential(X, 2.5, 1.3, 0.5) + 0.1 * NOISE
    found = theirs(models.exponential, X, y, [1, 1, 0], jac=models.exponential.jac)
    within(curve_fit("exponential", X, y), found)
    with pytest.raises(TypeError, match="got 2 parameters, expected amplitude, mean"):
        models.gaussian(x, 1.0, 2.0)
    with pytest.raises(ValueError, match="degree is not known"):
        models.polynomial.guess(x, x)


def test_any_predictors_reach_a_python_callable():
    u, v = np.meshgrid(np.linspace(0, 1, 6), np.linspace(1, 2, 5))
    grid = np.stack([u.ravel(), v.ravel()])
    y = 2 + 3 * grid[0] - grid[1]

    def plane(x, a, b, c):
        return a + b * x[0] + c * x[1]

    assert curve_fit(plane, grid, y)[0] == pytest.approx([2, 3, -1], abs=1e-6)
    points = {"u": grid[0], "v": grid[1]}
    popt, _ = curve_fit(lambda x, a, b, c: a + b * x["u"] + c * x["v"], points, y)
    assert popt == pytest.approx([2, 3, -1], abs=1e-6)


@pytest.mark.parametrize("layout", [
    list, lambda a: np.repeat(a, 2)[::2], lambda a: a[::-1].copy()[::-1], lambda a: a.astype(">f8"),
])  # fmt: skip
@pytest.mark.parametrize("model", [decay, "exponential"])
def test_data_of_any_layout_are_left_alone(layout, model):
    x, y, sigma = layout(X), layout(Y), layout(SIGMA)
    for array in (x, y, sigma):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    found = curve_fit(model, x, y, [1.0, 1.0, 0.0], sigma)
    expected = curve_fit(model, X, Y, [1.0, 1.0, 0.0], SIGMA)
    assert same_bits(found[0], expected[0])
    assert same_bits(found[1], expected[1])
    assert same_bits(np.asarray(y, float), Y)


def test_the_signature_names_the_parameters():
    class Model:
        def method(self, x, a, b):
            return a * x + b

        def __call__(self, x, a, b):
            return a * x + b

    for f in (Model().method, Model(), functools.partial(lambda k, x, a, b: k * a * x + b, 1.0)):
        assert curve_fit(f, X, 2 * X + 1)[0] == pytest.approx([2, 1], abs=1e-6)
    for f in (lambda x, *p: p[0] * x, lambda x: x):
        with pytest.raises(ValueError, match="Unable to determine number of fit parameters"):
            curve_fit(f, X, Y)
    assert curve_fit(lambda x, *p: p[0] * x, X, 2 * X, p0=1)[0] == pytest.approx([2])


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3)])
@pytest.mark.parametrize("where", ["f", "jac"])
def test_an_exception_comes_out_as_itself(error, where):
    def failing(x, *p):
        raise error

    options = {"jac": failing} if where == "jac" else {}
    with pytest.raises(type(error)) as caught:
        curve_fit(decay if where == "jac" else failing, X, Y, [1.0, 1.0, 0.0], **options)
    assert caught.value is error


BAD = [
    ({"f": "gauss"}, ValueError, "`f` is 'gauss', expected one of gaussian, lorentzian"),
    ({"f": 3}, TypeError, "`f` is int, expected a callable"),
    ({"f": lambda x, a, b, c: "abc"}, TypeError, "."),
    ({"f": lambda x, a, b, c: x[:2]}, ValueError, "broadcast"),
    ({"f": lambda x, a, b, c: np.ones((2, 50))}, ValueError, "1-d"),
    ({"jac": lambda x, a, b, c: np.ones((50, 2))}, ValueError, r"expected \(50, 3\)"),
    ({"jac": "3-point"}, ValueError, "`jac` is '3-point'"),
    ({"jac": 3}, TypeError, "`jac` is 3"),
    ({"ydata": "abc"}, TypeError, "`ydata` is str"),
    ({"ydata": Y + 1j}, ValueError, "`ydata` is complex"),
    ({"ydata": []}, ValueError, "`ydata` must not be empty"),
    ({"ydata": np.where(X > 3, inf, Y)}, ValueError, "`ydata` must not contain infs"),
    ({"xdata": X[:-1]}, ValueError, "broadcast"),
    ({"p0": "abc"}, TypeError, "`p0` is str"),
    ({"p0": [1.0] * 51, "f": lambda x, *p: x}, TypeError, "parameters=51 must not exceed"),
    ({"sigma": X[:-1]}, ValueError, "`sigma` has incorrect shape"),
    ({"sigma": -TRIDIAGONAL}, ValueError, "positive definite"),
    ({"bounds": (1, 0)}, ValueError, "strictly less"),
    ({"bounds": ([0, 0], 1)}, ValueError, "Inconsistent shapes"),
    ({"bounds": (5, 6), "p0": [1, 1, 1]}, ValueError, "Initial guess is outside"),
    ({"method": "trf"}, ValueError, "`method` is 'trf'"),
    ({"args": (1,)}, ValueError, "'args' is not a supported"),
    ({"loss": "cauchy"}, ValueError, "`loss` is 'cauchy'"),
    ({"verbose": 2}, ValueError, "`verbose` is 2"),
    ({"maxiter": 3}, TypeError, "unexpected keyword argument 'maxiter'"),
    ({"maxfev": -3}, ValueError, "`maxfev` is -3"),
    ({"ftol": 0, "xtol": 0}, ValueError, "At least one of the tolerances"),
    ({"factor": -1}, ValueError, "`factor` is -1"),
    ({"p0": []}, ValueError, "`p0` is empty"),
    ({"workers": 0}, ValueError, "`workers` is 0"),
    ({"progress": 3}, TypeError, "`progress` is 3"),
]
NATIVE = [
    ({"xdata": X[:-1]}, ValueError, r"`xdata` has shape \(49,\), expected 50 points"),
    ({"xdata": np.stack([X, X])}, ValueError, "2 predictors for a model of 1"),
    ({"p0": [1.0, 2.0]}, ValueError, "`p0` has 2 parameters, expected 3: amplitude, rate"),
    ({"jac": decay_jac}, ValueError, "`jac` is a callable, but `f`"),
    ({"sigma": -SIGMA}, RuntimeError, "sigma is not positive"),
    ({"sigma": -TRIDIAGONAL}, RuntimeError, "sigma is not positive"),
    ({"workers": 0}, ValueError, "`workers` is 0"),
    ({"f": "polynomial"}, ValueError, "give `p0`"),
]


@pytest.mark.parametrize(("options", "error", "match"), BAD)
def test_bad_input_names_the_argument(options, error, match):
    with pytest.raises(error, match=match):
        curve_fit(**({"f": decay, "xdata": X, "ydata": Y} | options))


@pytest.mark.parametrize(("options", "error", "match"), NATIVE)
def test_bad_input_for_a_built_in_model_names_the_argument(options, error, match):
    with pytest.raises(error, match=match):
        curve_fit(**({"f": "exponential", "xdata": X, "ydata": Y} | options))


def test_nothing_is_warned_of_when_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve_fit(decay, X, Y)
        curve_fit("exponential", X, Y)
