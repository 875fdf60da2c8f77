"""Every language against what the Computer Language Benchmarks Game publishes."""

import hashlib
import math

import pytest
from ferrotran_compare import kernels
from ferrotran_compare.mandelbrot import pbm

# SHA-256 of the bitmap in the game's form: `P4`, a line with both sizes, then the bytes of
# `mandelbrot.pbm`. It was made by this package, in all six languages alike.
BITMAP_200 = "97610473750700638fc63d13cfa49d339b67c18e7f26b3f9c9acb61e746472d5"


def each(name):
    """Every language of a kernel, in one thread and where it can in three."""
    entries = kernels[name].languages.items()
    runs = [(language, n) for language, e in entries for n in ((1, 3) if e.parallel else (1,))]
    return pytest.mark.parametrize(("language", "threads"), runs)


@each("nbody")
def test_nbody_prints_the_published_energies(language, threads):
    before, after = kernels["nbody"].bind(language, 1000, threads)()
    assert (f"{before:.9f}", f"{after:.9f}") == ("-0.169075164", "-0.169087605")


@each("spectral_norm")
def test_spectral_norm_prints_the_published_digits(language, threads):
    norm = kernels["spectral_norm"].bind(language, 100, threads)()
    assert f"{norm:.9f}" == "1.274219991"


@each("fannkuch")
def test_fannkuch_counts_the_published_flips(language, threads):
    assert tuple(kernels["fannkuch"].bind(language, 7, threads)()) == (228, 16)


@each("mandelbrot")
def test_mandelbrot_draws_the_same_bitmap(language, threads):
    image = pbm(kernels["mandelbrot"].bind(language, 200, threads)())
    assert image.startswith(b"P4\n200 200\n")
    assert len(image) == 11 + 200 * 25
    assert hashlib.sha256(image).hexdigest() == BITMAP_200


@each("collatz")
def test_collatz_finds_the_known_longest_chain(language, threads):
    # https://oeis.org/A006877 and A006878: 6171 takes 261 steps, so 262 terms.
    assert tuple(kernels["collatz"].bind(language, 10_000, threads)()) == (6171, 262)


@each("neumaier")
def test_neumaier_is_the_rounded_exact_sum(language, threads):
    kernel = kernels["neumaier"]
    (x,) = kernel.inputs(200_000)
    exact = math.fsum(x)
    assert abs(kernel.bind(language, 200_000, threads)() - exact) <= math.ulp(exact)
