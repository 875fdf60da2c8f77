"""The part of a grid that one rank owns, and the cells around it that belong to others."""

from __future__ import annotations

import itertools

import numpy as np
import ranks
from ferrotran.stencil import heat2d
from mpi4py import MPI

Window = tuple[slice, slice]


class Block:
    """One rank's part of a grid of cells.

    The ranks form a Cartesian grid of their own. A block keeps, on each side on which it has a
    neighbour, `halo` rows or columns of that neighbour's cells. With them it can take up to
    `halo` steps between two exchanges: each step spoils one more row of the halo, and never a
    cell of its own.

    Parameters
    ----------
    comm : MPI.Comm
        The ranks.
    shape : (int, int)
        Rows and columns of the whole grid.
    halo : int
        Most steps between two exchanges.
    edges : {"dirichlet", "neumann", "periodic"}
        What the sides of the whole grid do.
    dims : (int, int), optional
        Rows and columns of ranks; by default ``MPI_Dims_create`` chooses.
    """

    def __init__(
        self,
        comm: MPI.Comm,
        shape: tuple[int, int],
        halo: int,
        edges: str = "dirichlet",
        dims: tuple[int, int] | None = None,
    ) -> None:
        if dims is not None and dims[0] * dims[1] != comm.size:
            raise ranks.Refused(f"`dims` is {dims[0]} x {dims[1]}, expected {comm.size} ranks")
        dims = tuple(dims or MPI.Compute_dims(comm.size, 2))
        periodic = edges == "periodic"
        for name, cells, parts in zip(("rows", "columns"), shape, dims):
            if halo > cells // parts and (parts > 1 or periodic):
                raise ranks.Refused(
                    f"`halo` is {halo}, expected at most {cells // parts}, the {name} of the "
                    f"smallest of {dims[0]} x {dims[1]} blocks"
                )
        self.cart = comm.Create_cart(dims, periods=[periodic] * 2, reorder=True)
        self.shape, self.dims, self.halo, self.edges = shape, dims, halo, edges
        at = self.cart.Get_coords(self.cart.rank)
        #: First row and column in the whole grid, and how many there are.
        self.start = tuple(cells * c // parts for cells, c, parts in zip(shape, at, dims))
        ends = [cells * (c + 1) // parts for cells, c, parts in zip(shape, at, dims)]
        self.size = tuple(end - start for start, end in zip(self.start, ends))
        #: Width of the halo before and after the block, on each axis.
        before = [halo if periodic or c > 0 else 0 for c in at]
        after = [halo if periodic or c < parts - 1 else 0 for c, parts in zip(at, dims)]
        self.padded = tuple(b + s + a for b, s, a in zip(before, self.size, after))
        self.own: Window = tuple(slice(b, b + s) for b, s in zip(before, self.size))
        self.u, self.v = np.zeros(self.padded), np.zeros(self.padded)
        self._sides = self._neighbours(at, before, after)
        self._frames = list(self._rims(before, after))

    @property
    def cells(self) -> np.ndarray:
        """The block's own cells, a view."""
        return self.u[self.own]

    def subarray(self, window: Window) -> MPI.Datatype:
        """Return the type of a part of the array that holds the block and its halo."""
        size, start = [w.stop - w.start for w in window], [w.start for w in window]
        return MPI.DOUBLE.Create_subarray(self.padded, size, start).Commit()

    def _neighbours(
        self, at: list[int], before: list[int], after: list[int]
    ) -> list[tuple[int, int, MPI.Datatype, MPI.Datatype]]:
        """Rank, number of the side, what is sent, what is received, for up to 8 sides."""
        found = []
        sides = list(itertools.product((-1, 0, 1), repeat=2))
        for number, side in enumerate(sides):
            if side == (0, 0) or any(
                (d < 0 and not b) or (d > 0 and not a) for d, b, a in zip(side, before, after)
            ):
                continue
            rank = self.cart.Get_cart_rank([c + d for c, d in zip(at, side)])
            inner, outer = zip(*(self._strips(d, w) for d, w in zip(side, self.own)))
            found.append((rank, number, self.subarray(inner), self.subarray(outer)))
        return found

    def _strips(self, side: int, own: slice) -> tuple[slice, slice]:
        """On one axis, what a neighbour on that side needs and what it gives."""
        if side == 0:
            return own, own
        edge = own.start if side < 0 else own.stop
        low, high = slice(edge - self.halo, edge), slice(edge, edge + self.halo)
        return (high, low) if side < 0 else (low, high)

    def _rims(self, before: list[int], after: list[int]):  # noqa: ANN202
        """For each side with a neighbour: cells needed, those of them that come out, their place.

        Cells of the block within `halo` of a neighbour need the halo; they are computed from a
        strip three halos wide, whose middle third is right.
        """
        for axis, width in itertools.product((0, 1), (before, after)):
            if width[axis] == 0:
                continue
            own, limit = self.own[axis], self.padded[axis]
            edge = own.start if width is before else own.stop - self.halo
            need = slice(max(edge - self.halo, 0), min(edge + 2 * self.halo, limit))
            rim = slice(edge, edge + self.halo)
            window = [slice(0, p) for p in self.padded]
            inside, target = list(self.own), list(self.own)
            window[axis], target[axis] = need, rim
            inside[axis] = slice(rim.start - need.start, rim.stop - need.start)
            scratch = np.empty([w.stop - w.start for w in window])
            yield tuple(window), scratch, tuple(inside), tuple(target)

    def exchange(self) -> list[MPI.Request]:
        """Start to fill the halo; the block's own cells may be read meanwhile."""
        arriving = [
            self.cart.Irecv([self.u, 1, outer], rank, tag=8 - number)
            for rank, number, _, outer in self._sides
        ]
        leaving = [
            self.cart.Isend([self.u, 1, inner], rank, tag=number)
            for rank, number, inner, _ in self._sides
        ]
        return arriving + leaving

    def advance(self, diffusivity: float, dt: float, steps: int) -> None:
        """Take up to `halo` steps with one exchange, behind which the interior is computed.

        Every cell has the bits of `heat2d` on the whole grid: it computes a cell by one
        expression, wherever the array around it ends.
        """
        # At a side with a neighbour the kernel's own edge spoils cells that the rims replace.
        edges = "neumann" if self.edges == "neumann" else "dirichlet"
        requests = self.exchange()
        heat2d(self.u[self.own], diffusivity, dt, steps, edges=edges, out=self.v[self.own])
        MPI.Request.Waitall(requests)
        for window, scratch, inside, target in self._frames:
            heat2d(self.u[window], diffusivity, dt, steps, edges=edges, out=scratch)
            self.v[target] = scratch[inside]
        self.u, self.v = self.v, self.u

    def change(self, before: np.ndarray) -> float:
        """Return the largest change of any cell of the grid since `before`, which is overwritten.

        NaN becomes infinity. A maximum does not depend on the order of its terms, so all numbers
        of ranks find one value.
        """
        moved = np.subtract(self.cells, before, out=before)
        most = float(np.maximum(moved.max(), -moved.min()))
        return self.cart.allreduce(most if np.isfinite(most) else np.inf, MPI.MAX)
