"""Every language against the others, and one thread against several."""

import os
import subprocess
import sys

import numpy as np
import pytest
from ferrotran_compare import _chapel, _native, build_info, kernels
from ferrotran_compare._registry import LANGUAGES
from ferrotran_compare.languages import disagreeing
from ferrotran_compare.timing import Alternation
from ferrotran_compare.tridiagonal import python_one

SIZES = {"fannkuch": (0, 1, 2, 3, 6, 8), "neumaier": (0, 1, 2, 1000, 200_000)}
OTHER_SIZES = (0, 1, 2, 3, 9, 33, 150)
NATIVE = ("fortran", "c", "rust")
THERE = tuple(name for name in LANGUAGES if name != "chapel" or _chapel.there)

names = pytest.mark.parametrize("name", kernels)


def bits(answer):
    """The bytes of an answer."""
    return np.asarray(answer).tobytes()


@names
def test_all_languages_agree(name):
    kernel = kernels[name]
    for size in SIZES.get(name, OTHER_SIZES):
        expected = kernel.bind("python", size)()
        for language in kernel.languages:
            difference = kernel.check(expected, kernel.bind(language, size)(), size)
            assert difference is None, f"{language}, size {size}: {difference}"


@names
def test_threads_give_the_same_bits(name):
    kernel = kernels[name]
    for language, entry in kernel.languages.items():
        for size in SIZES.get(name, OTHER_SIZES) if entry.parallel else ():
            one = bits(kernel.bind(language, size)())
            for threads in (2, 3):
                several = bits(kernel.bind(language, size, threads)())
                assert several == one, f"{language}, size {size}, {threads} threads"


@pytest.mark.parametrize("name", ["nbody", "spectral_norm", "neumaier", "triad"])
def test_the_native_languages_give_the_same_bits(name):
    kernel = kernels[name]
    for size in (1, 100, 1000):
        names = NATIVE + ("chapel",) * _chapel.there
        answers = {bits(kernel.bind(language, size)()) for language in names}
        assert len(answers) == 1, f"size {size}"


def test_the_native_bodies_end_at_the_same_bits():
    inputs = kernels["nbody"].inputs(1000)
    ends = {b"".join(map(bits, _native.nbody(language, *inputs))) for language in NATIVE}
    assert len(ends) == 1


@names
def test_an_answer_is_the_same_again(name):
    kernel = kernels[name]
    for language in kernel.languages:
        run = kernel.bind(language, 5)
        first = np.array(run(), copy=True)
        assert bits(run()) == bits(first), language


@names
def test_every_language_is_there(name):
    kernel = kernels[name]
    assert tuple(kernel.languages) == THERE  # numba is among the requirements of the tests
    assert kernel.name == name
    assert "{size}" in kernel.workload
    assert kernel.quick < kernel.full
    assert kernel.why
    for language, entry in kernel.languages.items():
        serial = language in ("numpy", "python") or name == "nbody"
        assert entry.parallel is not serial, language


@names
def test_a_wrong_answer_is_named_with_both_values(name):
    kernel = kernels[name]
    size = 6
    right = np.array(kernel.bind("c", size)())
    wrong = right.copy()
    wrong.flat[-1] += 1
    said = kernel.check(right, wrong, size)
    assert said is not None
    assert repr(wrong.flat[-1].item()) in said
    assert repr(right.flat[-1].item()) in said


def test_a_nan_is_a_disagreement():
    kernel = kernels["nbody"]
    assert kernel.check([1.0, 2.0], [1.0, np.nan], 1) is not None
    assert kernel.check([1.0, np.nan], [1.0, np.nan], 1) is None
    assert "shape" in kernel.check([1.0], [1.0, 2.0], 1)


def test_exchanged_rows_and_singular_systems_agree():
    rng = np.random.default_rng(1)
    systems = rng.uniform(-1, 1, (3, 50, 40))  # not dominant: half of the rows are exchanged
    dl, d, du = systems[0, :, 1:].copy(), systems[1], systems[2, :, 1:].copy()
    b = rng.uniform(-1, 1, (50, 40))
    d[3], dl[3], du[3] = 0.0, 0.0, 0.0
    entries = kernels["solve_tridiagonal"].languages
    inputs = dl, d, du, b
    for language, entry in entries.items():
        prepared = entry.prepare(*inputs) if entry.prepare else inputs
        with np.errstate(invalid="ignore"):
            if language == "python":  # its batch is as long as its systems
                x = np.array([python_one(*system) for system in zip(*prepared)])
            else:
                x = np.asarray(entry.run(1, *prepared))
        assert np.isnan(x[3]).all(), language
        keep = np.arange(50) != 3
        residual = d * x - b
        residual[:, :-1] += du * x[:, 1:]
        residual[:, 1:] += dl * x[:, :-1]
        # Partial pivoting: within 4 n ε of |A| |x|, both norms the largest row's.
        scale = 3 * np.abs(x).max(axis=1, keepdims=True) + 1
        assert (np.abs(residual) / scale)[keep].max() <= 160 * 2.0**-52, language


def test_wrong_arguments_are_named():
    kernel = kernels["nbody"]
    with pytest.raises(ValueError, match="`language` is 'cobol', nbody has fortran"):
        kernel.bind("cobol", 1)
    with pytest.raises(ValueError, match="`threads` is 2, expected 1 for c"):
        kernel.bind("c", 1, threads=2)
    with pytest.raises(ValueError, match="`threads` is 0, expected at least 1"):
        kernels["triad"].bind("c", 1, threads=0)
    with pytest.raises(ValueError, match="`language` is 'cobol', expected 'fortran', 'c' or"):
        _native.collatz("cobol", 1, 1)
    with pytest.raises(ValueError, match="`n` is 13, expected at most 12"):
        _native.fannkuch("c", 13, 1)
    with pytest.raises(ValueError, match="`b` has 2 elements, expected 3"):
        _native.triad("c", 1.0, np.zeros(2), np.zeros(3), np.zeros(3), 1)


def test_the_build_tells_compilers_and_the_same_instruction_set_for_all():
    info = build_info()
    assert set(info) == {*THERE, "target"}
    cpu = info["target"]["cpu"]
    for language in NATIVE + ("chapel",) * _chapel.there:
        assert info[language]["compiler"]
        flags = info[language]["flags"]
        assert "-O3" in flags or "opt-level=3" in flags or "--fast" in flags
        if cpu != "baseline":
            assert f"-march={cpu}" in flags or f"target-cpu={cpu}" in flags
    if cpu == "x86-64-v3":
        assert {"avx2", "fma"} <= set(info["target"]["features"].split())
    if cpu == "baseline":
        assert "avx2" not in info["target"]["features"]


def test_the_answer_of_the_majority_is_the_reference():
    def found(**answers):
        race = Alternation({(name, 1): answer for name, answer in answers.items()})
        wrong = disagreeing(kernels["collatz"], 9, race, lambda what, share: None, 0.0)
        return {name for name, _ in wrong}

    right, wrong, broken = (lambda: (3, 8)), (lambda: (4, 8)), (lambda: [][0])
    assert found(a=right, b=right, c=right) == set()
    assert found(a=wrong, b=right, c=right) == {"a"}
    assert found(a=right, b=wrong, c=right) == {"b"}
    assert found(a=broken, b=right, c=right) == {"a"}
    assert found(a=broken, b=right) == {"a"}
    assert found(a=wrong, b=right) == {"b"}  # no majority: the first is as good as any
    assert found(a=broken, b=broken) == {"a", "b"}
    assert found(a=right) == set()


def test_numba_keeps_the_parallel_version_apart_in_its_cache(tmp_path):
    code = """
from ferrotran_compare import kernels, triad
for threads in (1, 2):
    kernels["triad"].bind("numba", 1000, threads)()
for jit in (triad.numba.one, triad.numba.all):
    (text,) = jit.inspect_asm().values()
    print(sum(jit.stats.cache_hits.values()), "numba_parallel_for" in text)
"""

    def run():
        env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
        return done.stdout.split()

    assert run() == [b"0", b"False", b"0", b"True"]
    assert run()[::2] == [b"1", b"1"]  # numba shows no code that comes from its cache
