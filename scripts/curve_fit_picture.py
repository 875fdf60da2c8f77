"""Make docs/curve_fit.png: a fit to measured data with certified values, and a batch of fits.

.venv/bin/python scripts/curve_fit_picture.py

The data are the set Thurber of NIST's Statistical Reference Datasets (tests/data/nist): electron
mobility in a semiconductor. It takes matplotlib.
"""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib
import numpy as np
from ferrotran.optimize import curve_fit
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "curve_fit.png"
REFITS = 2000
ORANGE, BLUE, GREY = "#d95f02", "#1f5a99", "0.45"


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / "tests" / "data" / "nist" / name).open() as file:
        return [row for row in csv.DictReader(file) if row["set"] == "Thurber"]


def rational(
    x: np.ndarray, b1: float, b2: float, b3: float, b4: float, b5: float, b6: float, b7: float
) -> np.ndarray:
    return (b1 + x * (b2 + x * (b3 + x * b4))) / (1 + x * (b5 + x * (b6 + x * b7)))


def fit_panels(axes: tuple[plt.Axes, plt.Axes], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Draw data, curve with its 95 % band, and residuals; return the parameters."""
    start = [float(row["start1"]) for row in table("parameters.csv")]
    popt, pcov = curve_fit(rational, x, y, start, ftol=1e-14, xtol=1e-12)
    fine = np.linspace(x.min() - 0.1, x.max() + 0.1, 400)
    steps = 1e-6 * np.abs(popt)
    curve = rational(fine, *popt)
    slopes = [(rational(fine, *(popt + s)) - curve) / s.sum() for s in np.diag(steps)]
    error = np.sqrt(np.einsum("ix,ij,jx->x", slopes, pcov, slopes))
    top, bottom = axes
    top.fill_between(fine, curve - 1.96 * error, curve + 1.96 * error, color=ORANGE, alpha=0.25)
    top.plot(fine, curve, color=ORANGE, lw=1.5, label="fit, 95 % band")
    top.plot(x, y, "o", ms=4, color=BLUE, label="measured")
    top.set_ylabel("electron mobility")
    top.set_title("Thurber: 37 measurements, 7 parameters", fontsize=10)
    top.legend(frameon=False, fontsize=9, loc="upper left")
    top.tick_params(labelbottom=False)
    bottom.axhline(0, color=ORANGE, lw=1)
    bottom.plot(x, y - rational(x, *popt), "o", ms=3, color=BLUE)
    bottom.set_ylabel("residual")
    bottom.set_xlabel("log10 of the density")
    return popt


def batch_panel(axes: plt.Axes, x: np.ndarray, y: np.ndarray, popt: np.ndarray) -> None:
    """Draw what repeated measurements would give, and the certified values."""
    rng = np.random.default_rng(0)
    curve = rational(x, *popt)
    deviation = np.sqrt(((y - curve) ** 2).sum() / (x.size - popt.size))
    again = curve + deviation * rng.standard_normal((REFITS, x.size))
    many, _ = curve_fit(rational, x, again, popt)
    certified = [float(row["certified"]) for row in table("parameters.csv")]
    errors = [float(row["deviation"]) for row in table("parameters.csv")]
    axes.plot(many[:, 4], many[:, 6], ".", ms=2, color=GREY, label=f"{REFITS} refits, one call")
    axes.errorbar(
        certified[4],
        certified[6],
        yerr=errors[6],
        xerr=errors[4],
        fmt="none",
        lw=2,
        color=ORANGE,
        capsize=3,
        label="certified ± deviation",
    )
    axes.plot(popt[4], popt[6], "x", ms=9, mew=2.5, color=BLUE, zorder=5, label="fit")
    axes.set_xlabel("b5")
    axes.set_ylabel("b7")
    axes.set_title("the same with new noise", fontsize=10)
    axes.legend(frameon=False, fontsize=9, loc="upper left")


def main() -> None:
    """Draw the picture and make it small."""
    rows = table("data.csv")
    x, y = (np.array([float(row[key]) for row in rows]) for key in ("x", "y"))
    figure = plt.figure(figsize=(9.5, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 1), width_ratios=(1.25, 1))
    top = figure.add_subplot(grid[0, 0])
    bottom = figure.add_subplot(grid[1, 0], sharex=top)
    popt = fit_panels((top, bottom), x, y)
    batch_panel(figure.add_subplot(grid[:, 1]), x, y, popt)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(TARGET, dpi=110)
    image = Image.open(TARGET).convert("RGB")
    image.quantize(64, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {image.width} pixels, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
