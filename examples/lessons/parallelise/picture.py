"""The picture of the lesson: the lifetimes, one decay, and where the time of each step goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faster
import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

MUTED, FIT, READ = "#666666", "#0b6e4f", "#c26a1b"


def draw(
    path: Path,
    counts: Any,
    best: Any,
    parts: Mapping[str, Mapping[str, float]],
    steps: Mapping[str, str],
) -> None:
    """Write the picture."""
    style = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    style |= {"axes.edgecolor": MUTED, "axes.titlesize": 10, "axes.titlelocation": "left"}
    with plt.rc_context(style):
        figure, axes = plt.subplots(
            1, 3, figsize=(11.5, 3.6), width_ratios=[1.15, 1, 1.35], layout="constrained"
        )
        side = int(len(counts) ** 0.5)
        shown = axes[0].imshow(
            (1 / best[:, 1]).reshape(side, side), cmap="viridis", vmin=1.0, vmax=3.4
        )
        axes[0].set_title("lifetime of each pixel, ns")
        axes[0].set_xticks([])
        axes[0].set_yticks([])
        figure.colorbar(shown, ax=axes[0], shrink=0.9).outline.set_visible(False)

        times = faster.WIDTH * np.arange(counts.shape[1])
        pixel = int(np.argsort(counts[:, 0])[int(0.9 * len(counts))])
        axes[1].plot(times, counts[pixel], ".", color=MUTED, markersize=4, label="counts")
        axes[1].plot(times, faster.decay(times, *best[pixel]), color=FIT, label="fit")
        axes[1].set_yscale("symlog", linthresh=10)
        axes[1].set_ylim(0, None)
        axes[1].set_title("photons of one pixel")
        axes[1].set_xlabel("ns")
        axes[1].legend(frameon=False)

        places = range(len(steps))
        for part, colour in (("fitting", FIT), ("reading", READ)):
            values = [parts[step][part] for step in steps]
            axes[2].plot(values, places, "o-", color=colour, label=part)
        axes[2].set_xscale("log")
        axes[2].set_yticks(places, list(steps.values()))
        axes[2].set_ylim(len(steps) - 0.6, -0.6)
        axes[2].set_title("microseconds a pixel")
        axes[2].grid(axis="x", color="#dddddd", linewidth=0.6)
        axes[2].legend(frameon=False, loc="lower right")
        figure.savefig(path, dpi=110, facecolor="white")
        plt.close(figure)
