"""Map the lifetime of a fluorescing dye: one decay curve in each pixel, one fit to each curve.

    python decays.py counts.csv

A line of the file is a pixel; its columns are the photons counted in channels of 0.2 ns.
"""

import csv
import math
import statistics
import sys

from scipy.optimize import curve_fit

WIDTH = 0.2  # nanoseconds


def read(path):
    """Return the counts of all pixels."""
    with open(path, newline="") as file:
        return [[int(count) for count in row] for row in csv.reader(file)]


def decay(times, amplitude, rate, background):
    """Photons in each channel, on average."""
    return [amplitude * math.exp(-rate * t) + background for t in times]


def start(counts):
    """Guess amplitude, rate and background: the area below a decay is amplitude / rate."""
    background = sum(counts[-8:]) / 8
    amplitude = max(counts[0] - background, 1.0)
    area = WIDTH * sum(count - background for count in counts)
    return [amplitude, amplitude / max(area, WIDTH), background]


def fit(counts):
    """Return the parameters of one pixel and their standard errors."""
    times = [WIDTH * channel for channel in range(len(counts))]
    sigma = [math.sqrt(max(count, 1)) for count in counts]  # of a Poisson distribution
    best, covariance = curve_fit(decay, times, counts, start(counts), sigma, absolute_sigma=True)
    return list(best), [math.sqrt(covariance[i][i]) for i in range(3)]


def report(fits):
    """Say in a line what the image shows."""
    lifetimes = [1 / best[1] for best, _ in fits]
    errors = [error[1] / best[1] ** 2 for best, error in fits]
    low, middle, high = statistics.quantiles(lifetimes, n=4)
    return (
        f"{len(fits)} pixels, lifetime {middle:.3f} ns ({low:.3f} to {high:.3f}), "
        f"each known to {statistics.median(errors):.3f} ns"
    )


def main(path):
    """Return the fits of all pixels."""
    fits = [fit(counts) for counts in read(path)]
    print(report(fits))
    return fits


if __name__ == "__main__":
    main(sys.argv[1])
