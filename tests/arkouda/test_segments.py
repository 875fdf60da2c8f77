"""Kernels over arrays of an arkouda server, where the address of one is given."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import ferrotran as ft
import numpy as np
import pytest

HERE = Path(__file__).resolve().parents[2] / "examples" / "arkouda"
SERVER = os.environ.get("ARKOUDA_SERVER")
pytestmark = pytest.mark.skipif(
    not SERVER, reason="no arkouda server: ARKOUDA_SERVER=host:port names one"
)


@pytest.fixture(scope="module")
def segments():
    """The example, connected; it imports arkouda."""
    sys.path.insert(0, str(HERE))
    found = importlib.import_module("segments")
    found.connect(SERVER)
    yield found
    found.ak.disconnect()


@pytest.fixture
def ak(segments):
    """The client."""
    return segments.ak


@pytest.mark.parametrize("segment", [1, 7, 100, 101, 10_000, None])
def test_every_segment_comes_back_in_its_place(segments, ak, segment):
    x = np.random.default_rng(1).uniform(-4, 4, 101)
    y = segments.apply(ft.special.erf, ak.array(x), segment=segment)
    assert y.to_ndarray().tobytes() == ft.special.erf(x).tobytes()


def test_several_inputs_and_an_empty_one(segments, ak):
    a, b = np.random.default_rng(2).random((2, 50))
    c = segments.apply(np.hypot, ak.array(a), ak.array(b), segment=13)
    assert c.to_ndarray().tobytes() == np.hypot(a, b).tobytes()
    assert segments.apply(ft.special.erf, ak.zeros(0), segment=13).size == 0


def test_no_more_than_a_segment_is_here_at_once(segments, ak):
    seen = []

    def kernel(x):
        seen.append(x.size)
        return 2 * x

    y = segments.apply(kernel, ak.ones(1000), segment=300)
    assert seen == [300, 300, 300, 100]
    assert float(y.sum()) == 2000.0


def test_wrong_arguments_are_named(segments, ak):
    x = ak.ones(5)
    most = segments.transfer_limit() // 8
    with pytest.raises(ValueError, match=f"`segment` is 0, expected 1 to {most}"):
        segments.apply(ft.special.erf, x, segment=0)
    with pytest.raises(ValueError, match=f"`segment` is {most + 1}"):
        segments.apply(ft.special.erf, x, segment=most + 1)
    with pytest.raises(ValueError, match=r"`inputs` have \[5, 6\] elements"):
        segments.apply(np.hypot, x, ak.ones(6))
    with pytest.raises(ValueError, match=r"`inputs\[0\]` is of int64, expected float64"):
        segments.apply(ft.special.erf, ak.arange(0, 5, 1))
    with pytest.raises(ValueError, match="`inputs` is empty"):
        segments.apply(ft.special.erf)


@pytest.mark.parametrize("address", ["localhost", ":5555", "host:", "host:port"])
def test_an_address_without_host_or_port_is_refused(segments, address):
    with pytest.raises(ValueError, match="expected host:port"):
        segments.connect(address)


def test_the_example_runs(segments):
    done = subprocess.run(
        [sys.executable, HERE / "segments.py", "5000"], text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "erf of 5,000 numbers on the server" in done.stdout
