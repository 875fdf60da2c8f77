"""The image of the lesson: cells with two dyes, counted photon by photon, from a fixed seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHANNELS, WIDTH = 64, 0.2


def truth(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return brightness and lifetime of the pixels of a square image."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    cells, nuclei = np.zeros((side, side)), np.zeros((side, side))
    for row, column, size in rng.uniform((0, 0, 0.08), (1, 1, 0.15), (14, 3)):
        away = ((x - column) ** 2 + (y - row) ** 2) / size**2
        cells = np.maximum(cells, 1 / (1 + away**4))
        nuclei = np.maximum(nuclei, np.exp(-6 * away))
    ripple = 1 + 0.2 * np.sin(40 * x + 9 * np.sin(14 * y))
    return 60 + 540 * cells * ripple, 1.1 + 2.3 * cells * (1 - 0.6 * nuclei)


def counts(side: int) -> NDArray[np.int64]:
    """Return the photons of each pixel and channel, (side², CHANNELS)."""
    brightness, lifetime = (a.reshape(-1, 1) for a in truth(side))
    times = WIDTH * np.arange(CHANNELS)
    mean = brightness * np.exp(-times / lifetime) + 3.0
    return np.random.default_rng(12).poisson(mean)


def files(folder: Path, side: int) -> tuple[Path, Path]:
    """Write the image as text and as an array file; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    text, array = folder / f"counts-{side}.csv", folder / f"counts-{side}.npy"
    image = counts(side)
    np.savetxt(text, image, fmt="%d", delimiter=",")
    np.save(array, image)
    return text, array
