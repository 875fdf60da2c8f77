"""The file systems behind `webdav+http` and `xrootd+http`, against real servers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ferrotran.scale._dav import DavFileSystem, XrdHttpFileSystem
from servers.xrootd import Xrootd

DATA = bytes(range(256)) * 100


@pytest.fixture
def files(server):
    kind = XrdHttpFileSystem if isinstance(server, Xrootd) else DavFileSystem
    return kind(server.http)


BOUNDS = [(0, 10), (10, 20), (-10, None), (25_590, None), (None, 7), (3, 3), (5, -5), (0, 25_600)]
BEYOND = [(25_599, 25_600), (25_590, 30_000), (30_000, 30_010), (-99_999, 4)]


@pytest.mark.parametrize("bounds", [*BOUNDS, *BEYOND])
def test_a_range_is_the_slice(files, bounds):
    files.pipe_file("f", DATA)
    assert files.cat_file("f", *bounds) == DATA[slice(*bounds)]


def test_files_and_folders(files):
    files.pipe_file("a/b/f", b"1")
    files.pipe_file("a/b/f", b"22")  # in place of the first
    files.pipe_file("a/g h+é", b"333")
    assert files.cat_file("a/b/f") == b"22"
    assert sorted(files.ls("a", detail=False)) == ["a/b", "a/g h+é"]
    assert sorted(files.find("a")) == ["a/b/f", "a/g h+é"]
    assert files.info("a/b/f")["size"] == 2
    assert files.isdir("a/b")
    assert files.exists("a/b/f")
    assert files.exists("a/b")
    assert not files.exists("a/b/none")
    with pytest.raises(FileNotFoundError):
        files.cat_file("a/b/none")
    with pytest.raises(FileNotFoundError):
        files.ls("none")
    with pytest.raises(FileExistsError):
        files.pipe_file("a/b/f", b"", mode="create")


def test_a_move_replaces(files):
    files.pipe_file("f", b"new")
    files.pipe_file("g", b"old!")
    files.mv("f", "g")
    assert files.cat_file("g") == b"new"
    assert not files.exists("f")
    with pytest.raises(FileNotFoundError):
        files.mv("none", "g")


def test_folders_are_removed_with_what_they_hold(files, server):
    for name in ("a/b/f", "a/b/g", "a/c/h", "a/i"):
        files.pipe_file(name, b"1")
    files.rm("a", recursive=True)
    assert not list(server.root.iterdir())


def test_a_server_that_is_away_is_no_missing_file(files, server):
    files.pipe_file("f", b"1")
    server.stop()
    with pytest.raises(Exception, match=r"(?i)connect"):
        files.exists("f")
    with pytest.raises(Exception, match=r"(?i)connect"):
        files.cat_file("f")
    server.start()
    assert files.cat_file("f") == b"1"


def test_many_make_the_same_folders_at_once(files):
    names = [f"{round}/b/c/{n}" for round in range(8) for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: files.pipe_file(name, name.encode()), names))
        assert list(pool.map(files.cat_file, names)) == [name.encode() for name in names]
