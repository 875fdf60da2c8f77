"""`linalg.solve_tridiagonal` and `linalg.solve_tridiagonal_dominant`."""

from __future__ import annotations

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import dask.array as da
import ferrotran as ft
import numpy as np
import pytest
from ferrotran.linalg import solve_tridiagonal, solve_tridiagonal_dominant
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import lapack, solve_banded
from test_ufunc_protocol import available_memory

Systems = tuple[NDArray, NDArray, NDArray, NDArray]
BOTH = pytest.mark.parametrize("solve", [solve_tridiagonal, solve_tridiagonal_dominant])


def systems(*shape: int, shift: float = 0.0, seed: int = 0, dtype: type = np.float64) -> Systems:
    """Normal entries, `shift` added to the diagonal."""
    *batch, n = shape
    rng = np.random.default_rng(seed)
    off = (*batch, max(n - 1, 0))
    parts = [rng.standard_normal(s).astype(dtype) for s in (off, shape, off, shape)]
    parts[1] += dtype(shift)
    return parts[0], parts[1], parts[2], parts[3]


def dominant(*shape: int, seed: int = 0, dtype: type = np.float64) -> Systems:
    """Diagonally dominant, with a condition number below 10."""
    *batch, n = shape
    rng = np.random.default_rng(seed)
    off = (*batch, max(n - 1, 0))
    dl, du = (rng.uniform(-1, 1, off).astype(dtype) for _ in range(2))
    d = rng.uniform(3, 4, shape).astype(dtype)
    return dl, d, du, rng.standard_normal(shape).astype(dtype)


def backward_error(dl: NDArray, d: NDArray, du: NDArray, b: NDArray, x: NDArray) -> float:
    """Largest normwise backward error, in units of ``n eps``; elimination keeps it below 4."""
    n, eps = d.shape[-1], np.finfo(x.dtype).eps
    dl, d, du, b, x = (a.astype(np.longdouble) for a in (dl, d, du, b, x))
    residual, rows = b - d * x, abs(d)
    residual[..., 1:] -= dl * x[..., :-1]
    residual[..., :-1] -= du * x[..., 1:]
    rows[..., 1:] += abs(dl)
    rows[..., :-1] += abs(du)
    scale = rows.max(-1) * abs(x).max(-1) + abs(b).max(-1)
    return float((abs(residual).max(-1) / (scale * n * eps)).max())


@pytest.mark.parametrize("n", [2, 3, 10, 40, 200])
def test_agrees_with_lapack(n: int) -> None:
    dl, d, du, b = systems(20, n, seed=n)
    x = solve_tridiagonal(dl, d, du, b)
    for k in range(20):
        _, _, _, theirs, info = lapack.dgtsv(dl[k], d[k], du[k], b[k])
        assert info == 0
        matrix = np.diag(d[k]) + np.diag(dl[k], -1) + np.diag(du[k], 1)
        # Both have a backward error of at most 4 n eps.
        tolerance = 8 * n * np.finfo(float).eps * np.linalg.cond(matrix, np.inf)
        assert abs(x[k] - theirs).max() <= tolerance * abs(theirs).max()


@BOTH
def test_agrees_with_solve_banded(solve: np.ufunc) -> None:
    dl, d, du, b = dominant(30, 50)
    banded = np.zeros((30, 3, 50))
    banded[:, 0, 1:], banded[:, 1], banded[:, 2, :-1] = du, d, dl
    theirs = np.array([solve_banded((1, 1), m, v) for m, v in zip(banded, b, strict=True)])
    # Both have a backward error of at most 4 n eps, and the condition is below 10.
    assert abs(solve(dl, d, du, b) - theirs).max() <= 8 * 50 * 2.3e-16 * 10 * abs(theirs).max()


@given(
    n=st.integers(1, 80), batch=st.integers(1, 50), seed=st.integers(0, 2**32), single=st.booleans()
)
def test_residual_is_small(n: int, batch: int, seed: int, single: bool) -> None:
    dtype = np.float32 if single else np.float64
    given_systems = systems(batch, n, seed=seed, dtype=dtype)
    assert backward_error(*given_systems, solve_tridiagonal(*given_systems)) <= 4
    given_systems = dominant(batch, n, seed=seed, dtype=dtype)
    assert backward_error(*given_systems, solve_tridiagonal_dominant(*given_systems)) <= 4


@BOTH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_equals_one_by_one_to_the_bit(solve: np.ufunc, dtype: type) -> None:
    parts = dominant(500, 77, dtype=dtype)
    x = solve(*parts)
    assert x.dtype == dtype
    for k in range(500):
        np.testing.assert_array_equal(x[k], solve(*(a[k] for a in parts)))


@BOTH
def test_same_bits_with_any_number_of_threads(solve: np.ufunc) -> None:
    parts = dominant(4000, 50)
    found = []
    for threads in (1, 2, 3):
        with ft.threads(threads):
            found.append(solve(*parts))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_sixteen_python_threads_get_the_same_bits() -> None:
    parts = systems(2000, 40)
    expected = solve_tridiagonal(*parts)
    with ThreadPoolExecutor(16) as pool:
        for x in pool.map(lambda _: solve_tridiagonal(*parts), range(64)):
            np.testing.assert_array_equal(x, expected)


@BOTH
def test_any_operand_is_broadcast(solve: np.ufunc) -> None:
    parts = dominant(6, 5, 40, 30)
    kept = [(slice(None),) * 3, (slice(None), slice(0, 1)), (0, 0, 0), (0,)]
    for turn in range(4):
        picked = [a[kept[(turn + i) % 4]] for i, a in enumerate(parts)]
        full = [np.broadcast_to(a, (6, 5, 40, a.shape[-1])).copy() for a in picked]
        np.testing.assert_array_equal(solve(*picked), solve(*full))


LAYOUTS = {
    "fortran": np.asfortranarray,
    "reversed": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "strided": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    "padded": lambda a: np.pad(a, ((0, 0), (0, 5)))[:, : a.shape[1]],
    "byteswapped": lambda a: a.astype(">f8"),
    "misaligned": lambda a: (
        np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    ),
}


@BOTH
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_same_bits(solve: np.ufunc, layout: str) -> None:
    parts = dominant(45, 30)
    expected = solve(*parts)
    relaid = [LAYOUTS[layout](a) for a in parts]
    for a in relaid:
        a.flags.writeable = False
    np.testing.assert_array_equal(solve(*relaid), expected)
    out = LAYOUTS[layout](np.zeros((45, 30))).copy(order="K")
    assert solve(*parts, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_axes_place_the_rows_of_a_system() -> None:
    parts = systems(40, 30)
    expected = solve_tridiagonal(*parts)
    turned = [a.T for a in parts]
    np.testing.assert_array_equal(solve_tridiagonal(*turned, axes=[(0,)] * 5), expected.T)


def test_out_may_be_an_operand() -> None:
    parts = systems(200, 30)
    expected = solve_tridiagonal(*parts)
    for operand in (1, 3):
        copies = [a.copy() for a in parts]
        solve_tridiagonal(*copies, out=copies[operand])
        np.testing.assert_array_equal(copies[operand], expected)
    # Shifted by one row: each solution is written where the next right-hand side was.
    dl, d, du, b = parts
    room = np.concatenate([b, b[:1]])
    solve_tridiagonal(dl, d, du, room[:-1], out=room[1:])
    np.testing.assert_array_equal(room[1:], expected)


def test_a_read_only_out_is_refused() -> None:
    out = np.zeros(3)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        solve_tridiagonal([1, 1], [2, 2, 2], [1, 1], [1, 1, 1], out=out)


@BOTH
def test_empty_and_single_systems_are_solved(solve: np.ufunc) -> None:
    for shape in [(0,), (0, 0), (0, 5), (7, 0), (3, 0, 4)]:
        assert solve(*dominant(*shape)).shape == shape
    np.testing.assert_array_equal(solve([], [4], [], [2]), [0.5])
    np.testing.assert_array_equal(solve([], [[4], [8]], [], [2]), [[0.5], [0.25]])


@BOTH
def test_types_are_promoted(solve: np.ufunc) -> None:
    dl, d, du, b = dominant(5, 4, dtype=np.float32)
    assert solve(dl, d, du, b.astype(float)).dtype == np.float64
    assert solve([1, 1], [4, 4, 4], [1, 1], [1, 2, 3]).dtype == np.float64
    assert solve(np.float16(1) * dl.astype("f2"), d, du, b).dtype == np.float32
    with pytest.raises(TypeError, match=solve.__name__):
        solve(dl, d, du, b + 1j)
    with pytest.raises(TypeError, match=solve.__name__):
        solve(dl, d, du, b.astype(str))


@BOTH
def test_wrong_lengths_name_the_argument(solve: np.ufunc) -> None:
    two, three = np.ones(2), np.ones(3)
    with pytest.raises(ValueError, match="`dl` has length 3, expected 2, as `d` has 3"):
        solve(three, three, two, three)
    with pytest.raises(ValueError, match="`du` has length 1, expected 2"):
        solve(two, three, [1], three)
    with pytest.raises(ValueError, match="`b` has length 2, expected 3"):
        solve(two, three, two, two)
    with pytest.raises(ValueError, match="`du` has length 2, expected 0, as `d` has 1"):
        solve([], [1], two, [1])
    with pytest.raises(ValueError, match="does not have enough dimensions"):
        solve(two, three, two, 1.0)
    with pytest.raises(ValueError, match=r"operands could not be broadcast"):
        solve(two, np.ones((4, 3)), two, np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"[Oo]utput"):
        solve(two, three, two, three, out=np.ones(4))


def spoil(parts: Systems, system: int, row: int) -> Systems:
    """Makes one row of one matrix zero, and the column as well."""
    dl, d, du, b = (a.copy() for a in parts)
    d[system, row] = 0
    dl[system, max(row - 1, 0) : row + 1] = 0
    du[system, max(row - 1, 0) : row + 1] = 0
    return dl, d, du, b


@BOTH
@pytest.mark.parametrize(("batch", "n"), [(1, 1), (3, 10), (16, 10), (50, 33), (3000, 33)])
def test_a_singular_system_is_nan_and_invalid(solve: np.ufunc, batch: int, n: int) -> None:
    good = dominant(batch, n)
    expected = solve(*good)
    for row in {0, n // 2, n - 1}:
        system = batch // 2
        bad = spoil(good, system, row)
        with np.errstate(invalid="ignore"):
            x = solve(*bad)
        assert np.isnan(x[system]).all()
        others = np.arange(batch) != system
        np.testing.assert_array_equal(x[others], expected[others])
        with pytest.warns(RuntimeWarning, match="invalid value"):
            solve(*bad)
        with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
            solve(*bad)
        with np.errstate(all="raise", invalid="ignore"):
            solve(*bad)


@BOTH
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_raise_nothing_and_stay(solve: np.ufunc, bad: float) -> None:
    good = dominant(40, 20)
    expected = solve(*good)
    for operand in range(4):
        parts = [a.copy() for a in good]
        parts[operand][17, 5] = bad
        with np.errstate(all="raise"):
            x = solve(*parts)
        others = np.arange(40) != 17
        np.testing.assert_array_equal(x[others], expected[others])
        if np.isnan(bad):
            assert np.isnan(x[17]).any()


def test_good_systems_raise_no_flag() -> None:
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for batch in (1, 3, 17, 5000):
            solve_tridiagonal(*systems(batch, 30))


def test_two_dimensional_batches_with_gaps_reach_every_system() -> None:
    parts = systems(9, 8, 12)
    x = solve_tridiagonal(*(a[::2, 1::3] for a in parts))
    np.testing.assert_array_equal(x, solve_tridiagonal(*parts)[::2, 1::3])


@BOTH
def test_pickles(solve: np.ufunc) -> None:
    assert pickle.loads(pickle.dumps(solve)) is solve


def test_dask_dispatches_by_chunks() -> None:
    parts = dominant(100, 30)
    lazy = [da.from_array(a, chunks=(33, -1)) for a in parts]
    x = solve_tridiagonal(*lazy)
    assert isinstance(x, da.Array)
    np.testing.assert_array_equal(x.compute(), solve_tridiagonal(*parts))


@pytest.mark.slow
@pytest.mark.skipif(available_memory() < 11 << 30, reason="needs 11 GB of free memory")
def test_more_than_2_31_elements_work() -> None:
    n, batch = 1024, 2**21 + 1000
    dl, d, du, b = dominant(n, dtype=np.float32)
    x = solve_tridiagonal(dl, d, du, np.broadcast_to(b, (batch, n)))
    expected = solve_tridiagonal(dl, d, du, b)
    for k in [0, 2**21 - 1, 2**21, batch - 1, *range(1, batch, 2**12 + 1)]:
        np.testing.assert_array_equal(x[k], expected)
