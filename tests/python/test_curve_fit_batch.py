"""`curve_fit` of many sets of data: the bits of one by one, failures alone, progress, Ctrl-C."""

import math
import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import ferrotran as ft
import numpy as np
import pytest
from ferrotran.optimize import OptimizeWarning, curve_fit, models
from house import same_bits

nan, inf = math.nan, math.inf
X = np.linspace(-5, 5, 64)
START = [1.0, 0.0, 1.0, 0.0]


def gaussian(x, a, m, s, c):
    return a * np.exp(-0.5 * ((x - m) / s) ** 2) + c


def peaks(count, m=64):
    rng = np.random.default_rng(1)
    ranges = [(0.5, 2.0), (-1.5, 1.5), (0.6, 1.6), (-0.2, 0.2)]
    parameters = [rng.uniform(low, high, (count, 1)) for low, high in ranges]
    return gaussian(X[:m], *parameters) + 0.02 * rng.standard_normal((count, m))


Y = peaks(300)
SIGMA = np.random.default_rng(2).uniform(0.01, 0.03, Y.shape)
STARTS = np.array(START) + np.random.default_rng(3).uniform(0, 0.2, (300, 4))
XS = X + np.random.default_rng(4).uniform(-0.05, 0.05, (300, 1))


def same(batch, members):
    """Whether the arrays of a batch have the bits of the members' own."""
    pairs = zip(batch, zip(*members, strict=True), strict=True)
    return all(same_bits(many, ones) for many, ones in pairs)


@pytest.mark.parametrize("name", [m for m in models.__all__ if m not in ("Model", "polynomial")])
def test_every_built_in_model_has_the_bits_of_one_by_one(name):
    model = getattr(models, name)
    rng = np.random.default_rng(5)
    x, count = np.linspace(0.1, 4.0, 50), 29
    start = np.ones(len(model.parameters))
    p = start + rng.uniform(0, 0.3, (count, start.size))
    y = model(x, *p.T[..., None]) + 0.01 * rng.standard_normal((count, x.size))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        batch = curve_fit(name, x, y, p)
        for i in range(count):
            if np.isfinite(batch[0][i]).all():
                one = curve_fit(name, x, y[i], p[i])
                assert same_bits(batch[0][i], one[0])
                assert same_bits(batch[1][i], one[1])


@pytest.mark.parametrize(
    "which", ["shared", "starts", "sigma", "x", "guess", "bounds", "absolute", "covariance"]
)
@pytest.mark.parametrize("model", ["gaussian", gaussian])
def test_a_batch_has_the_bits_of_one_by_one(model, which):
    count = 300 if isinstance(model, str) else 12
    options = {"p0": START}
    parts = {}
    if which == "starts":
        parts["p0"] = STARTS[:count]
    if which in ("sigma", "absolute"):
        parts["sigma"] = SIGMA[:count]
        options["absolute_sigma"] = which == "absolute"
    if which == "covariance":
        parts["sigma"] = np.eye(64) * SIGMA[:count, None] ** 2
        parts["sigma"][:, 0, 1] = parts["sigma"][:, 1, 0] = 5e-5
    if which == "guess" and isinstance(model, str):
        options.pop("p0")
    if which == "bounds":
        options["bounds"] = ([0, -2, 0.5, -inf], [1.5, 2, 3, inf])
    xs = XS[:count] if which == "x" else X
    y = Y[:count]
    loop = []
    for i in range(count):
        own = {name: part[i] for name, part in parts.items()}
        loop.append(curve_fit(model, xs[i] if xs.ndim == 2 else xs, y[i], **(options | own)))
    for workers in (1, 2, 7, -1, None):
        batch = curve_fit(model, xs, y, workers=workers, **(options | parts))
        assert batch[0].shape == (count, 4)
        assert batch[1].shape == (count, 4, 4)
        assert same(batch, loop)


def test_leading_axes_broadcast():
    y = Y[:6].reshape(2, 3, 64)
    starts = STARTS[:2].reshape(2, 1, 4)
    popt, pcov = curve_fit("gaussian", X, y, starts, sigma=SIGMA[:3])
    assert popt.shape == (2, 3, 4)
    assert pcov.shape == (2, 3, 4, 4)
    for i, j in np.ndindex(2, 3):
        one = curve_fit("gaussian", X, y[i, j], starts[i, 0], sigma=SIGMA[j])
        assert same_bits(popt[i, j], one[0])
        assert same_bits(pcov[i, j], one[1])
    # One set of data from several starts.
    assert same_bits(
        curve_fit("gaussian", X, Y[0], STARTS[:5])[0],
        [curve_fit("gaussian", X, Y[0], start)[0] for start in STARTS[:5]],
    )
    # The same data at other points: the batch is what leads y.
    moved = curve_fit("gaussian", XS[:4], Y[:1], START)[0]
    assert moved.shape == (4, 4)
    for model in ("gaussian", gaussian):
        found = curve_fit(model, X, Y[:0], START, full_output=True)
        shapes = [found[k].shape for k in (0, 1, 3, 4)]
        assert shapes == [(0, 4), (0, 4, 4), (0,), (0,)]
        assert found[2]["fvec"].shape == (0, 64)


@pytest.mark.parametrize("layout", [
    np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2], lambda a: a[::-1].copy()[::-1],
    lambda a: a.astype(">f8"), list,
])  # fmt: skip
def test_layouts_do_not_matter(layout):
    expected = curve_fit("gaussian", XS, Y, STARTS, sigma=SIGMA)
    found = curve_fit("gaussian", layout(XS), layout(Y), layout(STARTS), sigma=layout(SIGMA))
    assert same_bits(found[0], expected[0])
    assert same_bits(found[1], expected[1])


@pytest.mark.parametrize("model", ["gaussian", gaussian])
def test_failed_fits_leave_the_others(model):
    count = 40
    y, x = Y[:count].copy(), np.broadcast_to(X, (count, 64)).copy()
    starts, sigma = STARTS[:count].copy(), SIGMA[:count].copy()
    y[3, 5], x[7, 0], y[11, 2], starts[13, 1] = nan, inf, -inf, nan
    bad = [3, 7, 11, 13]
    if isinstance(model, str):
        sigma[17, 4] = 0.0
        bad.append(17)
    with pytest.warns(OptimizeWarning, match=rf"{len(bad)} of 40 fits failed, .* at 3: ") as caught:
        popt, pcov, info, mesg, ier = curve_fit(model, x, y, starts, sigma, full_output=True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    good = np.ones(count, bool)
    good[bad] = False
    assert list(np.flatnonzero(np.isnan(popt).all(axis=1))) == bad
    assert np.isnan(pcov[~good]).all()
    assert same_bits(popt[good], curve_fit(model, x[good], y[good], starts[good], sigma[good])[0])
    assert ((ier >= 1) & (ier <= 4) == good).all()
    assert list(ier[[3, 7, 11, 13]]) == [-2] * 4
    assert mesg[0] != mesg[3] == "The data, the start or the model there are not finite."
    assert info["nfev"].shape == info["cost"].shape == (count,)
    assert info["fvec"].shape == (count, 64)
    expected = (gaussian(X, *popt[0]) - y[0]) / sigma[0]
    assert info["fvec"][0] == pytest.approx(expected, rel=1e-9, abs=1e-10)
    with pytest.raises(ValueError, match="`xdata` must not contain"):
        curve_fit(model, x, y, starts, check_finite=True)
    with pytest.raises(ValueError, match="contains nan"):
        curve_fit(model, x, y, starts, nan_policy="raise")


def test_one_of_a_million_fails():
    line = np.array([1.0, 2.0, 3.0, 4.0])
    y = np.broadcast_to(line, (1_000_000, 4)).copy()
    y[765_432, 1] = nan
    with pytest.warns(OptimizeWarning, match=r"1 of 1000000 fits failed, the first at 765432"):
        popt, _ = curve_fit("polynomial", line, y, [0.0, 0.0], sigma=0.1, absolute_sigma=True)
    assert list(np.flatnonzero(np.isnan(popt[:, 0]))) == [765_432]
    assert np.nanmax(np.abs(popt - [0.0, 1.0])) < 1e-12


@pytest.mark.parametrize("model", ["gaussian", gaussian])
def test_each_fit_leaves_out_its_own_nan(model):
    y = Y[:8].copy()
    for i in range(1, 8):
        y[i, : 3 * i if i < 7 else 61] = nan
    x = np.where(np.arange(64) == 63, nan, X)
    with pytest.warns(OptimizeWarning, match="1 of 8 fits failed, the first at 7: There are fewer"):
        found = curve_fit(model, x, y, START, SIGMA[:8], nan_policy="omit", full_output=True)
    for i in range(7):
        use = np.isfinite(y[i]) & np.isfinite(x)
        one = curve_fit(model, x[use], y[i, use], START, SIGMA[i, use], full_output=True)
        assert same_bits(found[0][i], one[0])
        assert same_bits(found[1][i], one[1])
        assert np.isnan(found[2]["fvec"][i, ~use]).all()
        assert same_bits(found[2]["fvec"][i, use], one[2]["fvec"])
    assert list(found[4][[0, 7]]) == [found[4][0], -5]


def test_covariances_that_cannot_be_estimated_are_counted():
    y = np.arange(12.0).reshape(6, 2) ** 1.5
    with pytest.warns(OptimizeWarning, match="estimated in 6 of 6 fits, the first at 0"):
        popt, pcov = curve_fit("polynomial", [1.0, 2.0], y, [0.0, 0.0])
    assert np.isfinite(popt).all()
    assert np.isinf(pcov).all()
    with pytest.warns(OptimizeWarning, match=r"6 of 6 fits, the first at \(0, 0\)"):
        curve_fit("polynomial", [1.0, 2.0], y.reshape(2, 3, 2), [0.0, 0.0])


def test_shapes_that_do_not_fit_are_named():
    cases = [
        ({"ydata": Y[:3], "p0": STARTS[:2]}, r"do not broadcast: `ydata` \(3,\), `p0` \(2,\)"),
        ({"ydata": Y[:3], "sigma": SIGMA[:2]}, r"`sigma` \(2,\)"),
        ({"ydata": Y[:3], "sigma": SIGMA[:3, :5]}, "`sigma` has incorrect shape"),
        ({"ydata": Y[:3], "xdata": X[:60]}, "expected 64 points along the last axis"),
        ({"ydata": Y[0], "xdata": XS[:3]}, "3 predictors for a model of 1"),
        ({"ydata": Y[:3], "xdata": np.zeros((3, 2, 64))}, "2 predictors for a model of 1"),
        ({"ydata": Y[:3], "xdata": np.zeros((1, 1, 1, 64))}, "expected at most 3 dimensions"),
        ({"ydata": np.zeros((3, 0))}, "`ydata` must not be empty"),
        ({"ydata": 1.0, "p0": STARTS}, "`ydata` is one number"),
        ({"ydata": Y[:3], "p0": STARTS[:, :3]}, "`p0` has 3 parameters"),
    ]
    for options, match in cases:
        with pytest.raises(ValueError, match=match):
            curve_fit(**({"f": "gaussian", "xdata": X, "p0": START} | options))
    with pytest.raises(TypeError, match="parameters=4 must not exceed the number of data points=3"):
        curve_fit("gaussian", X[:3], Y[:3, :3], START)


@pytest.mark.parametrize("model", ["gaussian", gaussian])
def test_progress_is_told(model):
    seen = []
    y = Y if isinstance(model, str) else Y[:20]
    plain = curve_fit(model, X, y, START)
    told = curve_fit(model, X, y, START, progress=lambda *numbers: seen.append(numbers))
    assert same_bits(told[0], plain[0])
    assert seen[-1] == (len(y), len(y))
    assert seen == sorted(set(seen))
    error = RuntimeError("mine")

    def fail(done, total):
        raise error

    with pytest.raises(RuntimeError) as caught:
        curve_fit(model, X, y, START, progress=fail)
    assert caught.value is error


def test_a_bar_is_shown(capsys):
    pytest.importorskip("tqdm")
    curve_fit("gaussian", X, Y, START, progress=True)
    assert "300/300" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
@pytest.mark.parametrize("model", ["gaussian", gaussian])
def test_ctrl_c_keeps_what_is_finished(model):
    count = 1_000_000 if isinstance(model, str) else 5_000
    y = np.broadcast_to(Y[0], (count, 64))
    one = curve_fit(model, X, Y[0], START)[0]
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            while True:  # until the batch lasts long enough
                curve_fit(model, X, y, START, full_output=True)
        except ft.BatchInterrupted as caught:
            error = caught
    assert time.perf_counter() - start < 30
    popt, pcov, info, _, ier = error.result
    done = ier > 0
    assert 0 < done.sum() < count
    assert same_bits(popt[done], np.broadcast_to(one, (done.sum(), 4)))
    assert np.isnan(popt[~done]).all()
    assert np.isnan(pcov[~done]).all()
    assert (ier[~done] == -4).all()
    assert info["nfev"][~done].max() == 0
    assert isinstance(error, KeyboardInterrupt)


def test_sixteen_threads_at_once_give_the_same_bits():
    def run(_):
        many = curve_fit("gaussian", X, Y, START)
        few = [curve_fit(gaussian, X, y, START)[0] for y in Y[:5]]
        single = [curve_fit("gaussian", X, y, START)[0] for y in Y[:20]]
        return (*many, np.array(few), np.array(single))

    alone = run(0)
    with ThreadPoolExecutor(16) as pool:
        for found in pool.map(run, range(16)):
            assert all(same_bits(a, b) for a, b in zip(found, alone, strict=True))


def test_a_forked_child_fits_too(run_script):
    run_script(
        """
        import os
        import numpy as np
        from ferrotran.optimize import curve_fit, models
        x = np.linspace(-5, 5, 64)
        y = models.gaussian(x, 1.0, np.linspace(-1, 1, 5000)[:, None], 1.0, 0.0)
        before = curve_fit("gaussian", x, y, workers=2)[0]
        child = os.fork()
        if child == 0:
            same = (curve_fit("gaussian", x, y, workers=2)[0] == before).all()
            os._exit(0 if same else 1)
        assert os.waitpid(child, 0)[1] == 0
        print("ok")
        """,
        warnings="ignore",
    )


def test_guesses_lead_to_the_peaks():
    popt, _ = curve_fit("gaussian", X, Y)
    near = curve_fit("gaussian", X, Y, START)[0]
    # Two searches from different starts: both within ftol, far below the standard errors of 0.01.
    # The sign of a width is open.
    popt[:, 2], near[:, 2] = abs(popt[:, 2]), abs(near[:, 2])
    assert popt == pytest.approx(near, abs=1e-5)
    values = models.gaussian(X, *np.moveaxis(popt, -1, 0)[..., None])
    assert np.abs(values - Y).max() < 0.02 * 6
