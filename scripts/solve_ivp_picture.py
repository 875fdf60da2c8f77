"""Make docs/solve_ivp.png: what errors of the speed do to Arenstorf's orbit about Earth and Moon.

.venv/bin/python scripts/solve_ivp_picture.py
"""

import time
import warnings
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from ferrotran.integrate import IntegrationWarning, OdeResult, solve_ivp, systems
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "solve_ivp.png"
DISTANCE = 384.4  # from Earth to Moon, in thousand km
SPEED = 2 * np.pi * 384_400e3 / (27.321661 * 86_400)  # m/s, the unit of the velocities
PERIOD = 17.0652165601579625588917206249
START = np.array([0.994, 0.0, 0.0, -2.00158510637908252240537862224])
SIDE = 250


def orbits(errors: np.ndarray, times: np.ndarray) -> OdeResult:
    """Integrate over two periods with errors (..., 2) in m/s of the velocity at the start."""
    starts = np.broadcast_to(START, (*errors.shape[:-1], 4)).copy()
    starts[..., 2:] += errors / SPEED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)  # those that fall into a body
        return solve_ivp(
            systems.three_body, (0, 2 * PERIOD), starts, "DOP853", times, rtol=1e-10, atol=1e-10
        )


def draw_fan(axes: plt.Axes) -> None:
    """Draw orbits whose speed is off by up to 2 m/s."""
    errors = np.linspace(-2, 2, 161)
    times = np.linspace(0, 2 * PERIOD, 4000)
    fan = orbits(np.stack([0 * errors, -errors], axis=-1), times).y[:, :2] * DISTANCE
    colours = mpl.colormaps["coolwarm"]
    for error, orbit in zip(errors, fan):
        axes.plot(*orbit, color=colours((error + 2) / 4), linewidth=0.4, alpha=0.8)
    axes.plot(*fan[errors.size // 2], color="black", linewidth=0.8)
    mu = systems.three_body.parameters["mu"]
    for x, name, size in ((-mu, "Earth", 8), (1 - mu, "Moon", 4)):
        axes.plot(x * DISTANCE, 0, "o", color="black", markersize=size)
        place = {"xytext": (0, 9), "textcoords": "offset points", "ha": "center"}
        axes.annotate(name, (x * DISTANCE, 0), **place)
    axes.set(aspect="equal", xlim=(-800, 800), ylim=(-800, 800))
    axes.set(xlabel="thousand km", ylabel="thousand km")
    axes.set_title("148 days, up to 2 m/s too fast (red) or slow (blue)", loc="left")


def draw_map(axes: plt.Axes) -> str:
    """Draw where orbits are after two periods, for errors of both components of the velocity."""
    side = np.linspace(-2, 2, SIDE)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    begin = time.perf_counter()
    found = orbits(grid, np.array([2 * PERIOD]))
    seconds = time.perf_counter() - begin
    away = np.hypot(found.y[..., 0, 0], found.y[..., 1, 0]) * DISTANCE
    axes.set_facecolor("black")
    extent = (-2, 2, -2, 2)
    norm = mpl.colors.LogNorm(50, 5000)
    shown = axes.imshow(away, origin="lower", extent=extent, norm=norm, cmap="viridis")
    label = "from Earth after 148 days, thousand km"
    axes.figure.colorbar(shown, ax=axes, label=label, extend="both")
    axes.set(xlabel="error along x, m/s", ylabel="error along y, m/s")
    axes.set_title(f"{away.size} orbits", loc="left")
    fallen = (~found.success).sum()
    work = f"{found.nfev.sum():.3g} evaluations, {seconds:.2f} s"
    return f"{away.size} orbits, {fallen} fell into a body, {work}"


def main() -> None:
    """Draw both halves."""
    plt.rcParams |= {"font.size": 9, "axes.titlesize": 9.5}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.2), constrained_layout=True)
    draw_fan(left)
    print(draw_map(right))
    figure.savefig(TARGET, dpi=110)
    image = Image.open(TARGET).convert("RGB").quantize(160, dither=Image.Dither.NONE)
    image.save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {image.size}, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
