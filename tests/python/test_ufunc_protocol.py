"""What every ufunc and gufunc owes to NumPy, whatever it computes."""

import operator
import pickle
from concurrent.futures import ThreadPoolExecutor

import ferrotran as ft
import numpy as np
import pytest
from house import GUFUNCS, UFUNCS, UNARY, arguments, name_of, same_bits

each_ufunc = pytest.mark.parametrize("f", UFUNCS, ids=name_of)
each_unary = pytest.mark.parametrize("f", UNARY, ids=name_of)
each_gufunc = pytest.mark.parametrize("f", GUFUNCS, ids=name_of)
each_dtype = pytest.mark.parametrize("dtype", ["f4", "f8"])

# One element, the lengths around every vector and its remainder, around a block of 512, and
# lengths that are split over threads.
LENGTHS = [*range(1, 36), 511, 512, 513, 1025, 100_003]


@each_ufunc
def test_it_pickles_by_the_name_of_its_public_module(f):
    assert pickle.loads(pickle.dumps(f)) is f
    if hasattr(np.sin, "__dict__"):  # NumPy 2.2
        module = operator.attrgetter(f.__module__.removeprefix("ferrotran."))(ft)
        assert getattr(module, f.__name__) is f


@each_ufunc
def test_the_docstring_has_numpydoc_sections(f):
    assert f.__doc__.startswith(f"{f.__name__}(")
    for section in ("Parameters", "Returns", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in f.__doc__


@each_ufunc
def test_loops_are_single_and_double(f):
    n = f.nin, f.nout
    assert f.types == [f"{c * n[0]}->{c * n[1]}" for c in "fd"]


@each_ufunc
@pytest.mark.parametrize(
    ("given", "computed"),
    [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("i4", "f8"), ("?", "f4")],
)
def test_operands_are_cast_safely(f, given, computed, rng):
    operands = [np.ceil(x).astype(given) for x in arguments(f, rng, (3,))]
    with np.errstate(invalid="ignore"):  # a matrix of True alone is singular
        result = f(*operands)
        expected = f(*(x.astype(computed) for x in operands))
    assert result.dtype == computed
    assert same_bits(result, expected)


@each_ufunc
@pytest.mark.parametrize("given", ["c16", "O", "S8", "U8", "M8[s]", "g"])
def test_other_types_are_refused(f, given, rng):
    operands = [np.ceil(x).astype("i8").astype(given) for x in arguments(f, rng, (3,))]
    with pytest.raises(TypeError, match=f.__name__):
        f(*operands)


@each_ufunc
def test_the_number_of_operands_is_checked(f, rng):
    operands = arguments(f, rng, (3,))
    with pytest.raises(TypeError, match=f.__name__):
        f()
    with pytest.raises(TypeError, match=f.__name__):
        f(*operands, *operands, *operands)


@each_unary
def test_a_scalar_gives_a_scalar(f):
    assert type(f(1.5)) is np.float64
    assert type(f(np.float32(1.5))) is np.float32
    assert type(f(np.array(1.5))) is np.float64
    assert f([1.5, 2.5]).shape == (2,)


@each_ufunc
@each_dtype
def test_any_layout_gives_the_same_bits(f, dtype, rng):
    plain = arguments(f, rng, (6, 4, 8), dtype)
    expected = f(*plain)

    def laid_out(change):
        return f(*(change(x) for x in plain))

    def strided(x):
        wide = np.zeros(tuple(2 * n + 1 for n in x.shape), dtype)
        inner = wide[tuple(slice(1, None, 2) for _ in x.shape)]
        inner[...] = x
        return inner

    def reversed_twice(x):
        turn = tuple(slice(None, None, -1) for _ in x.shape)
        return np.ascontiguousarray(x[turn])[turn]

    def unaligned(x):
        record = np.zeros(x.shape, [("pad", "u1"), ("x", dtype)])
        record["x"] = x
        return record["x"]

    for change in (np.asfortranarray, strided, reversed_twice, unaligned):
        assert same_bits(laid_out(change), expected), change.__name__
    swapped = [x.astype(x.dtype.newbyteorder()) for x in plain]
    assert same_bits(f(*swapped), expected)
    assert same_bits(laid_out(lambda x: x[::-1, ::2]), np.ascontiguousarray(expected[::-1, ::2]))
    assert same_bits(laid_out(lambda x: x[2, 1]), expected[2, 1])


@each_unary
@each_dtype
def test_the_position_in_an_array_does_not_matter(f, dtype, rng):
    (x,) = arguments(f, rng, (100_003,), dtype)
    expected = f(x)
    for n in LENGTHS:
        assert same_bits(f(x[:n]), expected[:n])
        assert same_bits(f(x[n : 2 * n]), expected[n : 2 * n])
    one_by_one = np.array([f(v) for v in x[:100]])
    assert same_bits(one_by_one, expected[:100])


@each_ufunc
def test_operands_broadcast(f, rng):
    plain = arguments(f, rng, (), "f8")
    expected = f(*plain)
    many = [np.broadcast_to(x, (3, 700, *x.shape)) for x in plain]
    assert (f(*many) == expected).all()
    if f.nin > 1:
        mixed = [plain[0], *many[1:]]
        assert same_bits(f(*mixed), f(*many))


@each_ufunc
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3)])
def test_zero_size_gives_zero_size(f, shape, rng):
    assert f(*arguments(f, rng, shape)).shape[: len(shape)] == shape


@each_ufunc
def test_out_is_filled_and_returned(f, rng):
    operands = arguments(f, rng, (5, 3))
    expected = f(*operands)
    out = np.empty_like(expected)
    assert f(*operands, out=out) is out
    assert same_bits(out, expected)
    assert f(*operands, out=(out,)) is out
    scattered = np.full((9, 7, *expected.shape[2:]), -7.0)[::2, ::-2][:, :3]
    f(*operands, out=scattered)
    assert same_bits(np.ascontiguousarray(scattered), expected)


@each_ufunc
def test_out_of_another_type_is_cast_if_safe(f, rng):
    operands = arguments(f, rng, (5,), "f4")
    expected = f(*operands)
    wide = np.empty(expected.shape, "f8")
    assert np.allclose(f(*operands, out=wide), expected, rtol=1e-5)
    with pytest.raises(TypeError, match=f.__name__):
        f(*operands, out=np.empty(expected.shape, "i8"))


@each_ufunc
def test_a_bad_out_is_refused(f, rng):
    operands = arguments(f, rng, (5,))
    out = np.empty_like(f(*operands))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        f(*operands, out=out)
    with pytest.raises(ValueError, match=r"shape|broadcast|mismatch"):
        f(*operands, out=np.empty((4, *out.shape[1:])))
    with pytest.raises(TypeError):
        f(*operands, out=[0.0] * 5)


@each_unary
def test_where_leaves_the_rest_alone(f, rng):
    (x,) = arguments(f, rng, (1000,))
    mask = rng.random(1000) < 0.5
    out = np.full(1000, -7.0)
    f(x, out=out, where=mask)
    assert same_bits(out, np.where(mask, f(x), -7.0))


@each_gufunc
def test_axes_move_the_core_dimensions(f, rng):
    operands = arguments(f, rng, (5,))
    expected = f(*operands)
    moved = f(*(np.moveaxis(x, -1, 0) for x in operands), axes=[0] * (f.nin + f.nout))
    assert same_bits(np.ascontiguousarray(np.moveaxis(moved, 0, -1)), expected)


@each_gufunc
def test_too_few_dimensions_are_refused(f, rng):
    for i in range(f.nin):
        operands = arguments(f, rng)
        operands[i] = 1.0
        with pytest.raises(ValueError, match=f"{f.__name__}: Input operand {i}"):
            f(*operands)


@each_gufunc
def test_a_core_dimension_of_the_wrong_length_is_refused(f, rng):
    for i in range(f.nin):
        operands = arguments(f, rng)
        operands[i] = operands[i][:-1]
        with pytest.raises(ValueError, match=f.__name__):
            f(*operands)


@each_ufunc
@each_dtype
def test_in_place_works(f, dtype, rng):
    for n in (1, 7, 600, 5003):
        for i in range(f.nin):
            operands = arguments(f, rng, (n,), dtype)
            expected = f(*operands)
            if operands[i].shape == expected.shape:
                f(*operands, out=operands[i])
                assert same_bits(operands[i], expected)


@each_ufunc
@pytest.mark.parametrize("n", [5, 700, 60_000])
def test_overlapping_in_and_out_work(f, n, rng):
    for i in range(f.nin):
        operands = arguments(f, rng, (n + 1,))
        expected = f(*(x[:-1] for x in operands))
        shape = expected.shape[1:]
        if operands[i].shape[1:] != shape:
            continue
        views = {
            "ahead": (slice(1, n), slice(0, n - 1)),
            "behind": (slice(0, n - 1), slice(1, n)),
            "reversed": (slice(None, None, -1), slice(None)),
            "interleaved": (slice(0, n - n % 2, 2), slice(1, n, 2)),
            "spread": (slice(0, n // 2), slice(0, n - n % 2, 2)),
        }
        for name, (source, target) in views.items():
            shared = operands[i].copy()
            m = len(shared[source])
            given = [x[:m] for x in operands]
            given[i] = shared[source]
            expected = f(*(x.copy() for x in given))
            f(*given, out=shared[target])
            assert same_bits(np.ascontiguousarray(shared[target]), expected), name


@each_ufunc
def test_smooth_arguments_raise_no_flag(f, rng):
    with np.errstate(all="raise"):
        for n in LENGTHS:
            for dtype in ("f4", "f8"):
                f(*arguments(f, rng, (n,), dtype))


@each_unary
def test_nan_gives_nan_and_no_flag(f):
    with np.errstate(all="raise"):
        for dtype in ("f4", "f8"):
            assert np.isnan(f(np.full(37, np.nan, dtype))).all()


@each_ufunc
def test_threads_change_no_bit(f, rng):
    operands = arguments(f, rng, (100_003 if f.signature is None else 20_011,))
    with ft.threads(1):
        expected = f(*operands)
    for n in (2, 3, 7):
        with ft.threads(n):
            assert same_bits(f(*operands), expected)


@each_ufunc
def test_16_python_threads_get_the_same_bits(f, rng):
    operands = arguments(f, rng, (50_001 if f.signature is None else 5_003,))
    expected = f(*operands)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: f(*operands), range(64)))
    assert all(same_bits(result, expected) for result in results)


@each_ufunc
def test_another_array_type_can_take_over(f, rng):
    class Other:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return ufunc, method, kwargs

    operands = arguments(f, rng)
    operands[0] = Other()
    assert f(*operands) == (f, "__call__", {})


@each_ufunc
def test_dask_arrays_stay_lazy(f, rng):
    da = pytest.importorskip("dask.array")
    operands = arguments(f, rng, (12, 10))
    lazy = [da.from_array(x, chunks=(4, 5, *x.shape[2:])) for x in operands]
    result = f(*lazy)
    assert isinstance(result, da.Array)
    assert same_bits(result.compute(), f(*operands))


@each_ufunc
def test_xarray_applies_it(f, rng):
    xr = pytest.importorskip("xarray")
    operands = arguments(f, rng, (4, 3))
    expected = f(*operands)
    core = [[f"k{n}" for n in x.shape[2:]] for x in operands]
    dims = ["time", "place"]
    arrays = [xr.DataArray(x, dims=dims + c) for x, c in zip(operands, core, strict=True)]
    if f.signature is None:
        result = f(*arrays)
        assert result.dims == ("time", "place")
    else:
        # The output has the core dimensions of the last operand, the right-hand side.
        result = xr.apply_ufunc(f, *arrays, input_core_dims=core, output_core_dims=core[-1:])
    assert same_bits(result.values, expected)


def available_memory():
    try:
        with open("/proc/meminfo") as lines:
            fields = dict(line.split(":") for line in lines)
        return 1024 * int(fields["MemAvailable"].split()[0])
    except (OSError, KeyError):
        return 0


@pytest.mark.slow
@pytest.mark.skipif(available_memory() < 11 << 30, reason="needs 11 GB of free memory")
@pytest.mark.parametrize("f", UNARY[:1], ids=name_of)
def test_more_than_2_31_elements_work(f):
    n = 2**31 + 12_345
    x = np.zeros(n, "f4")
    x[-1] = 1.25
    x[2**31 - 1 : 2**31 + 1] = 2.0, 3.0
    f(x, out=x)
    near = [0, 1, 2**31 - 2, 2**31 - 1, 2**31, 2**31 + 1, n - 2, n - 1]
    expected = f(np.array([0.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, 1.25], "f4"))
    assert same_bits(x[near], expected)
    assert (x[:: 2**20 + 1] == expected[0]).all()
