"""The picture of the demo: terrain before, after, difference, and the ratios as bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource, TwoSlopeNorm
from numpy.typing import NDArray
from terrain import DIFFUSIVITY, DURATION, Terrain

INK, MUTED, OURS, PEER = "#222222", "#666666", "#0b6e4f", "#b7b7b7"


def _style() -> dict[str, object]:
    return {
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.edgecolor": MUTED,
        "axes.labelcolor": MUTED,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }


def _map(axes: Axes, terrain: Terrain, title: str) -> list[float]:
    rows, columns = terrain.elevation.shape
    axes.set_title(title)
    axes.set_xlabel("km east")
    axes.set_aspect("equal")
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)
    return [0.0, columns * terrain.dx / 1000, 0.0, rows * terrain.dy / 1000]


def _terrain(axes: Axes, terrain: Terrain, elevation: NDArray[np.float64], title: str) -> None:
    """Draw elevation as colour and slope as shade."""
    extent = _map(axes, terrain, title)
    light = LightSource(azdeg=315, altdeg=45)
    low, high = np.percentile(terrain.elevation, [0.5, 99.8])
    shaded = light.shade(
        elevation,
        cmap=plt.get_cmap("gist_earth"),
        blend_mode="soft",
        vert_exag=4,
        dx=terrain.dx,
        dy=terrain.dy,
        vmin=low - 0.45 * (high - low),
        vmax=high + 0.12 * (high - low),
    )
    axes.imshow(shaded, extent=extent, interpolation="bilinear")


def _change(axes: Axes, terrain: Terrain, change: NDArray[np.float64]) -> None:
    extent = _map(axes, terrain, "change of elevation")
    limit = float(np.percentile(np.abs(change), 99.5))
    norm = TwoSlopeNorm(0.0, -limit, limit)
    image = axes.imshow(change, extent=extent, cmap="RdBu", norm=norm, interpolation="bilinear")
    inset = axes.inset_axes((1.03, 0.0, 0.035, 1.0))
    bar = axes.figure.colorbar(image, cax=inset, extend="both")
    bar.outline.set_visible(False)
    bar.set_label("m: eroded (red), filled (blue)", color=MUTED)


def _ratios(axes: Axes, kernel: str, rows: Sequence[tuple[str, float]], most: int) -> None:
    """Draw one kernel: times relative to ferrotran's, on a logarithmic axis from 1."""
    axes.set_title(kernel, loc="center")
    names = [who for who, _ in rows]
    ratios = [ratio for _, ratio in rows]
    colours = [OURS if who.startswith("ferrotran") else PEER for who in names]
    axes.hlines(range(len(rows)), 1.0, ratios, colors=colours, linewidth=7)
    axes.scatter(ratios, range(len(rows)), c=colours, s=70, zorder=3)
    axes.axvline(1.0, color=OURS, linewidth=0.8)
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(most - 0.5, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(0.6 * min(1.0, *ratios), 3.0 * max(4.0, *ratios))
    for index, ratio in enumerate(ratios):
        label = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
        offset = (9, 0)
        axes.annotate(label, (ratio, index), offset, textcoords="offset points", va="center")
    axes.xaxis.set_visible(False)
    axes.tick_params(left=False)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)


def draw(
    terrain: Terrain,
    after: NDArray[np.float64],
    kernels: dict[str, Sequence[tuple[str, float]]],
    path: Path,
) -> None:
    """Write the picture; `kernels` maps a title to (who, time over ferrotran's time)."""
    with plt.rc_context(_style()):
        figure = plt.figure(figsize=(13.0, 7.0), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=[2.5, 1.0], hspace=0.03)
        maps = upper.subplots(1, 3)
        _terrain(maps[0], terrain, terrain.elevation, "Jacksboro fault, Tennessee: today")
        _terrain(maps[1], terrain, after, f"after {DURATION / 1000:g} million years of soil creep")
        _change(maps[2], terrain, after - terrain.elevation)
        maps[0].set_ylabel("km north")
        upper.suptitle(
            f"Hillslope diffusion, D = {DIFFUSIVITY:g} m²/kyr, {terrain.steps} explicit steps",
            x=0.01,
            ha="left",
            fontweight="bold",
        )
        lower.suptitle(
            "Time over ferrotran's (1 by definition; longer is slower; ×: threads)",
            x=0.01,
            ha="left",
            fontweight="bold",
        )
        most = max(len(rows) for rows in kernels.values())
        places = lower.subplots(1, len(kernels))
        for axes, (kernel, rows) in zip(places, kernels.items(), strict=True):
            _ratios(axes, kernel, rows, most)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, facecolor="white")
        plt.close(figure)
