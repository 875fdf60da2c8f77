"""The program of `decays.py`, moved: to NumPy, to a kernel of ferrotran, over threads."""

from concurrent.futures import ThreadPoolExecutor

import ferrotran as ft
import numpy as np
from scipy.optimize import curve_fit

WIDTH = 0.2  # nanoseconds


def read(path):
    """Return the counts of all pixels, (pixels, channels)."""
    return np.loadtxt(path, delimiter=",")


def decay(times, amplitude, rate, background):
    """Photons in each channel, on average."""
    return amplitude * np.exp(-rate * times) + background


def start(counts):
    """Guess amplitude, rate and background of all pixels, (pixels, 3)."""
    background = counts[:, -8:].mean(axis=1)
    amplitude = np.maximum(counts[:, 0] - background, 1.0)
    area = WIDTH * (counts - background[:, None]).sum(axis=1)
    return np.stack([amplitude, amplitude / np.maximum(area, WIDTH), background], axis=1)


def fit_numpy(counts):
    """Return the parameters of all pixels and their standard errors, each (pixels, 3)."""
    times = WIDTH * np.arange(counts.shape[1])
    best, errors = [], []
    for y, p0, sigma in zip(counts, start(counts), np.sqrt(np.maximum(counts, 1))):
        popt, pcov = curve_fit(decay, times, y, p0, sigma, absolute_sigma=True)
        best.append(popt)
        errors.append(np.sqrt(np.diag(pcov)))
    return np.array(best), np.array(errors)


def fit(counts, workers=None):
    """The same by one call; None is all cores."""
    times, sigma = WIDTH * np.arange(counts.shape[1]), np.sqrt(np.maximum(counts, 1))
    best, covariance = ft.optimize.curve_fit(
        "exponential", times, counts, start(counts), sigma, absolute_sigma=True, workers=workers
    )
    return best, np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))


def fit_in_threads(fit_some, counts, threads):
    """Cut the image into strips, fit each in a thread of Python."""
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(fit_some, np.array_split(counts, threads)))
    return tuple(np.concatenate(arrays) for arrays in zip(*parts))


def report(best, errors):
    """Say in a line what the image shows."""
    lifetimes = 1 / best[:, 1]
    low, middle, high = np.quantile(lifetimes, [0.25, 0.5, 0.75])
    return (
        f"{len(best)} pixels, lifetime {middle:.3f} ns ({low:.3f} to {high:.3f}), "
        f"each known to {np.median(errors[:, 1] * lifetimes**2):.3f} ns"
    )
