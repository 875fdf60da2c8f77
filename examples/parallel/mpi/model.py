"""How long a step of `heat_mpi` takes: a model of compute, messages and reductions.

Between two exchanges a rank takes k steps, with a halo of k cells::

    t_round = max(interior, halo) + rims + check
    interior  = c k m n + o               the block, while the halo travels
    halo      = s latency + bytes / bandwidth, s messages of the block's sides and corners
    rims      = c_rim k sum(3 k length) + sides o
    check     = (c_check m n + ceil(log2 P) reduction) k / every
    t_step    = t_round / k

m x n is the largest block of P ranks, c the time of a cell and step when the kernel takes k steps
at once on so large a block, c_rim that on strips 3 k wide, o that of calling the kernel, c_check
that of comparing a cell with its value at the last test. Noise, imbalance and shared memory
bandwidth are left out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

#: A check of convergence after so many steps.
EVERY = 100


@dataclasses.dataclass(frozen=True)
class Machine:
    """Constants of a machine, in seconds and bytes per second."""

    latency: float  #: of a message of a few bytes
    bandwidth: float  #: of one rank
    reduction: float  #: of one stage of Allreduce of a number
    call: float  #: of the kernel, without work
    check: float  #: of a test of convergence, per cell
    cells: Mapping[int, Mapping[int, float]]  #: per cell and step: by side of a block, by halo
    strips: Mapping[int, float]  #: the same on strips three halos wide, by halo

    def cell(self, size: float, halo: int) -> float:
        """Return the time of a cell and step of a block of so many cells."""
        sides = sorted(self.cells)
        times = [self.cells[side][halo] for side in sides]
        return float(np.interp(0.5 * math.log(size), np.log(sides), times))


@dataclasses.dataclass(frozen=True)
class Step:
    """The parts of the time of one step, in seconds."""

    interior: float
    halo: float
    rims: float
    check: float

    @property
    def total(self) -> float:
        """With the messages behind the interior."""
        return max(self.interior, self.halo) + self.rims + self.check

    @property
    def in_turn(self) -> float:
        """With nothing behind anything: what an MPI that moves no data by itself comes to."""
        return self.interior + self.halo + self.rims + self.check

    @property
    def largest(self) -> str:
        """The name of the part that takes longest."""
        parts = dataclasses.asdict(self)
        return max(parts, key=parts.__getitem__)


def dims(ranks: int) -> tuple[int, int]:
    """Return the rows and columns of ranks nearest to a square, as ``MPI_Dims_create``."""
    columns = max(d for d in range(1, math.isqrt(ranks) + 1) if ranks % d == 0)
    return ranks // columns, columns


def step(
    machine: Machine, shape: tuple[int, int], ranks: int, halo: int, cores: float = math.inf
) -> Step:
    """Return the time of a step of the rank with the largest block and most neighbours.

    With more ranks than `cores`, computing takes as many times longer.
    """
    m, n = (-(-cells // parts) for cells, parts in zip(shape, dims(ranks)))
    # Sides of the block with a neighbour: none, one or two on each axis.
    rows, columns = (min(2, parts - 1) for parts in dims(ranks))
    turns = max(1.0, ranks / cores)
    cell = turns * machine.cell(m * n, halo)
    messages = rows + columns + rows * columns
    values = halo * (rows * n + columns * m) + rows * columns * halo * halo
    m_padded, n_padded = m + rows * halo, n + columns * halo
    strips = 3 * halo * (rows * n_padded + columns * m_padded)
    stages = math.ceil(math.log2(ranks)) if ranks > 1 else 0
    return Step(
        interior=cell * m * n + turns * machine.call / halo,
        halo=(messages * machine.latency + 8 * values / machine.bandwidth) / halo,
        rims=turns * (machine.strips[halo] * strips + (rows + columns) * machine.call / halo),
        check=(turns * machine.check * m * n + stages * machine.reduction) / EVERY,
    )


def best(machine: Machine, shape: tuple[int, int], ranks: int) -> tuple[int, Step]:
    """Return the halo with the shortest step, and that step."""
    least = min(cells // parts for cells, parts in zip(shape, dims(ranks)))
    halos = [halo for halo in machine.strips if halo <= max(least, 1)]
    return min(((h, step(machine, shape, ranks, h)) for h in halos), key=lambda x: x[1].total)
