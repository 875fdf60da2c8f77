"""n-body: the sun and four planets, all pairs, a symplectic Euler step. One thread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ferrotran_compare import _native
from ferrotran_compare._chapel import call, chapel
from ferrotran_compare._jit import inline, jit
from ferrotran_compare._registry import Kernel, compiled, languages, lists, native, serial

SUN = 4 * math.pi**2  # solar mass in AU³ / year²
DAYS = 365.24  # days of a year
STEP = 0.01  # years

# Mass in solar masses; position in AU, velocity in AU / day: the constants of the benchmark.
PLANETS = {
    "Jupiter": (
        9.54791938424326609e-04,
        (4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01),
        (1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05),
    ),
    "Saturn": (
        2.85885980666130812e-04,
        (8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01),
        (-2.76742510726411899e-03, 4.99852801234917238e-03, 2.30417297573763929e-05),
    ),
    "Uranus": (
        4.36624404335156298e-05,
        (1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01),
        (2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05),
    ),
    "Neptune": (
        5.15138902046611451e-05,
        (1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01),
        (2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05),
    ),
}


def inputs(steps: int) -> tuple[Any, ...]:
    """Steps, their length, masses, positions and velocities; the sun's takes up the momentum."""
    mass = np.array([1.0, *(m for m, _, _ in PLANETS.values())]) * SUN
    x = np.array([(0.0, 0.0, 0.0), *(x for _, x, _ in PLANETS.values())])
    v = np.array([(0.0, 0.0, 0.0), *(v for _, _, v in PLANETS.values())]) * DAYS
    v[0] = -(mass[:, None] * v).sum(axis=0) / SUN
    return steps, STEP, mass, x, v


def python_energy(m: list[float], x: list[list[float]], v: list[list[float]]) -> float:
    """Kinetic and potential energy."""
    e = 0.0
    for i in range(len(m)):
        e += 0.5 * m[i] * (v[i][0] * v[i][0] + v[i][1] * v[i][1] + v[i][2] * v[i][2])
        for j in range(i + 1, len(m)):
            dx, dy, dz = x[i][0] - x[j][0], x[i][1] - x[j][1], x[i][2] - x[j][2]
            e -= m[i] * m[j] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return e


def python(
    steps: int, dt: float, m: list[float], x: list[list[float]], v: list[list[float]]
) -> np.ndarray:
    """Loops over lists."""
    x, v = [row[:] for row in x], [row[:] for row in v]
    before = python_energy(m, x, v)
    pairs = [
        (x[i], v[i], m[i], x[j], v[j], m[j]) for i in range(len(m)) for j in range(i + 1, len(m))
    ]
    bodies = list(zip(x, v))
    for _ in range(steps):
        for xi, vi, mi, xj, vj, mj in pairs:
            dx, dy, dz = xi[0] - xj[0], xi[1] - xj[1], xi[2] - xj[2]
            d2 = dx * dx + dy * dy + dz * dz
            pull = dt / (d2 * math.sqrt(d2))
            from_j, from_i = mj * pull, mi * pull
            vi[0] -= dx * from_j
            vi[1] -= dy * from_j
            vi[2] -= dz * from_j
            vj[0] += dx * from_i
            vj[1] += dy * from_i
            vj[2] += dz * from_i
        for xi, vi in bodies:
            xi[0] += dt * vi[0]
            xi[1] += dt * vi[1]
            xi[2] += dt * vi[2]
    return np.array([before, python_energy(m, x, v)])


def numpy_energy(m: np.ndarray, x: np.ndarray, v: np.ndarray) -> float:
    """Kinetic and potential energy."""
    i, j = np.triu_indices(len(m), 1)
    distance = np.sqrt(((x[i] - x[j]) ** 2).sum(axis=1))
    return 0.5 * (m * (v * v).sum(axis=1)).sum() - (m[i] * m[j] / distance).sum()


def numpy(steps: int, dt: float, m: np.ndarray, x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """All pairs at once, each in both directions."""
    x, v = x.copy(), v.copy()
    before = numpy_energy(m, x, v)
    itself = np.eye(len(m))
    weights = m * dt
    for _ in range(steps):
        d = x[:, None, :] - x[None, :, :]
        d2 = (d * d).sum(axis=2) + itself
        v -= (d * (weights / (d2 * np.sqrt(d2)))[:, :, None]).sum(axis=1)
        x += dt * v
    return np.array([before, numpy_energy(m, x, v)])


@inline
def numba_energy(m: np.ndarray, x: np.ndarray, v: np.ndarray) -> float:
    """Kinetic and potential energy."""
    e = 0.0
    for i in range(len(m)):
        e += 0.5 * m[i] * (v[i, 0] * v[i, 0] + v[i, 1] * v[i, 1] + v[i, 2] * v[i, 2])
        for j in range(i + 1, len(m)):
            dx, dy, dz = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1], x[i, 2] - x[j, 2]
            e -= m[i] * m[j] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return e


@jit()
def numba(steps: int, dt: float, m: np.ndarray, x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Loops over arrays."""
    x, v = x.copy(), v.copy()
    before = numba_energy(m, x, v)
    for _ in range(steps):
        for i in range(len(m)):
            for j in range(i + 1, len(m)):
                dx, dy, dz = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1], x[i, 2] - x[j, 2]
                d2 = dx * dx + dy * dy + dz * dz
                pull = dt / (d2 * math.sqrt(d2))
                from_j, from_i = m[j] * pull, m[i] * pull
                v[i, 0] -= dx * from_j
                v[i, 1] -= dy * from_j
                v[i, 2] -= dz * from_j
                v[j, 0] += dx * from_i
                v[j, 1] += dy * from_i
                v[j, 2] += dz * from_i
        for i in range(len(m)):
            for k in range(3):
                x[i, k] += dt * v[i, k]
    return np.array([before, numba_energy(m, x, v)])


def energies(language: str, *rest: Any) -> np.ndarray:
    """Energies of the native kernels."""
    return _native.nbody(language, *rest)[0]


def in_chapel(
    threads: int, steps: int, dt: float, m: np.ndarray, x: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Body by body; one task."""
    energy = np.empty(2)
    call("nbody", len(m), steps, dt, m, x.copy(), v.copy(), energy)
    return energy


KERNEL = Kernel(
    name="nbody",
    what="arithmetic on few numbers: a divide and a root for each of ten pairs",
    workload="{size} steps of the sun and four planets, all pairs; the energy before and after",
    quick=20_000,
    full=400_000,
    sizes=(100, 1_000, 10_000, 100_000),
    inputs=inputs,
    languages=languages(
        **native(energies, parallel=False),
        chapel=chapel(in_chapel, parallel=False),
        numpy=serial(numpy),
        python=serial(python, prepare=lists),
        numba=compiled(numba),
    ),
    tolerance=lambda steps: 5e-10,
    why="nine digits, as many as the benchmark prints; the steps amplify the rounding",
)
