"""What is refused, and with which words."""

import ferrotran as ft
import numpy as np
import pytest
import zarr
from ferrotran import scale
from ferrotran.scale import map_chunks

erf, hypot = ft.special.erf, np.hypot


def refused(error, words, *arguments, **options):
    with pytest.raises(error, match=words):
        map_chunks(*arguments, **options)


def test_arguments_of_a_wrong_kind(rng, tmp_path):
    x = rng.normal(size=(8, 6))
    refused(TypeError, "`kernel` is of type function", lambda x: x, x, None)
    refused(TypeError, "`inputs` is of type float", erf, 2.0, None)
    refused(TypeError, r"`inputs\[1\]` is of type int", hypot, (x, 3), None)
    refused(TypeError, "`output` is of type dict", erf, x, {})
    refused(TypeError, "`inputs` is of type MaskedArray", erf, np.ma.masked_less(x, 0), None)
    refused(ValueError, "`inputs` has 1 arrays, expected 2 for hypot", hypot, x, None)
    refused(ValueError, "`output` has 2 arrays, expected 1", erf, x, (None, None))
    refused(ValueError, "`output` has 1 arrays, expected 2 for modf", np.modf, x, None)
    refused(ValueError, "`engine` is 'pbs', expected any of 'threads'", erf, x, None, engine="pbs")
    refused(TypeError, "`workers` is 1.5", erf, x, None, workers=1.5)
    refused(ValueError, "`threads` is 0", erf, x, None, threads=0)
    refused(ValueError, "`timeout` is -1", erf, x, None, timeout=-1)
    refused(TypeError, "`progress` is 'yes'", erf, x, None, progress="yes")
    refused(FileNotFoundError, "there is no zarr array at", erf, tmp_path / "none.zarr", None)


def test_a_place_that_holds_something_else(rng, tmp_path):
    x = rng.normal(size=8)
    zarr.open_group(tmp_path / "g.zarr", mode="w")
    refused(ValueError, "g.zarr is no zarr array", erf, x, tmp_path / "g.zarr")
    (tmp_path / "broken.zarr").mkdir()
    (tmp_path / "broken.zarr" / "zarr.json").write_text("{")
    refused(ValueError, "broken.zarr is no zarr array", erf, tmp_path / "broken.zarr", None)
    (tmp_path / "file").write_text("a file")
    refused(FileExistsError, "file", erf, x, tmp_path / "file")
    refused(ValueError, "nosuch://host/x: Protocol not known", erf, "nosuch://host/x", None)


@pytest.mark.parametrize("name", ["out", "where", "axes", "axis", "keepdims"])
def test_options_that_would_move_dimensions(rng, name):
    x = rng.normal(size=8)
    refused(TypeError, f"has '{name}'", erf, x, None, kernel_options={name: None})


def test_shapes_that_do_not_fit(rng):
    x, n = rng.normal(size=(8, 6)), 4
    refused(
        ValueError,
        r"do not broadcast \(inputs\[0\]: \(8, 6\), inputs\[1\]: \(5,\)\)",
        *(hypot, (x, np.ones(5)), None),
    )
    solve = ft.linalg.solve_tridiagonal
    bands = [np.ones(n - 1), np.ones(n), np.ones(n - 1), np.ones(n + 1)]
    refused(ValueError, "solve_tridiagonal does not take these", solve, bands, None)
    refused(
        ValueError,
        r"`inputs\[0\]` has shape \(\), expected at least 1 dimensions",
        *(solve, [np.array(1.0), *bands[1:]], None),
    )
    refused(ValueError, r"`output` has shape \(8,\), expected \(8, 6\)", erf, x, np.empty(8))


def test_types_that_do_not_fit(rng):
    x = rng.normal(size=8)
    refused(TypeError, "erf does not take these `inputs`", erf, x + 1j, None)
    refused(
        ValueError, "`output` has type float32, expected float64", erf, x, np.empty(8, np.float32)
    )
    given = map_chunks(
        hypot, (x, x), np.empty(8, np.float32), kernel_options={"casting": "same_kind"}
    )
    assert given.output.dtype == np.float32


def test_an_output_of_objects_is_for_memory_alone(tmp_path):
    kernel = np.frompyfunc(lambda x: x + 1, 1, 1)
    x = np.arange(4.0)
    assert list(map_chunks(kernel, x, None, chunks=2).output) == [1, 2, 3, 4]
    refused(TypeError, "object", kernel, x, tmp_path / "y.zarr")
    y = tmp_path / "z.zarr"
    scale.create(y, 4, "f8", 2)
    found = map_chunks(kernel, x, y, kernel_options={"casting": "unsafe"}).output
    assert found[:].tolist() == [1, 2, 3, 4]


def test_an_output_that_exists_with_another_shape_or_type(rng, stored):
    x = rng.normal(size=(8, 6))
    refused(ValueError, "has shape", erf, x, stored(np.empty((6, 8)), (2, 2), "a"))
    refused(ValueError, "has type int32", erf, x, stored(np.empty((8, 6), "i4"), (2, 2), "b"))


def test_outputs_that_cannot_be_written(rng, stored, tmp_path):
    x = rng.normal(size=(8, 6))
    y = np.empty_like(x)
    y.flags.writeable = False
    refused(ValueError, "`output` is read-only", erf, x, y)
    array = zarr.open_array(stored(x, (4, 6)), mode="r")
    refused(ValueError, "`output` is read-only", erf, x, array)
    x.tofile(tmp_path / "m")
    m = np.memmap(tmp_path / "m", "f8", "r", shape=x.shape)
    refused(ValueError, "`output` is read-only", erf, x, m)
    refused(ValueError, "cannot be written over plain HTTP", erf, x, "http://127.0.0.1:9/y.zarr")


def test_an_output_that_is_an_input(rng, stored, tmp_path):
    x = rng.normal(size=(8, 6))
    refused(ValueError, "`output` overlaps `inputs`", erf, x, x)
    refused(ValueError, "`output` overlaps `inputs`", erf, x[:4], x[2:6])
    path = stored(x, (4, 6))
    refused(ValueError, "`output` overlaps `inputs`", erf, path, path)
    refused(ValueError, "overlaps", erf, zarr.open_array(path, mode="r"), f"file://{path}")
    out = np.empty_like(x)
    refused(ValueError, r"`output\[1\]` overlaps `output\[0\]`", np.modf, x, (out, out))
    x.tofile(tmp_path / "m")
    a, b = (np.memmap(tmp_path / "m", "f8", "r+", shape=x.shape) for _ in range(2))
    refused(ValueError, "overlaps", erf, a, b)
    assert map_chunks(erf, a[:4], b[4:]).chunks == 1, "parts of a file that do not overlap"
    assert np.array_equal(a[4:], erf(x[:4]))


def test_chunks_that_are_none(rng):
    x = rng.normal(size=(8, 6))
    refused(ValueError, "expected 2 lengths", erf, x, None, chunks=4)
    refused(ValueError, "expected lengths of 1 or more", erf, x, None, chunks=(0, 2))
    refused(TypeError, "expected integers", erf, x, None, chunks=(2.0, 2))
    refused(TypeError, "`chunks` is 2.5, expected", erf, x, None, chunks=2.5)
    assert map_chunks(erf, x, None, chunks=(100, 100)).chunks == 1


def test_two_tasks_for_one_chunk_of_the_output(rng, stored, tmp_path):
    x = rng.normal(size=(12, 6))
    y = stored(x, (4, 6), "y")
    refused(
        ValueError,
        r"two tasks would write one of them. Take a multiple of 4",
        erf,
        x,
        y,
        chunks=(6, 6),
    )
    assert map_chunks(erf, x, y, chunks=(8, 6)).chunks == 2
    shards = scale.create(tmp_path / "s.zarr", x.shape, "f8", (2, 3), shards=(4, 6))
    refused(ValueError, "shards of", erf, x, shards, chunks=(2, 6))
    assert map_chunks(erf, x, shards).chunks == 3, "a shard is one task"
    assert np.array_equal(shards[:], erf(x))


def test_misaligned_chunks_of_an_input(rng, stored):
    x = rng.normal(size=(12, 6))
    path = stored(x, (5, 6))
    words = r"`inputs` has chunks of 5 along axis 0, but a task has 4 there.* \(such as 20\)"
    refused(ValueError, words, erf, path, None, chunks=(4, 6))
    for chunks in [(5, 6), (10, 6), (12, 2 * 6)]:
        assert np.array_equal(map_chunks(erf, path, None, chunks=chunks).output, erf(x))
    found = map_chunks(erf, path, None, chunks=(4, 6), rechunk=True)
    assert np.array_equal(found.output, erf(x))


def test_core_dimensions_in_chunks(rng, stored):
    x = rng.normal(size=(12, 6))
    path = stored(x, (4, 3))
    words = r"`inputs\[0\]` has chunks of 3 along axis 1, a core dimension of length 6"
    refused(ValueError, words, np.vecdot, (path, x), None)
    found = map_chunks(np.vecdot, (path, x), None, rechunk=True)
    assert np.array_equal(found.output, np.vecdot(x, x))


def test_an_output_in_memory_has_nothing_to_resume(rng):
    x = rng.normal(size=8)
    refused(ValueError, "`resume` is True, but `output` is in memory", erf, x, None, resume=True)


def test_more_threads_than_cores():
    most = min(scale.cores(), ft.get_num_threads())
    words = f"{most} x {most + 1}, expected at most the {most} cores"
    refused(ValueError, words, erf, np.ones(4), None, workers=most, threads=most + 1)
    assert map_chunks(erf, np.ones(64), None, chunks=1, workers=8 * most).chunks == 64


def test_a_package_that_is_missing_is_named_with_its_extra(script):
    code = """
        import sys
        absent = None
        class Blocker:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] == absent:
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.meta_path.insert(0, Blocker())
        import numpy as np, ferrotran as ft
        for pair in sys.argv[1:]:
            what, _, absent = pair.rpartition("=")
            options = {"engine": what} if what in ("dask", "mpi") else {}
            output = None if options else what
            try:
                ft.scale.map_chunks(np.add, (np.ones(3), np.ones(3)), output, **options)
            except ImportError as error:
                print(error)
    """
    host = "127.0.0.1:9"
    said = script(
        *(code, "dask=distributed", "mpi=mpi4py", "x.zarr=zarr"),
        *(f"webdav+http://{host}/x=webdav4", f"hdfs://{host}/x=hdfs_native"),
        *(f"webhdfs://{host}/x=requests", "s3://bucket/x=s3fs"),
    ).splitlines()
    words = [
        "engine=\"dask\" needs distributed: pip install 'ferrotran[dask]'",
        "engine=\"mpi\" needs mpi4py: pip install 'ferrotran[mpi]'",
        "x.zarr needs zarr: pip install 'ferrotran[storage]'",
        f"the array at webdav+http://{host}/x needs webdav4: pip install 'ferrotran[storage]'",
        f"the array at hdfs://{host}/x needs hdfs_native: pip install 'ferrotran[storage]'",
        f"the array at webhdfs://{host}/x needs requests: pip install 'ferrotran[storage]'",
        "s3://bucket/x: ",
    ]
    assert len(said) == len(words), said
    for line, expected in zip(said, words):
        assert expected in line
