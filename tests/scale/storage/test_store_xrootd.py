"""Input and output on xrootd over HTTP, and what its door would get wrong."""

import ferrotran as ft
import numpy as np
import pytest
from faults import need
from ferrotran import scale
from ferrotran.scale import ChunkError, map_chunks
from servers.xrootd import Xrootd, XrootdCluster, xrootd_missing

j0 = ft.special.j0


@pytest.fixture
def xrootd(reachable):
    need(xrootd_missing())
    with Xrootd(reachable / "xrootd") as server:
        yield server


def test_shards_which_are_read_by_ranges(xrootd, x, put):
    source = put(f"{xrootd.url}/x.zarr", x, (16, 16), shards=(32, 64))
    scale.create(f"{xrootd.url}/y.zarr", x.shape, x.dtype, (8, 16), shards=(32, 64))
    report = map_chunks(j0, source, f"{xrootd.url}/y.zarr")
    assert report.chunks == 6
    assert np.array_equal(report.output[...], j0(x))
    assert np.array_equal(report.output[5:7, 3:100], j0(x)[5:7, 3:100])


def test_plain_http_says_that_ranges_do_not_come(xrootd, x, put):
    put(f"{xrootd.url}/x.zarr", x, (16, 16), shards=(32, 64))
    with pytest.raises(ChunkError, match=r"asked for .* bytes and got .* does not do ranges"):
        map_chunks(j0, f"{xrootd.http}/x.zarr", None, chunks=(16, 16))
    put(f"{xrootd.url}/whole.zarr", x)  # without shards there are no ranges
    assert np.array_equal(map_chunks(j0, f"{xrootd.http}/whole.zarr", None).output, j0(x))


def test_from_one_store_into_another(xrootd, x, put, tmp_path):
    source = put(tmp_path / "x.zarr", x)
    map_chunks(j0, source, f"{xrootd.url}/y.zarr")
    report = map_chunks(np.negative, f"{xrootd.url}/y.zarr", tmp_path / "z.zarr")
    assert np.array_equal(report.output[...], -j0(x))


def test_a_cluster_behind_a_redirector(reachable, x, put):
    need(xrootd_missing())
    small = x[:32, :32]
    with XrootdCluster(reachable / "cluster", servers=2) as cluster:
        source, target = put(f"{cluster.url}/x.zarr", small), f"{cluster.url}/y.zarr"
        report = map_chunks(j0, source, target, workers=4)
        assert np.array_equal(report.output[...], j0(small))
        held = [len(list((root / "y.zarr" / "c").rglob("?"))) for root in cluster.roots]
        assert all(held), "both servers hold chunks"
        # The journal's list is that of one server; nothing of it counts once the job is finished.
        assert map_chunks(j0, source, target, resume=True).skipped == 0
