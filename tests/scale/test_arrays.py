"""Kinds of arrays, kernels and places."""

import pickle

import ferrotran as ft
import numpy as np
import pytest
import zarr
from ferrotran import scale
from ferrotran.scale import Location, map_chunks

erf = ft.special.erf


@pytest.fixture
def x(rng):
    return rng.normal(size=(12, 6))


def test_a_relative_path_means_the_same_in_every_process(x, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scale.create("x.zarr", x.shape, "f8", (4, 6))[...] = x
    place = pickle.loads(pickle.dumps(Location("x.zarr")))
    monkeypatch.chdir("/")
    assert np.array_equal(scale.open(place)[:], x)
    assert place == Location(tmp_path / "x.zarr") == Location(f"file://{tmp_path}/x.zarr/")
    assert place.scheme == "file"


def test_a_location_keeps_its_secrets():
    place = Location("webdav+https://me:secret@host:8443/a/x.zarr", auth=("me", "secret"))
    assert str(place) == "webdav+https://host:8443/a/x.zarr"
    assert "secret" not in repr(place)
    assert (place.scheme, place.path) == ("webdav+https", "/a/x.zarr")
    assert pickle.loads(pickle.dumps(place)).storage_options == {"auth": ("me", "secret")}
    with pytest.raises(TypeError, match="`url` is of type int"):
        Location(3)
    with pytest.raises(ValueError, match="`url` is empty"):
        Location("")


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_arrays_of_a_group_are_passed_as_they_are(zarr_format, engine, x, tmp_path, request):
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}
    group = zarr.open_group(tmp_path / "g.zarr", mode="w", zarr_format=zarr_format)
    options = {"shape": x.shape, "dtype": "f8", "chunks": (4, 6)}
    source = group.create_array("in/x", **options)
    source[:] = x
    target = group.create_array("out/y", **options)
    z = x.copy()
    z[5, 5] = 0.0
    with np.errstate(divide="raise"), pytest.raises(scale.ChunkError):
        map_chunks(np.divide, (source, z), target, engine=engine, **extra)
    assert (tmp_path / "g.zarr" / "out" / "y" / ".ferrotran" / "job.json").exists()
    report = map_chunks(erf, source, target, engine=engine, **extra)
    assert np.array_equal(target[:], erf(x))
    assert report.output.path == "out/y"
    assert sorted(group["out"].array_keys()) == ["y"]
    assert not list(tmp_path.rglob(".ferrotran"))


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_a_store_in_memory_stays_with_the_caller(engine, x, request):
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}
    options = {"shape": x.shape, "dtype": "f8", "chunks": (4, 6)}
    source, target = (zarr.create_array(zarr.storage.MemoryStore(), **options) for _ in range(2))
    source[:] = x
    map_chunks(erf, source, target, engine=engine, **extra)
    assert np.array_equal(target[:], erf(x))
    with pytest.raises(ValueError, match="in memory"):
        map_chunks(erf, source, target, engine=engine, resume=True, **extra)


def test_what_travels_is_small(rng, tmp_path):
    from ferrotran.scale._engines import Options, threads

    x = rng.normal(size=(1000, 1000))
    sizes = []

    def run(job, options: Options):
        sizes.append(len(job.packed("a test")))
        sizes.append(sum(block.nbytes for block in job.blocks(job.tasks[0])))
        sizes.append(job.travels(job.tasks[0]))
        return true_run(job, options)

    true_run, threads.run = threads.run, run
    try:
        map_chunks(erf, (x,), np.empty_like(x), chunks=(10, 1000))
    finally:
        threads.run = true_run
    job, blocks, both_ways = sizes
    assert job < 5000
    assert blocks == x[:10].nbytes
    assert both_ways == 2 * x[:10].nbytes


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_kernels_of_numba(engine, x, request):
    numba = pytest.importorskip("numba", reason="pip install numba")
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}

    @numba.vectorize(["f8(f8)"])
    def plus(v):
        return v + 1.0

    @numba.guvectorize(["f8[:], f8[:]"], "(n)->(n)")
    def turn(v, out):
        for i in range(v.size):
            out[i] = v[v.size - 1 - i]

    extra |= {"engine": engine}
    assert np.array_equal(map_chunks(plus, x, None, chunks=(5, 6), **extra).output, x + 1)
    assert np.array_equal(map_chunks(turn, x, None, chunks=5, **extra).output, x[:, ::-1])


def test_a_kernel_that_leaves_out_a_dimension(rng):
    a, b = rng.normal(size=(7, 3, 4)), rng.normal(size=4)
    found = map_chunks(np.matmul, (a, b), None, chunks=2)
    assert np.array_equal(found.output, np.matmul(a, b))
    found = map_chunks(np.matmul, (b, rng.normal(size=(7, 4, 5))), None, chunks=3)
    assert found.output.shape == (7, 5)


def test_progress_counts_what_is_finished(x, tmp_path):
    seen = []
    slow = np.frompyfunc(lambda v: sum(range(300)) and v, 1, 1)
    big = np.arange(60_000.0)
    map_chunks(slow, big, None, chunks=1000, progress=lambda *pair: seen.append(pair))
    assert seen[-1] == (60, 60)
    assert all(total == 60 for _, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
