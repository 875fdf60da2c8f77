"""`stencil.heat2d`."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ferrotran as ft
import numpy as np
import pytest
from ferrotran.stencil import heat2d
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

EDGES = ["dirichlet", "neumann", "periodic"]
LANGUAGES = ["fortran", "c"]


def slices(
    u: NDArray[Any],
    diffusivity: float,
    dt: float,
    steps: int,
    *,
    dx: float = 1.0,
    dy: float = 1.0,
    edges: str = "dirichlet",
) -> NDArray[Any]:
    """Take the same steps with NumPy: the same expression for each cell, so the same bits."""
    m, n = u.shape
    real = u.dtype.type
    own = edges != "dirichlet"  # a cell that is its own neighbour exchanges nothing
    cx = real(0 if own and n == 1 else diffusivity * (dt / dx / dx))
    cy = real(0 if own and m == 1 else diffusivity * (dt / dy / dy))
    for _ in range(steps):
        p = np.pad(u, 1, mode="wrap" if edges == "periodic" else "edge")
        twice = u + u
        x = cx * ((p[1:-1, :-2] + p[1:-1, 2:]) - twice)
        v = u + (x + cy * ((p[:-2, 1:-1] + p[2:, 1:-1]) - twice))
        if edges == "dirichlet":
            v[[0, -1]], v[:, [0, -1]] = u[[0, -1]], u[:, [0, -1]]
        u = v
    return u


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(
    m=st.integers(1, 60),
    n=st.integers(1, 60),
    steps=st.integers(0, 40),
    dx=st.floats(0.7, 2),
    dy=st.floats(0.7, 2),
    seed=st.integers(0, 1000),
)
def test_has_the_bits_of_numpy_slices(
    dtype: type,
    edges: str,
    language: str,
    m: int,
    n: int,
    steps: int,
    dx: float,
    dy: float,
    seed: int,
) -> None:
    u = np.random.default_rng(seed).standard_normal((m, n)).astype(dtype)
    expected = slices(u, 0.4, 0.25, steps, dx=dx, dy=dy, edges=edges)
    got = heat2d(u, 0.4, 0.25, steps, dx=dx, dy=dy, edges=edges, language=language)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("edges", EDGES)
def test_one_diffusivity_per_cell_agrees_with_a_constant(
    rng: np.random.Generator, edges: str
) -> None:
    u = rng.standard_normal((70, 80))
    one = heat2d(u, 0.7, 0.3, 200, edges=edges)
    for mean in ("harmonic", "arithmetic"):
        each = heat2d(u, np.full((70, 80), 0.7), 0.3, 200, edges=edges, mean=mean)
        # Both enlarge no error and add less than 4 roundings of numbers below 4 in each step.
        np.testing.assert_allclose(each, one, rtol=0, atol=200 * 32 * np.finfo(float).eps)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("order", ["C", "F"])
def test_workers_and_memory_order_change_no_bit(
    rng: np.random.Generator, workers: int, order: Any
) -> None:
    u = np.asarray(rng.standard_normal((300, 1100)), order=order)
    before = ft.get_num_threads()
    got = heat2d(u, 0.2, 1.0, 40, dx=1.1, workers=workers)
    np.testing.assert_array_equal(got, slices(u, 0.2, 1.0, 40, dx=1.1))
    assert got.flags[f"{order}_CONTIGUOUS"]
    assert ft.get_num_threads() == before


def layouts(u: NDArray[Any]) -> dict[str, NDArray[Any]]:
    m, n = u.shape
    wide = np.zeros((2 * m, 2 * n), u.dtype)
    record = np.zeros((m, n), [("skip", "i1"), ("u", u.dtype)])["u"]
    swapped = u.astype(u.dtype.newbyteorder())
    views = {
        "part": wide[m:, :n],
        "strided": wide[::2, ::2],
        "reversed": wide[m - 1 :: -1, n - 1 :: -1],
        "columns": np.zeros_like(u, order="F"),
        "unaligned": record,
    }
    result = {}
    for name, view in views.items():
        view[...] = u
        result[name] = view if name in ("columns", "unaligned") else view.copy(order="K")
    result["strided"] = np.repeat(np.repeat(u, 2, 0), 2, 1)[::2, ::2]
    result["reversed"] = u[::-1, ::-1].copy()[::-1, ::-1]
    result["part"] = np.pad(u, 3)[3:-3, 3:-3]
    result["big-endian"] = swapped
    frozen = u.copy()
    frozen.flags.writeable = False
    result["read-only"] = frozen
    return result


def test_every_layout_in_and_out(rng: np.random.Generator) -> None:
    u = rng.standard_normal((40, 50))
    expected = slices(u, 0.2, 1.0, 15)
    for name, view in layouts(u).items():
        np.testing.assert_array_equal(heat2d(view, 0.2, 1.0, 15), expected, err_msg=name)
        if name in ("big-endian", "read-only"):
            continue
        out = view
        assert heat2d(u, 0.2, 1.0, 15, out=out) is out
        np.testing.assert_array_equal(out, expected, err_msg=f"out {name}")
        out[...] = u
        assert heat2d(out, 0.2, 1.0, 15, out=out) is out
        np.testing.assert_array_equal(out, expected, err_msg=f"in place {name}")


def test_overlapping_in_and_out(rng: np.random.Generator) -> None:
    u = rng.standard_normal((40, 50))
    expected = slices(u, 0.2, 1.0, 15)
    for steps_down in (0, 1, 20):
        room = np.zeros((60, 50))
        room[:40] = u
        out = room[steps_down : steps_down + 40]
        heat2d(room[:40], 0.2, 1.0, 15, out=out)
        np.testing.assert_array_equal(out, expected)
    square = rng.standard_normal((30, 30))
    expected = slices(square, 0.2, 1.0, 15)
    heat2d(square, 0.2, 1.0, 15, out=square.T)
    np.testing.assert_array_equal(square.T, expected)
    d = rng.uniform(0.1, 1, (30, 30))
    expected = heat2d(d, d, 0.2, 9)
    np.testing.assert_array_equal(heat2d(d, d, 0.2, 9, out=d), expected)


@pytest.mark.parametrize(
    "u", [[[0, 1, 0], [0, 2, 0], [0, 3, 0]], np.eye(3, dtype=bool), np.eye(3, dtype=np.float16)]
)
def test_other_reals_become_float64(u: Any) -> None:
    got = heat2d(u, 0.25, 1.0, 1)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, slices(np.asarray(u, float), 0.25, 1.0, 1))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("edges", EDGES)
def test_small_grids(shape: tuple[int, int], edges: str) -> None:
    u = np.arange(shape[0] * shape[1], dtype=float).reshape(shape)
    got = heat2d(u, 0.2, 1.0, 7, edges=edges)
    if u.size:
        np.testing.assert_array_equal(got, slices(u, 0.2, 1.0, 7, edges=edges))
    assert heat2d(u, np.ones(shape), 0.2, 7, edges=edges).shape == shape


def test_nan_spreads_one_cell_a_step() -> None:
    u = np.zeros((30, 40))
    u[10, 20] = np.nan
    i, j = np.indices(u.shape)
    reach = abs(i - 10) + abs(j - 20) <= 5
    for language in LANGUAGES:
        np.testing.assert_array_equal(np.isnan(heat2d(u, 0.2, 1.0, 5, language=language)), reach)


@pytest.mark.parametrize("edges", ["neumann", "periodic"])
def test_the_sum_is_kept(rng: np.random.Generator, edges: str) -> None:
    u, d = rng.uniform(0, 1, (2, 200, 300))
    for diffusivity in (0.9, d):
        got = heat2d(u, diffusivity, 0.25, 500, edges=edges)
        # A rounding of half an ulp of 1 in each of 6 operations, cell and step, all alike.
        assert abs(got.sum() - u.sum()) <= 500 * u.size * 3 * np.finfo(float).eps


U = np.zeros((4, 5))
FROZEN = np.zeros((4, 5))
FROZEN.flags.writeable = False


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"dt": 0.6, "diffusivity": 0.5}, ValueError, "`dt` is 0.6, expected at most 0.5 for"),
        ({"dt": -1.0}, ValueError, "`dt` is -1, expected a finite number, at least 0"),
        ({"dt": "fast"}, TypeError, "'dt'"),
        ({"steps": -1}, ValueError, "`steps` is -1, expected an integer, at least 0"),
        ({"steps": 1.5}, TypeError, "'steps'"),
        ({"dx": 0.0}, ValueError, "`dx` is 0, expected a finite number above 0"),
        ({"dy": np.nan}, ValueError, "`dy` is NaN, expected"),
        ({"edges": "fixed"}, ValueError, "`edges` is 'fixed', expected one of 'dirichlet', 'neu"),
        ({"mean": "max"}, ValueError, "`mean` is 'max', expected one of 'harmonic', 'arithmetic'"),
        ({"language": "rust"}, ValueError, "`language` is 'rust', expected one of 'fortran', 'c'"),
        ({"workers": 0}, ValueError, "`workers` is 0, expected 1 to"),
        ({"diffusivity": -1.0}, ValueError, "`diffusivity` is -1, expected"),
        ({"diffusivity": -U - 1}, ValueError, "`diffusivity` is -1, expected"),
        ({"diffusivity": [1.0, 2.0]}, ValueError, r"`diffusivity` has shape \[2\], expected a num"),
        ({"diffusivity": 1j}, TypeError, "`diffusivity` has dtype complex128"),
        ({"u": np.zeros(4)}, ValueError, "`u` has 1 dimensions, expected 2"),
        ({"u": np.zeros((2, 3, 4))}, ValueError, "`u` has 3 dimensions, expected 2"),
        ({"u": U + 0j}, TypeError, "`u` has dtype complex128, expected float64 or float32"),
        ({"u": [["a"]]}, TypeError, "`u` has dtype"),
        ({"u": U.astype(np.longdouble)}, TypeError, "`u` has dtype"),
        ({"u": U.astype(object)}, TypeError, "`u` has dtype object"),
        ({"out": [[0.0]]}, TypeError, "`out` is list, expected numpy.ndarray"),
        ({"out": np.zeros((5, 4))}, ValueError, r"`out` has shape \[5, 4\], expected \[4, 5\]"),
        ({"out": U.astype(np.float32)}, TypeError, "`out` has dtype float32, expected float64"),
        ({"out": FROZEN}, ValueError, "`out` is read-only"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, Any], error: type, words: str) -> None:
    arguments = {"u": U, "diffusivity": 1.0, "dt": 0.1, "steps": 3} | change
    with pytest.raises(error, match=words):
        heat2d(**arguments)


def test_an_error_leaves_out_alone() -> None:
    out = np.full((4, 5), 7.0)
    with pytest.raises(ValueError, match="stable"):
        heat2d(U, 1.0, 1.0, 3, out=out)
    assert (out == 7).all()


def test_sixteen_threads_at_once(rng: np.random.Generator) -> None:
    u = rng.standard_normal((200, 300))
    expected = heat2d(u, 0.2, 1.0, 60)
    with ThreadPoolExecutor(16) as pool:
        for got in pool.map(lambda _: heat2d(u, 0.2, 1.0, 60), range(32)):
            np.testing.assert_array_equal(got, expected)


def test_other_threads_run_meanwhile(rng: np.random.Generator) -> None:
    u = rng.standard_normal((500, 500))
    done = threading.Event()
    seen = 0

    def work() -> None:
        heat2d(u, 0.2, 1.0, 2000)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        seen += 1
        time.sleep(0.001)
    thread.join()
    assert seen > 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_stops_a_long_run_after_whole_steps(rng: np.random.Generator) -> None:
    u = rng.standard_normal((64, 64))
    out = np.zeros_like(u)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        heat2d(u, 0.2, 1.0, 10**9, edges="periodic", out=out)
    # The mean is kept, and by then all is smooth: what is left is the result of many steps.
    assert np.ptp(out) < np.ptp(u)
    assert abs(out.mean() - u.mean()) < 1e-6


def test_array_likes_with_own_types_are_converted() -> None:
    class Grid:
        def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
            return np.eye(4)

    np.testing.assert_array_equal(heat2d(Grid(), 0.25, 1.0, 2), slices(np.eye(4), 0.25, 1.0, 2))
