"""mandelbrot: 50 iterations of z² + c on a square grid, as a bitmap."""

from __future__ import annotations

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import jit, prange
from ferrotran_compare._registry import Kernel, compiled, languages, native, serial

ITERATIONS = 50


def pbm(bits: np.ndarray) -> bytes:
    """Return the portable bitmap (P4) as the benchmark prints it."""
    return b"P4\n%d %d\n" % (len(bits), len(bits)) + bits.tobytes()


def python(n: int) -> np.ndarray:
    """Pixel by pixel."""
    width = (n + 7) // 8
    bits = bytearray(n * width)
    for row in range(n):
        ci = 2.0 * row / n - 1.0
        for column in range(n):
            cr = 2.0 * column / n - 1.5
            zr = zi = rr = ii = 0.0
            for _ in range(ITERATIONS):
                zi = 2.0 * zr * zi + ci
                zr = rr - ii + cr
                rr = zr * zr
                ii = zi * zi
                if rr + ii > 4.0:
                    break
            else:
                bits[row * width + column // 8] |= 128 >> column % 8
    return np.frombuffer(bytes(bits), np.uint8).reshape(n, width)


def numpy(n: int) -> np.ndarray:
    """All points at once; those that escape are dropped."""
    grid = 2.0 * np.arange(n) / max(n, 1)
    cr, ci = (x.ravel() for x in np.meshgrid(grid - 1.5, grid - 1.0))
    left = np.arange(n * n)
    zr, zi, rr, ii = (np.zeros(n * n) for _ in range(4))
    for _ in range(ITERATIONS):
        zi = 2.0 * zr * zi + ci
        zr = rr - ii + cr
        rr, ii = zr * zr, zi * zi
        inside = rr + ii <= 4.0
        if not inside.all():
            left, cr, ci, zr, zi, rr, ii = (x[inside] for x in (left, cr, ci, zr, zi, rr, ii))
    pixels = np.zeros(n * n, bool)
    pixels[left] = True
    return np.packbits(pixels.reshape(n, n), axis=1)


@jit(parallel=True)
def numba(n: int) -> np.ndarray:
    """Pixel by pixel; rows in parallel."""
    width = (n + 7) // 8
    bits = np.zeros((n, width), np.uint8)
    for row in prange(n):
        ci = 2.0 * row / n - 1.0
        for column in range(n):
            cr = 2.0 * column / n - 1.5
            zr, zi, rr, ii = 0.0, 0.0, 0.0, 0.0
            for _ in range(ITERATIONS):
                zi = 2.0 * zr * zi + ci
                zr = rr - ii + cr
                rr = zr * zr
                ii = zi * zi
                if rr + ii > 4.0:
                    break
            if rr + ii <= 4.0:
                bits[row, column // 8] |= np.uint8(128 >> column % 8)
    return bits


def in_chapel(threads: int, n: int) -> np.ndarray:
    """Rows in tasks."""
    bits = np.empty((n, (n + 7) // 8), np.uint8)
    call("mandelbrot", n, bits, threads)
    return bits


KERNEL = Kernel(
    name="mandelbrot",
    what="complex arithmetic in a loop whose length differs from pixel to pixel",
    workload="the Mandelbrot set, {size} x {size} pixels, at most 50 iterations each",
    quick=200,
    full=1000,
    sizes=(25, 50, 100, 200, 400, 800),
    inputs=lambda n: (n,),
    languages=languages(
        **native(_native.mandelbrot),
        chapel=chapel(in_chapel),
        numpy=serial(numpy),
        python=serial(python),
        numba=compiled(numba, note="one pixel at a time; the native ones take eight"),
    ),
    why="bits: equality",
)
