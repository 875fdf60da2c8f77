"""The elevation model, its units, and hillslope diffusion with NumPy alone."""

from __future__ import annotations

import dataclasses

import matplotlib.cbook
import numpy as np
from numpy.typing import NDArray

DIFFUSIVITY = 10.0  # m²/kyr = 0.01 m²/yr, soil creep: Fernandes & Dietrich 1997, 10.1029/97WR00534
DURATION = 2000.0  # kyr
STEP = 2.0  # kyr; the largest stable step is 168 kyr


@dataclasses.dataclass(frozen=True)
class Terrain:
    """Elevations in metres on a grid whose cells are `dy` by `dx` metres, north up."""

    elevation: NDArray[np.float64]
    dy: float
    dx: float

    @property
    def steps(self) -> int:
        """Number of steps in the whole time."""
        return round(DURATION / STEP)

    @property
    def tolerance(self) -> float:
        """Largest rounding error, in metres.

        One step of the five-point formula rounds about 6 times, each by at most half an ulp
        of the largest elevation, and a stable step does not enlarge what came before; two
        programs differ by twice that.
        """
        ulp = float(np.spacing(self.elevation.max()))
        return 2 * self.steps * 6 * 0.5 * ulp


def load() -> Terrain:
    """Return the SRTM model of the Jacksboro fault, Tennessee, from matplotlib's sample data."""
    with matplotlib.cbook.get_sample_data("jacksboro_fault_dem.npz") as data:
        elevation = data["elevation"].astype(np.float64)
        latitude = np.radians(0.5 * (float(data["ymin"]) + float(data["ymax"])))
        degrees_y, degrees_x = float(data["dy"]), float(data["dx"])
    # Lengths of one degree on the WGS 84 ellipsoid, from its radii of curvature.
    major, eccentricity2 = 6378137.0, 0.00669437999014
    root = 1.0 - eccentricity2 * np.sin(latitude) ** 2
    meridian = major * (1.0 - eccentricity2) / root**1.5
    parallel = major / root**0.5 * np.cos(latitude)
    return Terrain(
        elevation,
        dy=float(np.radians(degrees_y) * meridian),
        dx=float(np.radians(degrees_x) * parallel),
    )


def numpy_diffuse(terrain: Terrain, steps: int) -> NDArray[np.float64]:
    """Return the elevation after `steps` explicit steps with closed edges (no flux)."""
    ry = DIFFUSIVITY * STEP / terrain.dy**2
    rx = DIFFUSIVITY * STEP / terrain.dx**2
    rows, columns = terrain.elevation.shape
    u = np.empty((rows + 2, columns + 2))  # with a margin of one cell
    u[1:-1, 1:-1] = terrain.elevation
    inner = u[1:-1, 1:-1]
    for _ in range(steps):
        u[0], u[-1] = u[1], u[-2]
        u[:, 0], u[:, -1] = u[:, 1], u[:, -2]
        inner += ry * (u[:-2, 1:-1] - 2.0 * inner + u[2:, 1:-1]) + rx * (
            u[1:-1, :-2] - 2.0 * inner + u[1:-1, 2:]
        )
    return inner.copy()
